import Foundation
import SpotterDomain

/// Makes spans of a journal: pure, so that whoever looks at the same journal sees the same spans.
struct SpanBuilder {
    let journal: Journal
    /// The step that waits for it, of the run that began it; nil for the first.
    let waiting: StepID?
    /// Who asked for it from outside; nil where nobody said.
    let outside: SpanID?
    /// What the agent is called; nil where none is at work, or it is gone.
    let agentName: String?

    private var run: Execution { journal.execution }

    /// The run, its wait in the queue, its steps.
    var spans: [Span] {
        [whole] + queue + journal.steps.filter { $0.state != .superseded }.map(span)
    }

    private var whole: Span {
        var attributes: [String: JSONValue] = [
            SpanNames.execution: .string(run.id.description), SpanNames.executionKind: .string(run.kind.rawValue),
            SpanNames.state: .string(run.state.rawValue), SpanNames.attempt: .int(Int64(run.attempt)),
        ]
        if let operation { attributes[SpanNames.operation] = .string(operation) }
        if let agent = run.agentId { attributes[SpanNames.agentID] = .string(agent.description) }
        if let agentName { attributes[SpanNames.agentName] = .string(agentName) }
        if operation == SpanNames.invokeAgent { attributes[SpanNames.provider] = provider }
        if let version = run.agentVersion { attributes[SpanNames.agentVersion] = .string("\(version)") }
        if let talk = run.conversationId { attributes[SpanNames.conversation] = .string(talk.description) }
        if let task = run.taskId { attributes[SpanNames.task] = .string(task.description) }
        if run.usage.modelCalls > 0 {
            add(run.usage, to: &attributes)
            attributes[SpanNames.cost] = .string("\(run.cost.billed.amount) \(run.cost.billed.currency)")
        }
        if let error = run.error { attributes[SpanNames.errorType] = .string(error.code) }
        let subject = agentName.map { " \($0)" } ?? ""
        return Span(
            record: run.id.description, id: SpanID(run.id), parentRecord: waiting?.description,
            parent: waiting.map { SpanID($0) } ?? outside, execution: run.id,
            name: (operation ?? run.kind.rawValue) + subject, kind: .execution, state: run.state.rawValue,
            startedAt: run.createdAt, endedAt: run.completedAt, attributes: attributes, error: run.error)
    }

    /// Whose model has answered last; nil before one has.
    private var provider: JSONValue? {
        journal.steps.last { $0.kind == .model && $0.output?["provider"] != nil }?.output?["provider"]
    }

    private var operation: String? {
        switch run.kind {
        case .message, .task, .autonomous, .call: SpanNames.invokeAgent
        case .workflow: SpanNames.invokeWorkflow
        case .plan: SpanNames.plan
        case .tool: SpanNames.executeTool
        case .compression: SpanNames.chat
        case .probe: nil
        }
    }

    /// Between the asking and the start; what began at once has none.
    private var queue: [Span] {
        let end = run.startedAt ?? run.completedAt
        guard end.map({ $0.timeIntervalSince(run.createdAt) >= 0.001 }) ?? true else { return [] }
        return [
            Span(
                record: "\(run.id)/queue", id: SpanID(run.id).sibling, parentRecord: run.id.description,
                parent: SpanID(run.id), execution: run.id, name: "queue", kind: .queue,
                state: end == nil ? run.state.rawValue : "completed", startedAt: run.createdAt, endedAt: end,
                attributes: [SpanNames.execution: .string(run.id.description)], error: nil)
        ]
    }

    private func span(_ step: Step) -> Span {
        var attributes: [String: JSONValue] = [
            SpanNames.step: .string(step.id.description), SpanNames.stepKind: .string(step.kind.rawValue),
            SpanNames.state: .string(step.state.rawValue), SpanNames.attempt: .int(Int64(step.attempt)),
        ]
        if let usage = step.usage { add(usage, to: &attributes) }
        if let cost = step.cost {
            attributes[SpanNames.cost] = .string("\(cost.billed.amount) \(cost.billed.currency)")
        }
        if let error = step.error { attributes[SpanNames.errorType] = .string(error.code) }
        var name = step.name
        switch step.kind {
        case .model: name = describe(model: step, &attributes)
        case .tool: name = describe(tool: step, &attributes)
        case .child: attributes[SpanNames.child] = step.child.map { .string($0.description) }
        default: break
        }
        return Span(
            record: step.id.description, id: SpanID(step.id), parentRecord: run.id.description, parent: SpanID(run.id),
            execution: run.id, name: name, kind: step.kind.span, state: step.state.rawValue, startedAt: step.startedAt,
            endedAt: step.completedAt, attributes: attributes, error: step.error)
    }

    private func describe(model step: Step, _ attributes: inout [String: JSONValue]) -> String {
        attributes[SpanNames.operation] = .string(SpanNames.chat)
        attributes[SpanNames.requestModel] = step.input["model"]
        attributes[SpanNames.provider] = step.output?["provider"]
        attributes[SpanNames.responseModel] = step.output?["model"]
        // Of what was never answered there is nothing to tell; in older journals there is less.
        func tell(_ name: String, _ value: JSONValue?) {
            if let value, value != .null { attributes[name] = value }
        }
        tell(SpanNames.maxTokens, step.input["max_tokens"])
        tell(SpanNames.temperature, step.input["temperature"])
        tell(SpanNames.responseID, step.output?["response_id"])
        tell(SpanNames.providerRequest, step.output?["request_id"])
        tell(SpanNames.firstChunk, step.output?["first_chunk_ms"]?.double.map { .double($0 / 1_000) })
        let reason = step.output?["finish_reason"] ?? step.output?["stop_reason"]
        tell(SpanNames.finishReasons, reason.map { .array([$0]) })
        return "\(SpanNames.chat) \(step.input["model"]?.string ?? step.name)"
    }

    private func describe(tool step: Step, _ attributes: inout [String: JSONValue]) -> String {
        attributes[SpanNames.operation] = .string(SpanNames.executeTool)
        attributes[SpanNames.toolName] = .string(step.name)
        attributes[SpanNames.toolType] = .string(SpanNames.functionTool)
        attributes[SpanNames.toolCallID] = step.input["call_id"]
        if step.output?["is_error"]?.bool == true { attributes[SpanNames.errorType] = "tool_error" }
        return "\(SpanNames.executeTool) \(step.name)"
    }

    private func add(_ usage: TokenUsage, to attributes: inout [String: JSONValue]) {
        let counts: [(String, Int)] = [
            (SpanNames.inputTokens, usage.inputTokens), (SpanNames.outputTokens, usage.outputTokens),
            (SpanNames.cacheReadTokens, usage.cacheReadTokens),
            (SpanNames.cacheCreationTokens, usage.cacheWriteTokens),
            (SpanNames.reasoningTokens, usage.reasoningTokens),
        ]
        for (index, (name, count)) in counts.enumerated() where count > 0 || index < 2 {
            attributes[name] = .int(Int64(count))
        }
    }
}
