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

    /// More tokens than the call uses: a token of any language stands for more than two bytes of text (those of digits
    /// and pictures come near it), and the answer is bounded.
    public var usageBound: TokenUsage {
        let framed = 1 + messages.reduce(0) { $0 + $1.parts.count } + tools.count
        let told = tools.isEmpty && responseSchema == nil ? 0 : Self.toolFrame
        return TokenUsage(
            inputTokens: textBytes / 2 + Self.frame * framed + told, outputTokens: maxOutputTokens, modelCalls: 1)
    }

    /// About how many tokens that much text is: a token stands for four bytes of it, more or less.
    public static func estimatedTokens(bytes: Int) -> Int { (bytes + 3) / 4 }
}

extension ModelPart {
    fileprivate var textBytes: Int {
        switch self {
        case .text(let text), .thinking(let text, _, _), .redactedThinking(let text, _): text.utf8.count
        case .toolCall(let call): call.id.utf8.count + call.name.utf8.count + call.arguments.bytes.count
        case .toolResult(let result): result.callId.utf8.count + result.text.utf8.count
        }
    }
}
