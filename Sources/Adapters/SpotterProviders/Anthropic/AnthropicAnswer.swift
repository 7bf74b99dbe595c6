import SpotterDomain

/// An answer as far as it is known: blocks by index, and the counts.
struct AnthropicAnswer: Sendable {
    private struct Block: Sendable {
        enum Kind: String, Sendable {
            case text, thinking
            case redactedThinking = "redacted_thinking"
            case toolUse = "tool_use"
        }

        /// `nil` for a kind that was not asked for.
        var kind: Kind?
        /// Text, thinking, or data that only the provider can read.
        var text = ""
        var signature = ""
        var id = ""
        var name = ""
        /// What came with the start of a tool call, and what came in pieces.
        var input: JSONValue?
        var json = ""
    }

    /// No answer has more; an index beyond it is a server gone wrong.
    private static let mostBlocks = 1024

    /// The tool whose arguments are the answer; see `AnthropicAnswerTool`.
    private let answerTool: String?
    private var model = ""
    private var id: String?
    private var blocks: [Int: Block] = [:]
    private var stopReason: String?
    private var refusalExplanation: String?
    private(set) var rawUsage: JSONValue?

    init(answerTool: String? = nil) { self.answerTool = answerTool }

    /// Takes a `message` object.
    mutating func start(_ message: JSONValue) {
        model = message["model"]?.string ?? model
        id = message["id"]?.string ?? id
        if let usage = message["usage"] { take(usage) }
    }

    /// Opens a block and returns what a reader sees of it.
    mutating func startBlock(_ index: Int, _ start: JSONValue) -> [ModelDelta] {
        guard (0..<Self.mostBlocks).contains(index) else { return [] }
        var block = Block(kind: start["type"]?.string.flatMap { Block.Kind(rawValue: $0) })
        switch block.kind {
        case .text: block.text = start["text"]?.string ?? ""
        case .thinking:
            block.text = start["thinking"]?.string ?? ""
            block.signature = start["signature"]?.string ?? ""
        case .redactedThinking: block.text = start["data"]?.string ?? ""
        case .toolUse:
            block.id = start["id"]?.string ?? ""
            if block.id.isEmpty { block.id = "call_\(index)" }
            block.name = start["name"]?.string ?? ""
            block.input = start["input"]
        case nil: break
        }
        blocks[index] = block
        switch block.kind {
        case .text where !block.text.isEmpty: return [.text(block.text)]
        case .thinking where !block.text.isEmpty: return [.thinking(block.text)]
        case .toolUse where block.name == answerTool: return []
        case .toolUse: return [.toolCallStarted(id: block.id, name: block.name)]
        default: return []
        }
    }

    /// Adds to a block, in place. What does not fit the block is ignored, as unknown kinds of deltas are.
    mutating func extend(_ index: Int, _ delta: JSONValue) -> [ModelDelta] {
        guard let kind = blocks[index]?.kind else { return [] }
        let text = { (name: String) in delta[name]?.string ?? "" }
        switch (delta["type"]?.string, kind) {
        case ("text_delta", .text):
            blocks[index]?.text += text("text")
            return text("text").isEmpty ? [] : [.text(text("text"))]
        case ("thinking_delta", .thinking):
            blocks[index]?.text += text("thinking")
            return text("thinking").isEmpty ? [] : [.thinking(text("thinking"))]
        case ("signature_delta", .thinking): blocks[index]?.signature += text("signature")
        case ("input_json_delta", .toolUse):
            blocks[index]?.json += text("partial_json")
            guard blocks[index]?.name == answerTool, !text("partial_json").isEmpty else { return [] }
            return [.text(text("partial_json"))]
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
        var known = rawUsage ?? .object(JSONObject())
        // The counts of the prompt belong together: the last object that has them replaces all of them.
        if usage["input_tokens"]?.int != nil { known = known.replacingMembers(with: Self.noCounts(in: known)) }
        rawUsage = known.replacingMembers(with: usage)
    }

    /// Nothing in the place of each count of the prompt that is there.
    private static func noCounts(in usage: JSONValue) -> JSONValue {
        var none = JSONObject()
        for name in ["cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"] {
            if usage[name] != nil { none[name] = .null }
        }
        return .object(none)
    }

    /// Whether the provider has said why it stopped: then nothing of the content is missing.
    var isComplete: Bool { stopReason != nil }

    /// The counts, whichever came; `input_tokens` of the wire excludes what the cache read and wrote.
    var usage: TokenUsage? {
        rawUsage.map { Self.usage(in: $0) }
    }

    static func usage(in raw: JSONValue) -> TokenUsage {
        let totals = WireUsage(raw)
        let (read, written) = (totals["cache_read_input_tokens"], totals["cache_creation_input_tokens"])
        return WireUsage.normalized(
            input: totals["input_tokens"] + read + written, output: totals["output_tokens"], cacheRead: read,
            cacheWrite: written, reasoning: totals.inner("output_tokens_details")["reasoning_tokens"])
    }

    /// The whole answer.
    ///
    /// - Throws: `interrupted` without a stop reason.
    func response() throws(ModelError) -> ModelResponse {
        guard let stopReason else {
            throw ModelError(
                .interrupted, provider: AnthropicWire.provider, message: "the answer broke off", usage: usage,
                rawUsage: rawUsage)
        }
        let parts = parts()
        let message = ModelMessage(role: .assistant, parts: parts)
        return ModelResponse(
            message: message, stopReason: self.stopReason(stopReason, hasCalls: !message.toolCalls.isEmpty),
            usage: usage ?? TokenUsage(modelCalls: 1), rawUsage: rawUsage ?? .null, model: model,
            provider: AnthropicWire.provider, responseId: id, finishReason: stopReason)
    }

    private func parts() -> [ModelPart] {
        var ordered = blocks.sorted { $0.key < $1.key }.map(\.value)
        if let answerTool { ordered = Self.answering(ordered, by: answerTool) }
        var calls = ToolPairing.unique(ordered.compactMap { Self.call($0) })[...]
        var parts: [ModelPart] = ordered.compactMap { block in
            switch block.kind {
            case .text: block.text.isEmpty ? nil : .text(block.text)
            case .thinking:
                .thinking(
                    block.text, signature: block.signature.isEmpty ? nil : block.signature,
                    provider: AnthropicWire.provider)
            case .redactedThinking: .redactedThinking(block.text, provider: AnthropicWire.provider)
            case .toolUse: calls.popFirst().map { .toolCall($0) }
            case nil: nil
            }
        }
        if stopReason == "refusal", let refusalExplanation, !parts.contains(where: { $0.text != nil }) {
            parts.append(.text(refusalExplanation))
        }
        return parts
    }

    /// The call of the answer tool as the text that it is, in place of all other text. Where other tools are called
    /// beside it their results come first, and the model answers after them.
    private static func answering(_ blocks: [Block], by tool: String) -> [Block] {
        let isAnswer = { (block: Block) in block.kind == .toolUse && block.name == tool }
        guard let answer = blocks.first(where: isAnswer) else { return blocks }
        let rest = blocks.filter { !isAnswer($0) }
        if rest.contains(where: { $0.kind == .toolUse }) { return rest }
        var text = Block(kind: .text)
        text.text = answer.json.isEmpty ? (answer.input ?? [:]).description : answer.json
        return rest.filter { $0.kind != .text } + [text]
    }

    private static func call(_ block: Block) -> ToolCall? {
        guard block.kind == .toolUse else { return nil }
        if block.json.isEmpty, let input = block.input, input.object != nil {
            return ToolCall(id: block.id, name: block.name, arguments: input)
        }
        let (arguments, invalid) = WireJSON.arguments(block.json)
        return ToolCall(id: block.id, name: block.name, arguments: arguments, invalidArguments: invalid)
    }

    /// A reason that is unknown counts as the end of the turn; calls are to be answered whatever the reason says.
    private func stopReason(_ name: String, hasCalls: Bool) -> ModelResponse.StopReason {
        switch name {
        case "tool_use": hasCalls || answerTool == nil ? .toolUse : .endTurn
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
