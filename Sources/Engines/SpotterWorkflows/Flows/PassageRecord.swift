import SpotterDomain

/// Where a run went from a node, and what its variables became: written down once, so that everybody who reads the
/// journal later goes the same way.
struct PassageRecord {
    /// The ids of the nodes to which the edges lead that were taken.
    let next: Set<String>
    /// The variables that were set.
    let variables: [(name: String, value: JSONValue)]
    /// The error that was taken care of; nil if the node ended well.
    let error: ExecutionError?

    init(next: [String], variables: [(name: String, value: JSONValue)] = [], error: ExecutionError? = nil) {
        self.next = Set(next)
        self.variables = variables
        self.error = error
    }

    /// Reads what `json` writes; what is missing is empty.
    init(_ json: JSONValue?) {
        next = Set((json?["next"]?.array ?? []).compactMap(\.string))
        variables = (json?["variables"]?.object).map { $0.map { (name: $0.key, value: $0.value) } } ?? []
        error = json?["error"].flatMap { error in
            guard let code = error["code"]?.string else { return nil }
            return ExecutionError(code: code, message: error["message"]?.string ?? "")
        }
    }

    var json: JSONValue {
        var object = JSONObject()
        object["next"] = .array(next.sorted().map(JSONValue.string))
        if !variables.isEmpty {
            var set = JSONObject()
            for (name, value) in variables { set[name] = value }
            object["variables"] = .object(set)
        }
        if let error {
            object["error"] = ["code": .string(error.code), "message": .string(error.message)]
        }
        return .object(object)
    }
}
