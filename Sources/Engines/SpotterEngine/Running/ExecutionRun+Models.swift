import SpotterDomain

extension ExecutionRun {
    /// A call under way.
    final class ModelCall {
        let attempts: ModelAttempts
        /// As it began.
        let step: Step
        /// What the last model was asked; nil where none was.
        fileprivate(set) var asked: PreparedCall?

        fileprivate init(_ attempts: ModelAttempts, _ step: Step) {
            self.attempts = attempts
            self.step = step
        }

        /// Names the call of one model that is made now, or next.
        var place: LedgerLine.Call { LedgerLine.Call(step: step.id, number: attempts.number) }
    }

    /// Begins a call of a model; nil for any other command.
    // Not inlined, as all here that makes large values for a moment is not: a call would keep room for them while it
    // waits, and ten thousand may wait at once.
    @inline(never)
    func beginModelCall(_ decided: Decided, _ place: Int, within remaining: Duration) -> ModelCall? {
        guard case .callModel(var request, let name) = decided.commands[place] else { return nil }
        request.timeout = min(request.timeout, remaining)
        isFollowed = request.isStreaming || execution.conversationId == nil
        let foretold = performed.takeForetold()
        let step = step(name, kind: .model, input: ["model": .string(request.model)], id: foretold?.step)
        journal.execution.stepsTotal += 1
        journal.execution.currentStep = name
        unwritten.events.append(EventDraft(.stepStarted, execution: execution.id, data: beginning(of: name)))
        let call = ModelCall(environment.models.begin(request, in: scope), step)
        call.attempts.isReserved = foretold != nil
        return call
    }

    /// In a conversation, readers show that somebody is writing.
    private func beginning(of step: String) -> JSONValue {
        guard let conversation = execution.conversationId, execution.kind == .message else {
            return ["step": .string(step)]
        }
        return [
            "step": .string(step), "activity": "typing", "conversation_id": .string(conversation.description),
        ]
    }

    /// Asks one model after another until one answers, each when the budgets have let its call through; writes deltas to
    /// the log while they come, and journals the answer together with what all of it costs.
    @inline(never)
    func finish(_ call: ModelCall) async throws {
        do {
            while let prepared = try next(of: call) {
                if let admitted = try await admit(prepared, of: call) { try await make(admitted, of: call) }
                if let pause = call.attempts.pause { try await environment.sleep(pause) }
            }
        } catch {
            count(call)
            throw error
        }
        try end(call)
        // Written with what comes next: the start of the tools that it asks for, the end of the run, or before the
        // next call.
        isBehind = true
    }

    @inline(never)
    private func next(of call: ModelCall) throws -> PreparedCall? {
        let organization = assignment.organization
        return try environment.models.next(
            of: call.attempts, fallback: organization?.modelFallback, plan: organization?.plan, in: scope)
    }

    /// Asks one model. A call that is broken off costs what it has used all the same.
    private func make(_ prepared: PreparedCall, of call: ModelCall) async throws {
        if isBehind { try await record() }
        call.asked = prepared
        let meter = environment.models.meter(prepared, of: call.attempts)
        do {
            take(try await stream(meter), of: call)
        } catch {
            abandon(meter, of: call)
            throw error
        }
    }

    @inline(never)
    private func take(_ answer: ModelAnswer, of call: ModelCall) {
        if let charge = answer.charge {
            self.charge(charge, to: call.place)
        } else if call.attempts.isReserved {
            performed.release(call.place)
        }
        call.attempts.receive(answer)
    }

    @inline(never)
    private func abandon(_ meter: CallMeter, of call: ModelCall) {
        heard = meter.heard
        if let aborted = meter.aborted {
            charge(aborted, to: call.place)
            call.attempts.count(aborted)
            call.attempts.isReserved = false
        }
    }

    /// Puts a call on the execution's bill; its line is written with the next record.
    private func charge(_ charge: CallCharge, to place: LedgerLine.Call) {
        let now = environment.clock.now()
        performed.charge(LedgerLine(charge, call: place, of: execution, id: environment.ids.id(at: now), at: now))
    }

    /// Adds what a call came to, to the figures of the execution.
    @inline(never)
    private func count(_ call: ModelCall) {
        // Set aside for a call that was not made after all.
        if call.attempts.isReserved { performed.release(call.place) }
        journal.execution.usage = execution.usage + call.attempts.usage
        if let cost = call.attempts.cost { journal.execution.cost = execution.cost + cost }
    }

    @inline(never)
    private func end(_ call: ModelCall) throws {
        var step = call.step
        if let asked = call.asked { step.input = input(of: asked, insteadOf: step.input) }
        step.usage = call.attempts.usage
        step.cost = call.attempts.cost
        step.completedAt = environment.clock.now()
        let result = call.attempts.result
        switch result {
        case .success(let response):
            step.state = .completed
            step.output = try JSONValue(encoding: response)
        case .failure(let error):
            step.state = .failed
            step.error = error
        }
        enter([step])
        count(call)
        unwritten.events += events(of: step, result, call.attempts.failovers)
    }

    /// The model stays the one that was wanted; how the last one was asked goes with it.
    @inline(never)
    private func input(of call: PreparedCall, insteadOf input: JSONValue) -> JSONValue {
        var input = input.object ?? JSONObject()
        input["max_tokens"] = .int(Int64(call.request.maxOutputTokens))
        if let temperature = call.request.temperature { input["temperature"] = .double(temperature) }
        return .object(input)
    }

    /// Each model that was asked in vain, and how the step ended.
    @inline(never)
    private func events(
        of step: Step, _ result: Result<ModelResponse, ExecutionError>, _ failovers: [ModelFailover]
    ) -> [EventDraft] {
        let passed = failovers.map { failover in
            EventDraft(.modelFailedOver, execution: execution.id, data: failover.data(step: step.name))
        }
        var data = JSONObject()
        data["step"] = .string(step.name)
        data["error"] = step.error.map { .string($0.message) } ?? .null
        if let response = try? result.get() {
            data["model"] = .string(response.model)
            data["provider"] = .string(response.provider)
            if response.isCached == true { data["cached"] = true }
        }
        let end: EventType = step.state == .completed ? .stepCompleted : .stepFailed
        return passed + [EventDraft(end, execution: execution.id, data: .object(data))]
    }

    private func stream(_ meter: CallMeter) async throws -> ModelAnswer {
        guard meter.call.request.isStreaming else { return try await environment.models.ask(meter) { _ in } }
        let writer = DeltaWriter()
        return try await withThrowingTaskGroup(of: ModelAnswer?.self) { [environment] group in
            group.addTask {
                defer { writer.finish() }
                return try await environment.models.ask(meter) { delta in try writer.add(delta) }
            }
            let log = deltaLog()
            group.addTask {
                try await writer.run { try await log.write($0) }
                return nil
            }
            var answer: ModelAnswer?
            while let next = try await group.next() { answer = next ?? answer }
            guard let answer else { throw CancellationError() }
            return answer
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
        handle.heed(try await environment.recorder.write(record(of: deltas), in: scope).requested)
    }

    @inline(never)
    private func record(of deltas: [ModelDelta]) -> PendingRecord {
        var record = ExecutionRecord(execution: execution, events: deltas.map { $0.event(of: execution.id) })
        record.onlyTells = true
        return PendingRecord(record)
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
