import SpotterDomain

/// An answer as far as it is known: blocks by index, and the counts.
struct AnthropicAnswer: Sendable {
    private enum Block: Sendable {
        case text(String)
        case thinking(String, signature: String)
        case redactedThinking(String)
        /// `input` is what came with the start of the block, `json` what came in pieces.
        case toolUse(id: String, name: String, input: JSONValue?, json: String)
        /// Of a kind that was not asked for.
        case unknown
    }

    /// No answer has more; an index beyond it is a server gone wrong.
    private static let mostBlocks = 1024

    private var model = ""
    private var blocks: [Int: Block] = [:]
    private var stopReason: String?
    private var refusalExplanation: String?
    private var rawUsage: JSONValue?
    /// The counts of the prompt: the last object that has them replaces all of them.
    private var inputUsage: JSONValue?

    /// Takes a `message` object.
    mutating func start(_ message: JSONValue) {
        model = message["model"]?.string ?? model
        if let usage = message["usage"] { take(usage) }
    }

    /// Opens a block and returns what a reader sees of it.
    mutating func startBlock(_ index: Int, _ block: JSONValue) -> [ModelDelta] {
        guard (0..<Self.mostBlocks).contains(index) else { return [] }
        let text = { (name: String) in block[name]?.string ?? "" }
        switch text("type") {
        case "text":
            blocks[index] = .text(text("text"))
            return text("text").isEmpty ? [] : [.text(text("text"))]
        case "thinking":
            blocks[index] = .thinking(text("thinking"), signature: text("signature"))
            return text("thinking").isEmpty ? [] : [.thinking(text("thinking"))]
        case "redacted_thinking":
            blocks[index] = .redactedThinking(text("data"))
        case "tool_use":
            let id = text("id").isEmpty ? "call_\(index)" : text("id")
            blocks[index] = .toolUse(id: id, name: text("name"), input: block["input"], json: "")
            return [.toolCallStarted(id: id, name: text("name"))]
        default: blocks[index] = .unknown
        }
        return []
    }

    /// Adds to a block. What does not fit the block is ignored, as unknown kinds of deltas are.
    mutating func extend(_ index: Int, _ delta: JSONValue) -> [ModelDelta] {
        let text = { (name: String) in delta[name]?.string ?? "" }
        switch (delta["type"]?.string, blocks[index]) {
        case ("text_delta", .text(let before)):
            blocks[index] = .text(before + text("text"))
            return text("text").isEmpty ? [] : [.text(text("text"))]
        case ("thinking_delta", .thinking(let before, let signature)):
            blocks[index] = .thinking(before + text("thinking"), signature: signature)
            return text("thinking").isEmpty ? [] : [.thinking(text("thinking"))]
        case ("signature_delta", .thinking(let before, let signature)):
            blocks[index] = .thinking(before, signature: signature + text("signature"))
        case ("input_json_delta", .toolUse(let id, let name, let input, let json)):
            blocks[index] = .toolUse(id: id, name: name, input: input, json: json + text("partial_json"))
        default: break
        }
        return []
    }

    /// Takes the stop reason and the counts so far.
    mutating func change(delta: JSONValue, usage: JSONValue?) {
        stopReason = delta["stop_reason"]?.string ?? stopReason
        refusalExplanation = delta["stop_details"]?["explanation"]?.string ?? refusalExplanation
        if let usage { take(usage) }
    }

    /// Counts are running totals: each object replaces the one before, member by member as a whole, and is never added.
    private mutating func take(_ usage: JSONValue) {
        guard usage.object != nil else { return }
        rawUsage = (rawUsage ?? .object(JSONObject())).replacingMembers(with: usage)
        if usage["input_tokens"]?.int != nil { inputUsage = usage }
    }

    /// Whether the provider has said why it stopped: then nothing of the content is missing.
    var isComplete: Bool { stopReason != nil }

    /// The counts, whichever came; `input_tokens` of the wire excludes what the cache read and wrote.
    var usage: TokenUsage? {
        guard let rawUsage else { return nil }
        let prompt = WireUsage(inputUsage)
        let (read, written) = (prompt["cache_read_input_tokens"], prompt["cache_creation_input_tokens"])
        let totals = WireUsage(rawUsage)
        return WireUsage.normalized(
            input: prompt["input_tokens"] + read + written, output: totals["output_tokens"], cacheRead: read,
            cacheWrite: written, reasoning: totals.inner("output_tokens_details")["reasoning_tokens"])
    }

    /// The whole answer.
    ///
    /// - Throws: `interrupted` without a stop reason.
    func response() throws(ModelError) -> ModelResponse {
        guard let stopReason else {
            throw ModelError(
                .interrupted, provider: AnthropicWire.provider, message: "the answer broke off", usage: usage)
        }
        let parts = parts()
        let message = ModelMessage(role: .assistant, parts: parts)
        return ModelResponse(
            message: message, stopReason: Self.stopReason(stopReason, hasCalls: !message.toolCalls.isEmpty),
            usage: usage ?? TokenUsage(modelCalls: 1), rawUsage: rawUsage ?? .null, model: model,
            provider: AnthropicWire.provider)
    }

    private func parts() -> [ModelPart] {
        let ordered = blocks.sorted { $0.key < $1.key }.map(\.value)
        var calls = ToolPairing.unique(ordered.compactMap { Self.call($0) })[...]
        var parts: [ModelPart] = ordered.compactMap { block in
            switch block {
            case .text(let text): text.isEmpty ? nil : .text(text)
            case .thinking(let text, let signature):
                .thinking(text, signature: signature.isEmpty ? nil : signature, provider: AnthropicWire.provider)
            case .redactedThinking(let data): .redactedThinking(data, provider: AnthropicWire.provider)
            case .toolUse: calls.popFirst().map { .toolCall($0) }
            case .unknown: nil
            }
        }
        if stopReason == "refusal", let refusalExplanation, !parts.contains(where: { $0.text != nil }) {
            parts.append(.text(refusalExplanation))
        }
        return parts
    }

    private static func call(_ block: Block) -> ToolCall? {
        guard case .toolUse(let id, let name, let input, let json) = block else { return nil }
        if json.isEmpty, let input, input.object != nil { return ToolCall(id: id, name: name, arguments: input) }
        let (arguments, invalid) = WireJSON.arguments(json)
        return ToolCall(id: id, name: name, arguments: arguments, invalidArguments: invalid)
    }

    /// A reason that is unknown counts as the end of the turn; calls are to be answered whatever the reason says.
    private static func stopReason(_ name: String, hasCalls: Bool) -> ModelResponse.StopReason {
        switch name {
        case "tool_use": .toolUse
        case "max_tokens": .maxTokens
        case "stop_sequence": .stopSequence
        case "pause_turn": .pauseTurn
        case "refusal": .refusal
        case "model_context_window_exceeded": .contextExceeded
        default: hasCalls ? .toolUse : .endTurn
        }
    }
}

extension JSONValue {
    /// This object with each member of `other` in place of its own of that name, whole.
    func replacingMembers(with other: JSONValue) -> JSONValue {
        guard var object, let members = other.object else { return other }
        for (name, value) in members { object[name] = value }
        return .object(object)
    }
}
