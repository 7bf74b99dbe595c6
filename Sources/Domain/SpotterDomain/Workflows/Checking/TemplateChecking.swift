extension JSONTemplate {
    /// Every placeholder with the pointer of its string.
    func eachPlaceholder(_ visit: (String, Placeholder) -> Void) { root.eachPlaceholder(at: "", visit) }

    /// What is known of what it gives.
    func facts(knowing names: WorkflowNames) -> ExpressionFacts { root.facts(knowing: names) }

    /// The part of an object that is called so; nil where it has none or is no object.
    func part(_ name: String) -> Part? { root.part(name) }
}

extension JSONTemplate.Part {
    func part(_ name: String) -> JSONTemplate.Part? {
        switch self {
        case .literal(let value): value[name].map { .literal($0) }
        case .object(let members): members.first { $0.name == name }?.part
        default: nil
        }
    }

    func facts(knowing names: WorkflowNames) -> ExpressionFacts {
        switch self {
        case .literal(let value): return ExpressionFacts(ExpressionKinds(of: value), values: value.string.map { [$0] })
        case .value(let placeholder):
            var checker = ExpressionChecker(names)
            let facts = checker.facts(of: placeholder.expression)
            return checker.errors.isEmpty ? facts : .anything
        case .text: return ExpressionFacts(.string)
        case .array: return ExpressionFacts(.array)
        case .object: return ExpressionFacts(.object)
        }
    }

    fileprivate func eachPlaceholder(at pointer: String, _ visit: (String, JSONTemplate.Placeholder) -> Void) {
        switch self {
        case .literal: break
        case .value(let placeholder): visit(pointer, placeholder)
        case .text(let pieces): for case .value(let placeholder) in pieces { visit(pointer, placeholder) }
        case .array(let parts):
            for (index, part) in parts.enumerated() { part.eachPlaceholder(at: "\(pointer)/\(index)", visit) }
        case .object(let members):
            for member in members {
                member.part.eachPlaceholder(at: "\(pointer)/\(JSONSchema.escape(member.name))", visit)
            }
        }
    }
}

extension JSONSchema {
    /// What is wrong with what a template gives, as far as that is known: members that are unknown or missing, parts
    /// without placeholders, and placeholders that never give the right kind.
    func issues(in part: JSONTemplate.Part, knowing names: WorkflowNames) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        check(part, at: "", knowing: names, into: &issues)
        return Array(issues.prefix(20))
    }

    private func check(
        _ part: JSONTemplate.Part, at pointer: String, knowing names: WorkflowNames, into issues: inout [FieldIssue]
    ) {
        switch part {
        case .literal(let value):
            issues += self.issues(in: value).map { FieldIssue(pointer: pointer + $0.pointer, message: $0.message) }
        case .array(let parts) where kind == .array && elements.count == 1:
            for (index, part) in parts.enumerated() {
                elements[0].check(part, at: "\(pointer)/\(index)", knowing: names, into: &issues)
            }
        case .object(let members) where kind == .object:
            for member in members {
                let place = "\(pointer)/\(Self.escape(member.name))"
                guard let schema = elements.first ?? self[member.name]?.schema else {
                    let hint = DidYouMean.hint(for: member.name, among: properties.map(\.name))
                    issues.append(FieldIssue(pointer: place, message: "unknown field\(hint)"))
                    continue
                }
                schema.check(member.part, at: place, knowing: names, into: &issues)
            }
            for property in properties where property.isRequired {
                guard !members.contains(where: { $0.name == property.name }) else { continue }
                issues.append(FieldIssue(pointer: "\(pointer)/\(property.name)", message: "is required"))
            }
        default:
            let facts = part.facts(knowing: names)
            if facts.kinds.isDisjoint(with: accepted) {
                issues.append(
                    FieldIssue(pointer: pointer, message: "must be \(accepted.words), not \(facts.kinds.words)"))
            }
        }
    }

    private var accepted: ExpressionKinds {
        let own: ExpressionKinds =
            switch kind {
            case .any: .any
            case .object: .object
            case .array: .array
            case .string: .string
            case .integer, .number: .number
            case .boolean: .boolean
            }
        return isNullable ? own.union(.null) : own
    }
}
