/// One message of a conversation in a form that belongs to no provider, so that any of them can go on with it.
public struct ModelMessage: Sendable, Codable, Hashable {
    /// Who says it.
    public enum Role: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case user, assistant
        /// Answers to the tool calls of the assistant's message just before: one result for every call.
        case tool
    }

    /// Who says it.
    public let role: Role
    /// What it holds, in order.
    public var parts: [ModelPart]
    /// The model that made an assistant's message, as it was asked for; nil where that is not known. Thinking goes back
    /// to this model alone.
    public var model: String?

    /// A message of these parts.
    public init(role: Role, parts: [ModelPart], model: String? = nil) {
        self.role = role
        self.parts = parts
        self.model = model
    }

    /// A user's message that is just text.
    public static func user(_ text: String) -> ModelMessage { ModelMessage(role: .user, parts: [.text(text)]) }

    /// The texts of the message, joined.
    public var text: String { parts.compactMap(\.text).joined() }

    /// The tool calls of an assistant's message, in order.
    public var toolCalls: [ToolCall] { parts.compactMap { if case .toolCall(let call) = $0 { call } else { nil } } }

    /// Whether the thinking of this message may go to `model`: it made it, or who did is not known and the provider of
    /// each part decides.
    public func thinkingBelongs(to model: String) -> Bool { self.model == nil || self.model == model }

    /// The results of a tool message, in order.
    public var toolResults: [ToolResult] {
        parts.compactMap { if case .toolResult(let result) = $0 { result } else { nil } }
    }
}

/// A piece of a message.
public enum ModelPart: Sendable, Hashable {
    case text(String)
    /// The model's thinking. `signature` and `provider` belong together: the block goes back unchanged to the model that
    /// made it (`ModelMessage.model`) and to no other. What the signature holds is its provider's affair.
    case thinking(String, signature: String?, provider: String)
    /// Thinking that only its provider can read.
    case redactedThinking(String, provider: String)
    case toolCall(ToolCall)
    case toolResult(ToolResult)

    /// The text of a text part; nil for any other part, thinking among them.
    public var text: String? { if case .text(let text) = self { text } else { nil } }
}

extension ModelPart: Codable {
    private struct Form: Codable {
        var type: String
        var text: String?
        var signature: String?
        var provider: String?
        var call: ToolCall?
        var result: ToolResult?
    }

    /// Reads the form that `encode(to:)` writes; an unknown `type` is refused.
    public init(from decoder: any Decoder) throws {
        let form = try Form(from: decoder)
        switch (form.type, form.call, form.result) {
        case ("text", _, _): self = .text(form.text ?? "")
        case ("thinking", _, _):
            self = .thinking(form.text ?? "", signature: form.signature, provider: form.provider ?? "")
        case ("redacted_thinking", _, _): self = .redactedThinking(form.text ?? "", provider: form.provider ?? "")
        case ("tool_call", let call?, _): self = .toolCall(call)
        case ("tool_result", _, let result?): self = .toolResult(result)
        default:
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "is not a known part of a message"))
        }
    }

    /// Writes an object whose `type` says which part it is.
    public func encode(to encoder: any Encoder) throws {
        let form =
            switch self {
            case .text(let text): Form(type: "text", text: text)
            case .thinking(let text, let signature, let provider):
                Form(type: "thinking", text: text, signature: signature, provider: provider)
            case .redactedThinking(let data, let provider):
                Form(type: "redacted_thinking", text: data, provider: provider)
            case .toolCall(let call): Form(type: "tool_call", call: call)
            case .toolResult(let result): Form(type: "tool_result", result: result)
            }
        try form.encode(to: encoder)
    }
}

/// A model's wish to use a tool.
public struct ToolCall: Sendable, Codable, Hashable {
    /// Unique within the turn.
    public let id: String
    /// The tool's name, as the model wrote it.
    public let name: String
    /// An object; `{}` when the model sent none.
    public let arguments: JSONValue
    /// The text the model sent where it was not a JSON object; the call is then answered with an error.
    public let invalidArguments: String?

    /// A call; `invalidArguments` only where the text was not a JSON object.
    public init(id: String, name: String, arguments: JSONValue, invalidArguments: String? = nil) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.invalidArguments = invalidArguments
    }
}

/// What a tool answered.
public struct ToolResult: Sendable, Codable, Hashable {
    /// The id of the call it answers.
    public let callId: String
    /// The tool's name.
    public let name: String
    /// What the tool answered, or what went wrong.
    public let output: JSONValue
    /// Whether `output` tells of an error.
    public let isError: Bool
    /// How long the tool took, in milliseconds.
    public let durationMs: Int

    /// The answer to the call `callId`.
    public init(callId: String, name: String, output: JSONValue, isError: Bool, durationMs: Int) {
        self.callId = callId
        self.name = name
        self.output = output
        self.isError = isError
        self.durationMs = durationMs
    }

    /// What the model reads: text as it is, anything else as JSON.
    public var text: String { output.string ?? output.description }
}
