extension Rule {
    /// Why work may fail: given up after too many crashes, or because of something it depends on that was.
    private static let unlucky: Set<String> = ["process_lost", "dependency_failed"]

    /// Everything has come to one end, and to one that fits.
    static let endings: [Rule] = [
        Rule(ofEach: "everything has ended") { organization, _ in
            organization.executions.filter { !$0.hasEnded }.map { "\($0.id) is \($0.state)" }
        },
        Rule(ofEach: "work ends as it should") { organization, _ in
            let known = organization.executionsByID
            return organization.accepted.compactMap { accepted in
                guard let execution = accepted.execution.flatMap({ known[$0] }) else { return nil }
                return fits(execution, accepted, known)
                    ? nil
                    : "\(accepted.script.text) \(execution.id) is \(execution.state) (\(execution.errorCode ?? "no error"))"
            }
        },
        Rule(ofEach: "the log tells of one end") { organization, _ in
            var ends: [String: [String]] = [:]
            for event in organization.events {
                guard let execution = event.execution, event.type.hasPrefix("execution.") else { continue }
                let state = String(event.type.dropFirst("execution.".count))
                if ExecutionEntry.ends.contains(state) { ends[execution, default: []].append(state) }
            }
            return organization.executions.compactMap { execution in
                let told = ends[execution.id] ?? []
                let expected = execution.hasEnded ? [execution.state] : []
                return told == expected ? nil : "\(execution.id) is \(execution.state), the log says \(told)"
            }
        },
        Rule(ofEach: "the log has no gap and no stranger") { organization, _ in
            let known = Set(organization.executions.map(\.id))
            let positions = organization.events.map(\.position)
            let isDense = positions == Array(1..<(positions.count + 1))
            return (isDense ? [] : ["its places are not 1 to \(positions.count)"])
                + organization.events.compactMap(\.execution).filter { !known.contains($0) }.map { "tells of \($0)" }
        },
        Rule(ofEach: "poison is given up in time") { organization, history in
            let known = organization.executionsByID
            return organization.accepted.filter(\.script.isPoison).compactMap { accepted in
                guard let execution = accepted.execution.flatMap({ known[$0] }) else { return nil }
                let victims = history.poisonings[accepted.script.work] ?? 0
                guard execution.isDead, execution.errorCode == "process_lost" else {
                    return "\(execution.id) is \(execution.state), and no dead letter"
                }
                return victims <= 3 ? nil : "\(execution.id) took \(victims) processes with it"
            }
        },
    ]

    private static func fits(
        _ execution: ExecutionEntry, _ accepted: Accepted, _ known: [String: ExecutionEntry]
    ) -> Bool {
        switch execution.state {
        case "completed": return !accepted.script.isPoison && !accepted.script.isHopeless
        case "cancelled": return accepted.wasCancelled
        case "failed":
            guard let code = execution.errorCode else { return false }
            if code == "dependency_failed" {
                return accepted.dependsOn.flatMap { known[$0]?.state }.map { $0 != "completed" } ?? false
            }
            if code == "provider_failed" { return accepted.mayFailByProvider }
            return unlucky.contains(code) && execution.crashes >= 3
        default: return true  // Said by another rule.
        }
    }
}

extension Accepted {
    /// A turn in a conversation is tried once; a task goes on after what passes.
    fileprivate var mayFailByProvider: Bool {
        if script.isHopeless { return true }
        guard case .conversation = door else { return false }
        return script.turns.contains { $0.stumble != nil && $0.stumble != .thoughtful }
    }
}
