/// What happened in a run, in figures.
struct Summary: Sendable {
    let text: String

    init(_ history: History) {
        let executions = history.organizations.flatMap(\.executions)
        let accepted = history.organizations.flatMap(\.accepted)
        let states = Dictionary(grouping: executions, by: \.state).mapValues(\.count)
        let deliveries = history.effects.map(\.deliveries).reduce(0, +)
        let killed = history.processes.count { $0.status == .signalled(9) }
        let drained = history.processes.count { $0.order == .drain && $0.status == .exited(0) }
        let turns = accepted.count { if case .conversation = $0.door { true } else { false } }
        let ends = ExecutionEntry.ends.sorted().map { "\(states[$0] ?? 0) \($0)" }.joined(separator: ", ")
        let own = accepted.count { if case .queue = $0.door { true } else { false } }
        text = """
            accepted    \(accepted.count - turns - own) tasks, \(turns) turns, \(own) others, \
            in \(history.organizations.count) organisations
            executions  \(executions.count): \(ends); \(executions.count(where: \.isDead)) dead letters, \
            \(executions.map(\.crashes).reduce(0, +)) rescues, \(executions.count { $0.attempt > 1 }) begun again
            effects     \(history.effects.count), delivered \(deliveries) times
            people      \(accepted.map(\.answers.count).reduce(0, +)) answers, \
            \(accepted.map(\.approved.count).reduce(0, +)) approvals, \
            \(accepted.map(\.reviewed.count).reduce(0, +)) reviews, \
            \(history.effects.count(where: \.wasAmbushed)) effects without an answer, \
            \(executions.count { $0.parent != nil }) children
            journals    \(history.organizations.map(\.steps.count).reduce(0, +)) steps, \
            \(history.organizations.map(\.events.count).reduce(0, +)) events
            processes   \(history.processes.count): \(killed) killed, \(drained) drained, \
            \(history.processes.count { !$0.wasReady }) that did not come up
            """
    }
}
