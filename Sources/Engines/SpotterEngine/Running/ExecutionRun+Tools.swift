import SpotterDomain

extension ExecutionRun {
    /// Runs the calls side by side, at most eight at a time, and journals each.
    ///
    /// Calls that may have an effect are journalled before they begin, so that a crash in between leaves a trace.
    mutating func callTools(_ calls: [ToolCall]) async throws {
        let pending = calls.enumerated().map { offset, call in
            let input: JSONValue = ["call_id": .string(call.id), "arguments": call.arguments]
            return (call: call, step: step(call.name, kind: .tool, offset: offset, input: input))
        }
        journal.execution.stepsTotal = journal.steps.count + pending.count
        journal.execution.currentStep = calls.map(\.name).joined(separator: ", ")
        let announcements = pending.map { pending in
            EventDraft(
                .toolStarted, execution: execution.id,
                data: [
                    "tool": .string(pending.call.name), "call_id": .string(pending.call.id),
                    "arguments": pending.call.arguments,
                ])
        }
        try await record(steps: pending.map(\.step), events: announcements)
        let results = try await results(of: pending.map { ($0.call, $0.step.id) })
        var steps: [Step] = []
        var events: [EventDraft] = []
        for (pending, result) in zip(pending, results) {
            var step = pending.step
            step.state = .completed
            step.output = try JSONValue(encoding: result)
            step.completedAt = environment.clock.now()
            steps.append(step)
            events.append(event(for: result))
        }
        journal.steps.append(contentsOf: steps)
        journal.execution.stepsCompleted = journal.steps.count
        try await record(steps: steps, events: events)
    }

    private func results(of calls: [(call: ToolCall, step: StepID)]) async throws -> [ToolResult] {
        let (tools, organization) = (environment.tools, assignment.organization)
        let allowed = assignment.agent.settings.tools ?? []
        return try await withThrowingTaskGroup(of: (Int, ToolResult).self) { group in
            var results = [ToolResult?](repeating: nil, count: calls.count)
            for (index, (call, step)) in calls.enumerated() {
                if index >= 8, let (done, result) = try await group.next() { results[done] = result }
                group.addTask {
                    let result = try await tools.call(
                        call, allowed: allowed, organization: organization, effectKey: step.description)
                    return (index, result)
                }
            }
            while let (done, result) = try await group.next() { results[done] = result }
            return results.compactMap { $0 }
        }
    }

    private func event(for result: ToolResult) -> EventDraft {
        EventDraft(
            result.isError ? .toolFailed : .toolCompleted, execution: execution.id,
            data: [
                "tool": .string(result.name), "call_id": .string(result.callId), "result": result.output,
                "duration_ms": .int(Int64(result.durationMs)),
            ])
    }
}
