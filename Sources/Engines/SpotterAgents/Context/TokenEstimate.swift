import SpotterDomain

/// How many tokens a model will count, without its tokenizer: rather a few too many than too few.
///
/// Tokenizers differ, so this weighs bytes by what they are: four letters of an ordinary word make a token, two signs or
/// digits do, and so do two letters of other alphabets; an ideograph is more than one, an emoji about two. What has no
/// word boundaries, such as a key or a picture in base 64, is dearer by the letter. What providers report corrects the
/// figure during a turn (`ChatContext`).
enum TokenEstimate {
    /// What a message costs beside its parts.
    static let perMessage = 4
    /// What a tool call or a result costs beside its text, ids and names.
    static let perCall = 12
    /// What a tool costs beside its text.
    static let perTool = 16
    /// A run of letters longer than this is no word.
    private static let longestWord = 24

    /// The tokens of a text.
    static func tokens(of text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            // In quarters of a token.
            var quarters = 0
            var run = 0
            for byte in bytes {
                switch byte {
                case 0x41...0x5A, 0x61...0x7A:
                    run += 1
                    quarters += run > longestWord ? 2 : 1
                case 0x20, 0x0A:
                    run = 0
                    quarters += 1
                case 0x00..<0x80:
                    // Digits and signs; they do not end a run, because keys are full of them.
                    run += 1
                    quarters += 2
                case 0xC0..<0xE0: quarters += 2
                case 0xE0..<0xF0: quarters += 5
                case 0xF0...: quarters += 9
                // What follows the first byte of a character is counted with it.
                default: break
                }
            }
            return (quarters + 3) / 4
        }
    }

    /// The tokens of a piece of a message.
    static func tokens(of part: ModelPart) -> Int {
        switch part {
        case .text(let text): tokens(of: text)
        case .thinking(let text, let signature, _): tokens(of: text) + (signature.map(tokens(of:)) ?? 0)
        case .redactedThinking(let data, _): tokens(of: data)
        case .toolCall(let call):
            perCall + tokens(of: call.name) + tokens(of: call.invalidArguments ?? call.arguments.description)
        case .toolResult(let result): perCall + tokens(of: result.text)
        }
    }

    /// The tokens of a message.
    static func tokens(of message: ModelMessage) -> Int {
        message.parts.reduce(perMessage) { $0 + tokens(of: $1) }
    }

    /// The tokens of messages.
    static func tokens(of messages: some Sequence<ModelMessage>) -> Int {
        messages.reduce(0) { $0 + tokens(of: $1) }
    }

    /// The tokens of what a model is told of its tools.
    static func tokens(of tools: [ToolDescription]) -> Int {
        tools.reduce(0) { sum, tool in
            sum + perTool + tokens(of: tool.name) + tokens(of: tool.summary)
                + tokens(of: tool.parameters.json.description)
        }
    }
}
