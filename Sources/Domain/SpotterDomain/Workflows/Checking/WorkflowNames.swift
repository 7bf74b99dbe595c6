/// What an expression of a workflow or a plan may name at one place of it.
struct WorkflowNames: ExpressionVocabulary {
    /// What one of the nodes has that can be read.
    struct Family: Sendable {
        /// `nodes` of a workflow, `steps` of a plan.
        let name: String
        /// What one is called.
        let noun: String
        let members: [String]

        static let nodes = Family(name: "nodes", noun: "node", members: ["output", "approved", "state"])
        static let steps = Family(name: "steps", noun: "step", members: ["data"])
    }

    /// What is the same all over the document.
    struct Document: Sendable {
        let family: Family
        let ids: [String]
        let places: [String: Int]
        let isApproval: [Bool]
        let variables: [String: WorkflowVariable]?
    }

    let document: Document
    /// The nodes that may have run before; nil where that is not known.
    let before: NodeSet?
    /// Whether what came of the node can be named.
    var hasOutput = false

    func facts(of reference: ExpressionReference) throws(ExpressionError) -> ExpressionFacts {
        switch reference.root {
        case "input": return .anything
        case "output" where hasOutput: return .anything
        case "output":
            throw fault(reference, "`output` can be named only in a node's `set`")
        case "vars" where document.variables != nil: return try variable(reference)
        case document.family.name: return try node(reference)
        default:
            let known = ["input", document.family.name] + (document.variables == nil ? [] : ["vars"])
            let hint = DidYouMean.hint(for: reference.root, among: known)
            throw fault(
                reference,
                "there is nothing called \(reference.root.prefix(40)): there are \(known.joined(separator: ", "))\(hint)"
            )
        }
    }

    private func fault(_ reference: ExpressionReference, _ message: String) -> ExpressionError {
        ExpressionError(.unknownName, at: reference.at, message)
    }

    private func variable(_ reference: ExpressionReference) throws(ExpressionError) -> ExpressionFacts {
        let variables = document.variables ?? [:]
        guard let name = reference.names.first else { return reference.isWhole ? ExpressionFacts(.object) : .anything }
        guard let variable = variables[name] else {
            let hint = DidYouMean.hint(for: name, among: variables.keys.sorted())
            throw fault(reference, "there is no variable \(name.prefix(64))\(hint)")
        }
        let kinds = ExpressionKinds(of: variable.type)
        guard reference.names.count == 1, reference.isWhole else {
            guard kinds.isDisjoint(with: [.array, .object]) else { return .anything }
            throw ExpressionError(
                .typeMismatch, at: reference.at,
                "the variable \(name) is \(kinds.words), which has nothing that could be read of it")
        }
        return ExpressionFacts(kinds.union(.null), values: variable.values)
    }

    private func node(_ reference: ExpressionReference) throws(ExpressionError) -> ExpressionFacts {
        let family = document.family
        guard let id = reference.names.first else {
            throw fault(reference, "must say which \(family.noun) is meant, as in \(family.name).name")
        }
        guard let place = document.places[id] else {
            let hint = document.ids.count <= 100 ? DidYouMean.hint(for: id, among: document.ids) : ""
            throw fault(reference, "there is no \(family.noun) \(id.prefix(64))\(hint)")
        }
        if let before, !before.contains(place) {
            throw fault(reference, "the \(family.noun) \(id) cannot have run before: no way leads from it to here")
        }
        guard reference.names.count > 1 else {
            guard reference.isWhole else {
                throw fault(reference, "must say what is read of \(id): \(family.members.joined(separator: ", "))")
            }
            return ExpressionFacts(.object)
        }
        return try member(reference.names[1], of: place, reference)
    }

    private func member(
        _ name: String, of place: Int, _ reference: ExpressionReference
    ) throws(ExpressionError) -> ExpressionFacts {
        let family = document.family
        guard family.members.contains(name) else {
            let hint = DidYouMean.hint(for: name, among: family.members)
            throw fault(
                reference,
                "a \(family.noun) has no \(name.prefix(64)): there is \(family.members.joined(separator: ", "))\(hint)")
        }
        if name == "approved", !document.isApproval[place] {
            throw fault(reference, "\(document.ids[place]) asks nobody: only a human_approval is approved")
        }
        guard reference.names.count == 2, reference.isWhole else {
            if name == "approved" || name == "state" {
                throw ExpressionError(.typeMismatch, at: reference.at, "\(name) has nothing that could be read of it")
            }
            return .anything
        }
        switch name {
        case "approved": return ExpressionFacts([.boolean, .null])
        case "state": return ExpressionFacts([.string, .null])
        default: return .anything
        }
    }
}
