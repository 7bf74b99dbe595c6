import SpotterDomain

extension ExecutionRun {
    /// Calls the model, writes its deltas to the log while they come, and journals the answer.
    func callModel(_ request: ModelRequest, name: String) async throws {
        var step = step(name, kind: .model, input: ["model": .string(request.model)])
        journal.execution.stepsTotal += 1
        journal.execution.currentStep = name
        unwritten.events.append(
            EventDraft(.stepStarted, execution: execution.id, data: ["step": .string(name)]))
        // Nobody reads along a call that is not streamed in a chat: one write less.
        if request.isStreaming || execution.conversationId == nil { try await record() }
        let outcome = try await stream(request)
        step.usage = outcome.usage
        step.cost = outcome.cost
        step.completedAt = environment.clock.now()
        switch outcome.result {
        case .success(let response):
            step.state = .completed
            step.output = try JSONValue(encoding: response)
        case .failure(let error):
            step.state = .failed
            step.error = error
        }
        enter([step])
        journal.execution.usage = execution.usage + outcome.usage
        if let cost = outcome.cost { journal.execution.cost = execution.cost + cost }
        unwritten.events.append(
            EventDraft(
                step.state == .completed ? .stepCompleted : .stepFailed, execution: execution.id,
                data: ["step": .string(name), "error": step.error.map { .string($0.message) } ?? .null]))
        try await record()
    }

    private func stream(_ request: ModelRequest) async throws -> ModelCaller.Outcome {
        let fallback = assignment.organization?.modelFallback
        guard request.isStreaming else {
            return try await environment.models.call(request, fallback: fallback, in: scope) { _ in }
        }
        let writer = DeltaWriter()
        return try await withThrowingTaskGroup(of: ModelCaller.Outcome?.self) { [environment, scope] group in
            group.addTask {
                defer { writer.finish() }
                return try await environment.models.call(request, fallback: fallback, in: scope) { delta in
                    try writer.add(delta)
                }
            }
            group.addTask { [execution, handle] in
                try await writer.run { deltas in
                    let events = deltas.map { $0.event(of: execution.id) }
                    let requested = try await environment.recorder.write(
                        ExecutionRecord(execution: execution, events: events), in: scope)
                    handle.heed(requested)
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
