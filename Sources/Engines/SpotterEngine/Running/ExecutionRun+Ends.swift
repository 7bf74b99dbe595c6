import Foundation
import ServiceKit
import SpotterDomain

extension ExecutionRun {
    func finish(output: JSONValue, answer: Answer?) async throws -> RunOutcome {
        let now = environment.clock.now()
        // What still waits is not needed for the result: a slower branch, or the time that was given to all.
        let idle = journal.steps.filter { $0.state == .waiting }
        let isWaitedFor: Set<Step.Kind> = [.timer, .input]
        enter(idle.map { isWaitedFor.contains($0.kind) ? $0.superseded() : $0.cancelled(at: now) })
        end(as: .completed, at: now)
        journal.execution.output = labelled(output)
        let message = answer.flatMap { reply($0, at: now) }
        if let message { tell(of: message) }
        unwritten.events.append(EventDraft(.executionCompleted, execution: execution.id, data: summary))
        guard idle.contains(where: { $0.child != nil }) else { return try await letGo(message: message) }
        let outcome = try await letGo(message: message)
        await cancelChildren()
        return outcome
    }

    /// Ends the execution, or lets it wait for its next try.
    func fail(_ error: ExecutionError) async throws -> RunOutcome {
        let failures = execution.failures + 1
        let now = environment.clock.now()
        if error.isTransient == true,
            let wait = execution.retryPolicy.wait(
                afterFailure: failures, draw: environment.random(), retryAfter: error.retryAfter.map { .seconds($0) })
        {
            let wakeAt = now.addingTimeInterval(wait / .seconds(1))
            // A try that would come after the deadline is none.
            if execution.deadlineAt.map({ wakeAt < $0 }) ?? true {
                return try await retry(at: wakeAt, after: wait, failures: failures, because: error)
            }
        }
        // Nobody waits for these any more; after a retry by a person they are begun anew.
        enter(journal.steps.filter { $0.state == .waiting }.map { $0.cancelled(at: now) })
        end(as: .failed, at: now)
        journal.execution.error = error
        journal.execution.failures = failures
        // What was to be tried several times and has used them up, or never can succeed, waits for a person.
        if execution.retryPolicy.maxAttempts > 1 { journal.execution.deadAt = now }
        let data: JSONValue = ["code": .string(error.code), "message": .string(error.message)]
        unwritten.events.append(EventDraft(.executionFailed, execution: execution.id, data: data))
        let outcome = try await letGo()
        await cancelChildren()
        return outcome
    }

    private func retry(
        at wakeAt: Date, after wait: Duration, failures: Int, because error: ExecutionError
    ) async throws -> RunOutcome {
        enter(journal.failedSteps.map { $0.superseded() })
        journal.execution.state = .queued
        journal.execution.failures = failures
        journal.execution.currentStep = "waits for try \(failures + 1)"
        journal.execution.wakeAt = wakeAt
        let data: JSONValue = [
            "failures": .int(Int64(failures)), "delay_ms": .int(Int64(wait / .milliseconds(1))),
            "code": .string(error.code), "message": .string(error.message),
        ]
        unwritten.events.append(EventDraft(.stepRetrying, execution: execution.id, data: data))
        return try await letGo()
    }

    /// Does what somebody asked of the run: nil if nobody did.
    func heed() async throws -> RunOutcome? {
        switch handle.reason ?? execution.requested.map(RunHandle.Reason.asked) {
        case nil: return nil
        case .asked(.pause):
            journal.execution.state = .paused
            unwritten.events.append(EventDraft(.executionPaused, execution: execution.id))
            return try await letGo()
        case .asked(.cancel): return try await cancel()
        case .leaseLost: throw LeaseLost()
        case .shutDown, .unwanted: return try await handBack()
        }
    }

    /// The task was cancelled: by request, or because the process ends or is thought dead.
    func interrupted(_ error: any Error) async throws -> RunOutcome {
        switch handle.reason {
        case .asked(.cancel): return try await cancel()
        case .leaseLost: throw LeaseLost()
        case .asked(.pause), .shutDown, .unwanted, nil: return try await handBack()
        }
    }

    private func cancel() async throws -> RunOutcome {
        let now = environment.clock.now()
        enter(
            journal.steps.filter { $0.state == .started || $0.state == .waiting }.map { $0.cancelled(at: now) })
        end(as: .cancelled, at: now)
        // What somebody has read already stays: a later turn may refer to it.
        let answer = assignment.program.answer(brokenOff: journal, heard: heard)
        let message = answer.flatMap { reply($0, at: now, isPartial: true) }
        if let message { tell(of: message) }
        unwritten.events.append(EventDraft(.executionCancelled, execution: execution.id))
        let outcome = try await letGo(message: message)
        await cancelChildren()
        return outcome
    }

    /// Back into the queue as it was recorded; it does not count as a try.
    private func handBack() async throws -> RunOutcome {
        journal.execution.state = .queued
        journal.execution.wakeAt = nil
        unwritten.events.append(
            EventDraft(.executionQueued, execution: execution.id, data: ["reason": "handed_back"]))
        return try await letGo()
    }

    private func end(as state: ExecutionState, at now: Date) {
        journal.execution.state = state
        journal.execution.completedAt = now
        journal.execution.currentStep = nil
        journal.execution.wakeAt = nil
    }

    /// What the execution began and nobody waits for any more.
    private func cancelChildren() async {
        let (control, scope, log, id) = (environment.control, scope, environment.log, execution.id)
        guard journal.steps.contains(where: { $0.child != nil }) else { return }
        do {
            // This run's own task may be cancelled: that is often why it ends.
            try await withoutCancellation { try await control.cancelChildren(of: id, in: scope) }
        } catch {
            log.error("children not cancelled", ["execution": "\(id)", "error": "\(error)"])
        }
    }

    private func tell(of message: Message) {
        var data = JSONObject()
        data["message_id"] = .string(message.id.description)
        data["content"] = .string(message.content)
        data["conversation_id"] = .string(message.conversationId.description)
        if message.isPartial { data["is_partial"] = true }
        if let replaced = message.replaces { data["replaces"] = .string(replaced.description) }
        unwritten.events.append(EventDraft(.messageCompleted, execution: execution.id, data: .object(data)))
    }

    private func reply(_ answer: Answer, at now: Date, isPartial: Bool = false) -> Message? {
        guard let conversation = execution.conversationId else { return nil }
        let latency = execution.startedAt.map { Int(now.timeIntervalSince($0) * 1000) } ?? 0
        return Message(
            id: environment.ids.id(at: now), conversationId: conversation, role: .assistant, content: answer.content,
            transcript: answer.transcript, usage: execution.usage, cost: execution.cost, latencyMs: max(0, latency),
            executionId: execution.id, replaces: execution.replacedAnswer, isPartial: isPartial, createdAt: now)
    }

    private var summary: JSONValue {
        let usage = execution.usage
        return [
            "steps_completed": .int(Int64(execution.stepsCompleted)),
            "input_tokens": .int(Int64(usage.inputTokens)), "output_tokens": .int(Int64(usage.outputTokens)),
            "cost": .string("\(execution.cost.billed.amount)"),
        ]
    }
}

extension Step {
    func superseded() -> Step {
        var step = self
        step.state = .superseded
        return step
    }
}

extension Journal {
    /// Those that a further try does again.
    var failedSteps: [Step] { steps.filter { $0.state == .failed } }
}
