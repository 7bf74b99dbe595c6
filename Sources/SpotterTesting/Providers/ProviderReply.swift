public import SpotterDomain

/// What a `ProviderDouble` does with one call.
public enum ProviderReply: Sendable {
    /// Answers as the provider would: as a stream if the call asks for one, else in one piece.
    case answer(ProviderAnswer)
    /// Refuses.
    case failure(status: Int, headers: [String: String] = [:], body: String)
    /// Does exactly these things on the connection, and then closes it.
    case steps([ProviderStep])

    /// Says a text.
    public static func text(_ text: String) -> ProviderReply { .answer(ProviderAnswer(text: text)) }

    /// Calls one tool; `arguments` is JSON text, which may be broken.
    public static func call(_ tool: String, _ arguments: String, id: String = "call_1") -> ProviderReply {
        .answer(ProviderAnswer(calls: [ProviderAnswer.Call(id: id, name: tool, arguments: arguments)]))
    }
}

/// A step of a reply that goes wrong in its own way.
public enum ProviderStep: Sendable {
    /// Begins an answer of status 200 that lasts until the connection is closed.
    case begin(contentType: String)
    /// Writes bytes.
    case write([UInt8])
    /// Writes the same bytes again and again, until the peer closes.
    case flood([UInt8])
    /// Writes the same bytes again and again, with so many milliseconds between, until the peer closes.
    case drip([UInt8], milliseconds: Int)
    /// Says nothing more until the peer closes.
    case silence
    /// Ends the connection with a reset.
    case reset

    /// Writes text.
    public static func text(_ text: String) -> ProviderStep { .write(Array(text.utf8)) }
    /// Begins a stream of events.
    public static var beginStream: ProviderStep { .begin(contentType: "text/event-stream") }
}

/// A whole answer, in no provider's form.
public struct ProviderAnswer: Sendable {
    /// A call of a tool.
    public struct Call: Sendable {
        /// Identifies the call within the answer.
        public var id: String
        /// The tool's name.
        public var name: String
        /// JSON text, which may be broken.
        public var arguments: String

        /// - Parameters:
        ///   - id: identifies the call within the answer.
        ///   - name: the tool's.
        ///   - arguments: JSON text.
        public init(id: String, name: String, arguments: String) {
            self.id = id
            self.name = name
            self.arguments = arguments
        }
    }

    /// What the model thinks first; only Anthropic's form can say it.
    public var thinking: String?
    /// Thinking that is hidden, after the other; only Anthropic's form can say it.
    public var redactedThinking: String?
    /// What the model says.
    public var text: String
    /// What the model calls.
    public var calls: [Call]
    /// The reason to stop in the provider's own words; `nil` means the one that fits.
    public var stopReason: String?
    /// The counts, as Spotter counts them.
    public var usage: TokenUsage

    /// - Parameters:
    ///   - thinking: with a signature that the double makes up.
    ///   - text: empty for none.
    ///   - calls: in order.
    ///   - stopReason: in the provider's own words.
    ///   - usage: input includes cache reads and writes.
    public init(
        thinking: String? = nil, text: String = "", calls: [Call] = [], stopReason: String? = nil,
        usage: TokenUsage = TokenUsage(inputTokens: 100, outputTokens: 20)
    ) {
        self.thinking = thinking
        self.text = text
        self.calls = calls
        self.stopReason = stopReason
        self.usage = usage
    }

    /// The text in pieces, as a model makes it: cut after each space.
    var pieces: [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            piece.append(character)
            if character == " " {
                pieces.append(piece)
                piece = ""
            }
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
