import SpotterDomain

extension ExecutionRun {
    /// Runs the calls side by side, at most eight at a time, and journals each.
    ///
    /// Calls are journalled before they begin: the ledger of effects. After a crash in between, a call with the same
    /// effect key is made again where the tool says that this does no harm; where it does, a person decides.
    /// - Returns: where the execution stands, if a person must decide.
    mutating func callTools(_ calls: [ToolCall], within remaining: Duration) async throws -> RunOutcome? {
        let pending = calls.enumerated().map { offset, call in
            (call: call, step: openStep(of: call) ?? newStep(for: call, offset: offset))
        }
        let doubtful = pending.map(\.step).filter { $0.isInDoubt(in: execution) }
        if !doubtful.isEmpty { return try await askForReview(of: doubtful) }
        enter(pending.map(\.step))
        journal.execution.currentStep = calls.map(\.name).joined(separator: ", ")
        unwritten.events += pending.map { pending in
            EventDraft(
                .toolStarted, execution: execution.id,
                data: [
                    "tool": .string(pending.call.name), "call_id": .string(pending.call.id),
                    "arguments": pending.call.arguments,
                ])
        }
        try await record()
        FaultPoint.afterJournal.pass()
        let results = try await results(of: pending.map { ($0.call, $0.step.id) }, within: remaining)
        FaultPoint.afterEffect.pass()
        var steps: [Step] = []
        for (pending, result) in zip(pending, results) {
            var step = pending.step
            step.state = .completed
            step.output = try JSONValue(encoding: result)
            step.completedAt = environment.clock.now()
            steps.append(step)
            unwritten.events.append(event(for: result))
        }
        enter(steps)
        try await record()
        return nil
    }

    /// The call's entry in the journal from before a crash; it keeps its id, which is the effect key.
    private func openStep(of call: ToolCall) -> Step? {
        journal.steps.last { step in
            step.kind == .tool && (step.state == .started || step.state == .needsReview)
                && step.input["call_id"]?.string == call.id
        }
    }

    private func newStep(for call: ToolCall, offset: Int) -> Step {
        let input: JSONValue = ["call_id": .string(call.id), "arguments": call.arguments]
        return step(
            call.name, kind: .tool, offset: offset, input: input, effect: environment.tools.effect(of: call))
    }

    private mutating func askForReview(of steps: [Step]) async throws -> RunOutcome {
        enter(
            steps.map { step in
                var step = step
                step.state = .needsReview
                return step
            })
        return try await park()
    }

    private func results(
        of calls: [(call: ToolCall, step: StepID)], within remaining: Duration
    ) async throws -> [ToolResult] {
        guard let organization = assignment.organization else {
            throw SpotterError(.internal, "A program without an organisation called a tool.")
        }
        let (tools, allowed) = (environment.tools, assignment.agent?.settings.tools ?? [])
        // Nobody waits at the other end of queued work: its tools take turns, and leave the machine to the chats.
        let isQueued = execution.conversationId == nil
        return try await withThrowingTaskGroup(of: (Int, ToolResult).self) { group in
            var results = [ToolResult?](repeating: nil, count: calls.count)
            for (index, (call, step)) in calls.enumerated() {
                if index >= 8, let (done, result) = try await group.next() { results[done] = result }
                group.addTask {
                    let result = try await tools.call(
                        call, allowed: allowed, organization: organization, effectKey: step.description,
                        timeout: remaining, takesTurns: isQueued)
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

extension Step {
    /// Whether an open step was begun by an earlier attempt and doing it again may do it twice.
    fileprivate func isInDoubt(in execution: Execution) -> Bool {
        state == .needsReview || (attempt < execution.attempt && (effect ?? .unsafe) == .unsafe)
    }
}
