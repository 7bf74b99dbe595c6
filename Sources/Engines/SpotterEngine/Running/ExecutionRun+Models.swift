import SpotterDomain

extension ExecutionRun {
    /// A call under way.
    final class ModelCall {
        fileprivate let request: ModelRequest
        fileprivate var step: Step

        fileprivate init(_ request: ModelRequest, _ step: Step) {
            self.request = request
            self.step = step
        }
    }

    /// Begins a call of a model; nil for any other command.
    // Not inlined, as all here that makes large values for a moment is not: a call would keep room for them while it
    // waits, and ten thousand may wait at once.
    @inline(never)
    func beginModelCall(_ decided: Decided, _ place: Int, within remaining: Duration) -> ModelCall? {
        guard case .callModel(var request, let name) = decided.commands[place] else { return nil }
        request.timeout = min(request.timeout, remaining)
        let call = ModelCall(request, step(name, kind: .model, input: ["model": .string(request.model)]))
        journal.execution.stepsTotal += 1
        journal.execution.currentStep = name
        unwritten.events.append(
            EventDraft(.stepStarted, execution: execution.id, data: ["step": .string(name)]))
        return call
    }

    /// Calls the model, writes its deltas to the log while they come, and journals the answer.
    func finish(_ call: ModelCall) async throws {
        // Nobody reads along a call that is not streamed in a chat: one write less.
        if call.request.isStreaming || execution.conversationId == nil { try await record() }
        try end(call, with: try await stream(call.request))
        try await record()
    }

    @inline(never)
    private func end(_ call: ModelCall, with outcome: ModelCaller.Outcome) throws {
        var step = call.step
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
        unwritten.events += events(of: step, outcome)
    }

    /// Each model that was asked in vain, and how the step ended.
    @inline(never)
    private func events(of step: Step, _ outcome: ModelCaller.Outcome) -> [EventDraft] {
        let passed = outcome.failovers.map { failover in
            EventDraft(.modelFailedOver, execution: execution.id, data: failover.data(step: step.name))
        }
        var data = JSONObject()
        data["step"] = .string(step.name)
        data["error"] = step.error.map { .string($0.message) } ?? .null
        if let response = try? outcome.result.get() {
            data["model"] = .string(response.model)
            data["provider"] = .string(response.provider)
            if response.isCached == true { data["cached"] = true }
        }
        let end: EventType = step.state == .completed ? .stepCompleted : .stepFailed
        return passed + [EventDraft(end, execution: execution.id, data: .object(data))]
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
            let log = deltaLog()
            group.addTask {
                try await writer.run { try await log.write($0) }
                return nil
            }
            var outcome: ModelCaller.Outcome?
            while let next = try await group.next() { outcome = next ?? outcome }
            guard let outcome else { throw CancellationError() }
            return outcome
        }
    }
}

extension ExecutionRun {
    @inline(never)
    private func deltaLog() -> DeltaLog { DeltaLog(execution, handle, environment, scope) }
}

/// Where the deltas of a call go.
private final class DeltaLog: Sendable {
    private let execution: Execution
    private let handle: RunHandle
    private let environment: ExecutionRun.Environment
    private let scope: OrganizationScope

    init(
        _ execution: Execution, _ handle: RunHandle, _ environment: ExecutionRun.Environment, _ scope: OrganizationScope
    ) {
        self.execution = execution
        self.handle = handle
        self.environment = environment
        self.scope = scope
    }

    func write(_ deltas: [ModelDelta]) async throws {
        let record = ExecutionRecord(execution: execution, events: deltas.map { $0.event(of: execution.id) })
        handle.heed(try await environment.recorder.write(record, in: scope))
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
