import SpotterDomain
import SpotterEngine

/// What an agent on its own is given beside its task: its bounds, and whom it may give work to.
struct AutonomousBrief: Sendable {
    let maxIterations: Int
    let maxConsecutiveErrors: Int
    let isDryRun: Bool
    /// How long a colleague may take.
    let timeoutSeconds: Int
    /// The other agents of the organisation that are enabled.
    let colleagues: [Agent]

    /// The run of a colleague.
    ///
    /// - Throws: `ToolFailure` that names those there are.
    func order(for wanted: DelegationArguments, name: String) throws -> ChildOrder {
        let colleague = try colleague(for: wanted)
        if let input = wanted.input, input.object == nil { throw ToolFailure("input must be an object.") }
        var input = JSONObject()
        input["title"] = .string(String(wanted.task.prefix { $0 != "\n" }.prefix(200)))
        input["description"] = .string(wanted.task)
        input["input"] = wanted.input ?? .object(JSONObject())
        input["timeout_seconds"] = .int(Int64(timeoutSeconds))
        input["kind"] = .string(Execution.Kind.autonomous.rawValue)
        if isDryRun { input["dry_run"] = true }
        return ChildOrder(
            name: name, kind: .autonomous, agent: colleague.id, agentVersion: colleague.version, input: .object(input),
            timeout: .seconds(timeoutSeconds))
    }

    private func colleague(for wanted: DelegationArguments) throws -> Agent {
        switch (wanted.agent, wanted.capability) {
        case (let name?, nil):
            let found = colleagues.first { agent in
                agent.id.description == name || agent.settings.role == name
                    || FoldedText.fold(agent.settings.name) == FoldedText.fold(name)
            }
            guard let found else { throw ToolFailure("There is no colleague \(name). \(known)") }
            return found
        case (nil, let capability?):
            guard let best = Agent.best(for: [capability], among: colleagues) else {
                let all = Set(colleagues.flatMap { $0.settings.capabilities ?? [] }).sorted()
                throw ToolFailure("No colleague can do \(capability). They can: \(all.joined(separator: ", ")).")
            }
            return best
        default: throw ToolFailure("Give either agent or capability. \(known)")
        }
    }

    private var known: String {
        guard !colleagues.isEmpty else { return "You have no colleagues: do it yourself." }
        return "Colleagues: " + colleagues.map { $0.settings.role ?? $0.settings.name }.joined(separator: ", ") + "."
    }

    /// The colleagues as a prompt names them.
    var introduction: String {
        guard !colleagues.isEmpty else { return "None: you work alone." }
        return colleagues.map { agent in
            let abilities = (agent.settings.capabilities ?? []).joined(separator: ", ")
            let name = agent.settings.role.map { "\(agent.settings.name) (`\($0)`)" } ?? agent.settings.name
            return "- \(name): \(agent.settings.description ?? "")" + (abilities.isEmpty ? "" : " Can: \(abilities).")
        }.joined(separator: "\n")
    }
}
