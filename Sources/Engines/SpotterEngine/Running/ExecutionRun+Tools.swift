import SpotterDomain

extension ExecutionRun {
    /// Runs the calls side by side, at most eight at a time, and journals each.
    ///
    /// Calls are journalled before they begin: the ledger of effects. After a crash in between, a call with the same
    /// effect key is made again where the tool says that this does no harm; where it does, a person decides.
    /// - Returns: where the execution stands, if a person must decide.
    func callTools(_ calls: [ToolCall], within remaining: Duration) async throws -> RunOutcome? {
        let pending = calls.enumerated().map { offset, call in
            (call: call, step: openStep(of: call) ?? newStep(for: call, offset: offset))
        }
        let doubtful = pending.map(\.step).filter(isInDoubt)
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
        let failure = await perform(pending.map { ($0.call, $0.step.id) }, within: remaining)
        FaultPoint.afterEffect.pass()
        // Those that have ended are kept also when others were broken off.
        for (step, result) in pending.compactMap({ pending in
            performed.result(of: pending.step.id).map { (pending.step, $0) }
        }) {
            var step = step
            step.state = .completed
            step.output = try JSONValue(encoding: result)
            step.completedAt = environment.clock.now()
            enter([step])
            unwritten.events.append(event(for: result))
        }
        if let failure {
            // What was broken off before it began has not happened: nobody need look into it.
            let untouched = pending.map(\.step).filter { !inherited.contains($0.id) && !performed.hasBegun($0.id) }
            enter(untouched.map { $0.superseded() })
            throw failure
        }
        try await record()
        return nil
    }

    /// Whether an open step was begun by somebody who did not say what came of it, and doing it again may do it twice.
    private func isInDoubt(_ step: Step) -> Bool {
        if step.state == .needsReview { return true }
        guard inherited.contains(step.id), (step.effect ?? .unsafe) == .unsafe else { return false }
        // This process knows what it did itself.
        if performed.result(of: step.id) != nil { return false }
        return step.attempt < execution.attempt || performed.hasBegun(step.id)
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

    private func askForReview(of steps: [Step]) async throws -> RunOutcome {
        enter(
            steps.map { step in
                var step = step
                step.state = .needsReview
                return step
            })
        return try await park()
    }

    /// Makes those calls whose outcome is not known already. Returns why not all have ended, if so.
    private func perform(
        _ calls: [(call: ToolCall, step: StepID)], within remaining: Duration
    ) async -> (any Error)? {
        guard let organization = assignment.organization else {
            return SpotterError(.internal, "A program without an organisation called a tool.")
        }
        let (tools, performed, caller) = (environment.tools, self.performed, execution)
        let calls = calls.filter { performed.result(of: $0.step) == nil }
        let allowed = assignment.agent?.settings.tools ?? []
        // Nobody waits at the other end of queued work: its tools take turns, and leave the machine to the chats.
        let isQueued = execution.conversationId == nil
        return await withTaskGroup(of: (any Error)?.self) { group in
            var failure: (any Error)?
            for (index, (call, step)) in calls.enumerated() {
                if index >= Self.callsAtOnce, let ended = await group.next() { failure = failure ?? ended }
                group.addTask {
                    do {
                        let result = try await tools.call(
                            call, allowed: allowed, organization: organization, effectKey: step.description,
                            timeout: remaining, caller: caller, takesTurns: isQueued, onStart: { performed.begin(step) })
                        performed.end(step, with: result)
                        return nil
                    } catch { return error }
                }
            }
            for await ended in group { failure = failure ?? ended }
            return failure
        }
    }

    private static let callsAtOnce = 8

    private func event(for result: ToolResult) -> EventDraft {
        EventDraft(
            result.isError ? .toolFailed : .toolCompleted, execution: execution.id,
            data: [
                "tool": .string(result.name), "call_id": .string(result.callId), "result": result.output,
                "duration_ms": .int(Int64(result.durationMs)),
            ])
    }
}
