import SpotterDomain

extension ExecutionRun {
    /// Calls the model, writes its deltas to the log while they come, and journals the answer together with what it
    /// costs.
    mutating func callModel(_ request: ModelRequest, name: String) async throws {
        var step = step(name, kind: .model, input: ["model": .string(request.model)])
        journal.execution.stepsTotal += 1
        journal.execution.currentStep = name
        unwritten.events.append(
            EventDraft(.stepStarted, execution: execution.id, data: ["step": .string(name)]))
        let result: Result<ModelResponse, ExecutionError>
        do {
            let organization = assignment.organization
            var call = try environment.models.prepare(
                request, fallback: organization?.modelFallback, plan: organization?.plan, in: scope)
            let hasBudgets = organization?.hasBudgets ?? false
            // Nobody reads along a call that is not streamed in a chat: one write less, unless a budget has a say.
            if request.isStreaming || execution.conversationId == nil || hasBudgets {
                try await begin(&call, step.id, hasBudgets: hasBudgets)
            }
            let outcome = try await make(call, for: step.id)
            charge(outcome.charge, to: step.id)
            step.usage = outcome.charge.usage
            step.cost = outcome.charge.cost
            result = outcome.result
        } catch let error as ExecutionError {
            result = .failure(error)
        }
        step.completedAt = environment.clock.now()
        switch result {
        case .success(let response):
            step.state = .completed
            step.output = try JSONValue(encoding: response)
        case .failure(let error):
            step.state = .failed
            step.error = error
        }
        enter([step])
        unwritten.events.append(
            EventDraft(
                step.state == .completed ? .stepCompleted : .stepFailed, execution: execution.id,
                data: ["step": .string(name), "error": step.error.map { .string($0.message) } ?? .null]))
        try await record()
    }

    /// Makes the call. One that is broken off costs what it has used all the same.
    private mutating func make(_ call: PreparedCall, for step: StepID) async throws -> ModelCaller.Outcome {
        let meter = CallMeter(call)
        do {
            return try await stream(call, meter)
        } catch {
            if let aborted = meter.aborted {
                charge(aborted, to: step)
            } else {
                performed.release(LedgerLine.Call(step: step))
            }
            throw error
        }
    }

    /// Puts a call on the execution's bill; its line is written with the next record.
    private mutating func charge(_ charge: CallCharge, to step: StepID) {
        let now = environment.clock.now()
        performed.charge(
            LedgerLine(
                charge, call: LedgerLine.Call(step: step), of: execution, id: environment.ids.id(at: now), at: now))
        journal.execution.usage = execution.usage + charge.usage
        if let cost = charge.cost { journal.execution.cost = execution.cost + cost }
    }

    private func stream(_ call: PreparedCall, _ meter: CallMeter) async throws -> ModelCaller.Outcome {
        guard call.request.isStreaming else { return try await environment.models.call(call, meter) { _ in } }
        let writer = DeltaWriter()
        return try await withThrowingTaskGroup(of: ModelCaller.Outcome?.self) { [environment, scope] group in
            group.addTask {
                defer { writer.finish() }
                return try await environment.models.call(call, meter) { delta in try writer.add(delta) }
            }
            group.addTask { [execution, handle] in
                try await writer.run { deltas in
                    let events = deltas.map { $0.event(of: execution.id) }
                    let answer = try await environment.recorder.write(
                        ExecutionRecord(execution: execution, events: events), in: scope)
                    handle.heed(answer.requested)
                }
                return nil
            }
            var outcome: ModelCaller.Outcome?
            while let next = try await group.next() { outcome = next ?? outcome }
            guard let outcome else { throw CancellationError() }
            return outcome
        }
    }
}

extension ModelDelta {
    fileprivate func event(of execution: ExecutionID) -> EventDraft {
        switch self {
        case .text(let text): EventDraft(.messageDelta, execution: execution, data: ["text": .string(text)])
        case .thinking(let text): EventDraft(.thinkingDelta, execution: execution, data: ["text": .string(text)])
        case .toolCallStarted(let id, let name):
            EventDraft(
                .messageDelta, execution: execution,
                data: ["tool_call": ["id": .string(id), "name": .string(name)]])
        }
    }
}
