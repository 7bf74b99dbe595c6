extension ModelRequest {
    /// How many bytes of text the model is given, all parts together.
    public var textBytes: Int {
        system.utf8.count + (responseSchema.map { $0.name.utf8.count + $0.schema.json.bytes.count } ?? 0)
            + messages.reduce(0) { sum, message in sum + message.parts.reduce(0) { $0 + $1.textBytes } }
            + tools.reduce(0) { sum, tool in
                sum + tool.name.utf8.count + tool.summary.utf8.count + tool.parameters.json.bytes.count
            }
    }

    /// What a provider adds around each message and each tool, in tokens: more than any of them is known to.
    private static let frame = 32
    /// What a provider tells a model of how tools are called, in tokens: some five hundred.
    private static let toolFrame = 600

    /// As many tokens as the call may use, for budgets to set aside: letters of the Latin alphabet and spaces stand two
    /// to a token, any other byte for one of its own, as digits and punctuation may. Only letters without a sense can be
    /// more. The answer is bounded.
    public var usageBound: TokenUsage {
        var text = TextTally()
        text.add(system.utf8)
        if let responseSchema {
            text.add(responseSchema.name.utf8)
            text.add(responseSchema.schema.json.bytes)
        }
        for part in messages.lazy.flatMap(\.parts) { part.add(to: &text) }
        for tool in tools {
            text.add(tool.name.utf8)
            text.add(tool.summary.utf8)
            text.add(tool.parameters.json.bytes)
        }
        return usage(ofText: text.tokens)
    }

    /// What the call is taken to use where no budget asks: two bytes of text a token, which need not be read for it.
    public var roughUsageBound: TokenUsage { usage(ofText: textBytes / 2) }

    private func usage(ofText tokens: Int) -> TokenUsage {
        let framed = 1 + messages.reduce(0) { $0 + $1.parts.count } + tools.count
        let told = tools.isEmpty && responseSchema == nil ? 0 : Self.toolFrame
        return TokenUsage(
            inputTokens: tokens + Self.frame * framed + told, outputTokens: maxOutputTokens, modelCalls: 1)
    }

    /// About how many tokens that much text is: a token stands for four bytes of it, more or less.
    public static func estimatedTokens(bytes: Int) -> Int { (bytes + 3) / 4 }
}

/// Counts the bytes of texts by what they are in tokens.
private struct TextTally {
    private var bytes = 0
    private var plain = 0

    mutating func add(_ text: some Sequence<UInt8>) {
        for byte in text {
            bytes += 1
            if (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: " ") { plain += 1 }
        }
    }

    var tokens: Int { bytes - plain / 2 }
}

extension ModelPart {
    fileprivate func add(to tally: inout TextTally) {
        switch self {
        case .text(let text), .thinking(let text, _, _), .redactedThinking(let text, _): tally.add(text.utf8)
        case .toolCall(let call):
            tally.add(call.id.utf8)
            tally.add(call.name.utf8)
            tally.add(call.arguments.bytes)
        case .toolResult(let result):
            tally.add(result.callId.utf8)
            tally.add(result.text.utf8)
        }
    }

    fileprivate var textBytes: Int {
        switch self {
        case .text(let text), .thinking(let text, _, _), .redactedThinking(let text, _): text.utf8.count
        case .toolCall(let call): call.id.utf8.count + call.name.utf8.count + call.arguments.bytes.count
        case .toolResult(let result): result.callId.utf8.count + result.text.utf8.count
        }
    }
}
