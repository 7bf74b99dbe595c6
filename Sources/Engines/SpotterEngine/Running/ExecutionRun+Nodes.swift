import SpotterDomain

extension ExecutionRun {
    /// Journals what the program has settled itself.
    @inline(never)
    func enter(_ nodes: [SettledNode]) {
        for node in nodes {
            var step = step(node.name, kind: .node, state: .completed, input: .null)
            step.output = node.output
            step.completedAt = step.startedAt
            enter([step])
            guard node.isTold else { continue }
            unwritten.events.append(
                EventDraft(
                    .stepCompleted, execution: execution.id, data: ["step": .string(node.name), "error": .null]))
        }
        // Written before anything takes time, or with what follows.
        isBehind = true
    }

    /// Gives up open steps. What they began is cancelled first: whoever goes on after a crash in between finds it
    /// cancelled, and decides the same.
    func abandon(_ ids: Set<StepID>) async throws {
        let open = journal.steps.filter { ids.contains($0.id) && ($0.state == .waiting || $0.state == .started) }
        for child in open.compactMap(\.child) {
            do {
                _ = try await environment.control.cancel(child, in: scope)
            } catch let error as SpotterError where error.code == .conflict || error.code == .notFound {
                // It has ended by itself.
            }
        }
        let now = environment.clock.now()
        enter(open.map { $0.cancelled(at: now) })
    }
}
