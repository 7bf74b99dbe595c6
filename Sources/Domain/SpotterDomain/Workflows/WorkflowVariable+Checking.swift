extension WorkflowVariable {
    /// What keeps it from holding a value; nil where it may. Null stands for nothing yet and is always taken.
    public func problem(with value: JSONValue) -> String? {
        let isRight =
            switch (type, value) {
            case (_, .null), (.string, .string), (.boolean, .bool), (.array, .array), (.object, .object): true
            case (.number, .int), (.number, .double), (.integer, .int): true
            case (.integer, .double(let number)): Int64(exactly: number) != nil
            default: false
            }
        guard isRight else {
            let wanted = type == .integer ? "a whole number" : ExpressionKinds(of: type).words
            return "must be \(wanted), not \(value.kindName)"
        }
        guard let values, let text = value.string, !values.contains(text) else { return nil }
        return "must be one of \(values.joined(separator: ", "))\(DidYouMean.hint(for: text, among: values))"
    }
}

extension CheckedWorkflow {
    /// What the variables hold where a run begins: of the input what has their names, or else their defaults, or null.
    ///
    /// - Throws: `SpotterError` with code `.invalid` and every member of the input that a variable cannot hold, or that is
    ///   required and not there.
    public func variables(startedWith input: JSONObject) throws -> JSONObject {
        var issues: [FieldIssue] = []
        var values = JSONObject()
        for (name, variable) in variables.sorted(by: { $0.key < $1.key }) {
            let given = input[name] ?? .null
            if let problem = variable.problem(with: given) {
                issues.append(FieldIssue(pointer: "/\(name)", message: problem))
            } else if given.isNull, variable.required == true {
                issues.append(FieldIssue(pointer: "/\(name)", message: "is required"))
            }
            values[name] = given.isNull ? variable.default ?? .null : given
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return values
    }
}
