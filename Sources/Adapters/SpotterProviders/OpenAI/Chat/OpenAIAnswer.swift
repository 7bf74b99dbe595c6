import SpotterDomain

/// An answer as far as it is known: text, calls by index, and the counts.
struct OpenAIAnswer: Sendable {
    private struct Call: Sendable {
        var index: Int
        var id = ""
        var name = ""
        var arguments = ""
        var isAnnounced = false
    }

    /// No answer has more; an index beyond it is a server gone wrong.
    private static let mostCalls = 1024

    private var model = ""
    private var id: String?
    private var text = ""
    private var refusal = ""
    private var reasoning = ""
    private var calls: [Call] = []
    private var finishReason: String?
    private(set) var rawUsage: JSONValue?

    /// Takes what stands beside the choices: the model, and the counts once they come. They are totals: the last wins.
    mutating func begin(_ body: JSONValue) {
        if let name = body["model"]?.string, !name.isEmpty { model = name }
        if let name = body["id"]?.string, !name.isEmpty { id = name }
        if let usage = body["usage"], usage.object != nil { rawUsage = usage }
    }

    /// Takes a delta, or a whole message, and returns what a reader sees of it.
    mutating func extend(_ delta: JSONValue) -> [ModelDelta] {
        var seen: [ModelDelta] = []
        // Compatible servers of reasoning models send their thinking under either name.
        if let part = delta["reasoning_content"]?.string ?? delta["reasoning"]?.string, !part.isEmpty {
            reasoning += part
            seen.append(.thinking(part))
        }
        if let part = delta["content"]?.string, !part.isEmpty {
            text += part
            seen.append(.text(part))
        }
        if let part = delta["refusal"]?.string, !part.isEmpty {
            refusal += part
            seen.append(.text(part))
        }
        for part in delta["tool_calls"]?.array ?? [] {
            if let started = extendCall(part, index: part["index"]?.int) { seen.append(started) }
        }
        return seen
    }

    /// Takes a whole message: its calls have no index, and each is one of its own, whatever its identifier.
    mutating func take(message: JSONValue) {
        _ = extend(message.replacingMembers(with: ["tool_calls": []]))
        for (index, part) in (message["tool_calls"]?.array ?? []).enumerated() { _ = extendCall(part, index: index) }
    }

    mutating func finish(_ reason: String?) { finishReason = reason ?? finishReason }

    /// Identifier and name come first and once; the arguments come in pieces.
    private mutating func extendCall(_ part: JSONValue, index: Int?) -> ModelDelta? {
        let id = part["id"]?.string ?? ""
        guard let place = place(index: index, id: id) else { return nil }
        if calls[place].id.isEmpty { calls[place].id = id }
        if calls[place].name.isEmpty { calls[place].name = part["function"]?["name"]?.string ?? "" }
        // Some servers send the arguments as the object that they are.
        let arguments = part["function"]?["arguments"]
        calls[place].arguments += arguments?.string ?? (arguments?.object == nil ? "" : arguments?.description ?? "")
        guard !calls[place].isAnnounced, !calls[place].name.isEmpty else { return nil }
        calls[place].isAnnounced = true
        if calls[place].id.isEmpty { calls[place].id = "call_\(calls[place].index)" }
        return .toolCallStarted(id: calls[place].id, name: calls[place].name)
    }

    /// The place of a call: by its index; without one by its identifier, or the last.
    private mutating func place(index: Int?, id: String) -> Int? {
        let found: Int? =
            if let index { calls.firstIndex { $0.index == index } } else if id.isEmpty {
                calls.indices.last
            } else { calls.firstIndex { $0.id == id } }
        if let found { return found }
        let index = index ?? calls.count
        guard calls.count < Self.mostCalls, (0..<Self.mostCalls).contains(index) else { return nil }
        calls.append(Call(index: index))
        return calls.count - 1
    }

    /// Whether the provider has said why it stopped: then nothing of the content is missing.
    var isComplete: Bool { finishReason != nil }

    /// `prompt_tokens` includes what the cache read and wrote, `completion_tokens` the reasoning.
    var usage: TokenUsage? {
        rawUsage.map { Self.usage(in: $0) }
    }

    static func usage(in raw: JSONValue) -> TokenUsage {
        let totals = WireUsage(raw)
        let prompt = totals.inner("prompt_tokens_details")
        return WireUsage.normalized(
            input: totals["prompt_tokens"], output: totals["completion_tokens"], cacheRead: prompt["cached_tokens"],
            cacheWrite: prompt["cache_write_tokens"],
            reasoning: totals.inner("completion_tokens_details")["reasoning_tokens"])
    }

    /// The whole answer.
    ///
    /// - Throws: `interrupted` without a finish reason.
    func response() throws(ModelError) -> ModelResponse {
        guard let finishReason else {
            throw ModelError(
                .interrupted, provider: OpenAIWire.provider, message: "the answer broke off", usage: usage,
                rawUsage: rawUsage)
        }
        var parts: [ModelPart] = []
        if !reasoning.isEmpty { parts.append(.thinking(reasoning, signature: nil, provider: OpenAIWire.provider)) }
        if !(text + refusal).isEmpty { parts.append(.text(text + refusal)) }
        let toolCalls = ToolPairing.unique(calls.sorted { $0.index < $1.index }.map { Self.toolCall($0) })
        parts += toolCalls.map { .toolCall($0) }
        return ModelResponse(
            message: ModelMessage(role: .assistant, parts: parts),
            stopReason: stopReason(finishReason, hasCalls: !toolCalls.isEmpty),
            usage: usage ?? TokenUsage(modelCalls: 1), rawUsage: rawUsage ?? .null, model: model,
            provider: OpenAIWire.provider, responseId: id, finishReason: finishReason)
    }

    private static func toolCall(_ call: Call) -> ToolCall {
        let (arguments, invalid) = WireJSON.arguments(call.arguments)
        return ToolCall(id: call.id, name: call.name, arguments: arguments, invalidArguments: invalid)
    }

    /// A reason that is unknown counts as the end of the turn; calls are to be answered whatever the reason says.
    private func stopReason(_ name: String, hasCalls: Bool) -> ModelResponse.StopReason {
        switch name {
        case "length": .maxTokens
        case "content_filter": .contentFilter
        case "tool_calls", "function_call": hasCalls ? .toolUse : .endTurn
        default: hasCalls ? .toolUse : refusal.isEmpty ? .endTurn : .refusal
        }
    }
}
