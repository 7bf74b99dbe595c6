import SpotterDomain

/// The body of a Messages request. The same request always gives the same bytes, so that prompt caches hit.
enum AnthropicRequest {
    static func body(_ request: ModelRequest) -> JSONValue {
        var body = JSONObject()
        body["model"] = .string(request.model)
        body["max_tokens"] = .int(Int64(max(1, request.maxOutputTokens)))
        if !request.system.isEmpty { body["system"] = .string(request.system) }
        if !request.tools.isEmpty { body["tools"] = .array(request.tools.map { $0.json(for: .anthropic) }) }
        body["messages"] = .array(messages(request.messages))
        if let temperature = request.temperature, ModelProfile.anthropic(request.model).acceptsTemperature {
            body["temperature"] = .double(min(max(temperature, 0), 1))
        }
        if request.isStreaming { body["stream"] = true }
        return .object(body)
    }

    /// Neighbours that are both the user's become one message, tool results before everything else: the API refuses
    /// results that do not follow their calls at once.
    private static func messages(_ history: [ModelMessage]) -> [JSONValue] {
        var result: [(role: String, blocks: [JSONValue])] = []
        for message in ToolPairing.normalized(history) {
            let role = message.role == .assistant ? "assistant" : "user"
            let blocks = message.parts.compactMap { block($0) }
            guard !blocks.isEmpty else { continue }
            if let last = result.indices.last, result[last].role == role {
                result[last].blocks += blocks
            } else {
                result.append((role, blocks))
            }
        }
        return result.map { ["role": .string($0.role), "content": .array($0.blocks)] }
    }

    /// `nil` for what the API refuses: empty text, and thinking that is another provider's or has no signature.
    private static func block(_ part: ModelPart) -> JSONValue? {
        switch part {
        case .text(let text):
            return text.isEmpty ? nil : ["type": "text", "text": .string(text)]
        case .thinking(let text, let signature, let provider):
            guard provider == AnthropicWire.provider, let signature, !signature.isEmpty else { return nil }
            return ["type": "thinking", "thinking": .string(text), "signature": .string(signature)]
        case .redactedThinking(let data, let provider):
            guard provider == AnthropicWire.provider else { return nil }
            return ["type": "redacted_thinking", "data": .string(data)]
        case .toolCall(let call):
            return [
                "type": "tool_use", "id": .string(identifier(call.id)), "name": .string(call.name),
                "input": call.arguments.object == nil ? .object(JSONObject()) : call.arguments,
            ]
        case .toolResult(let result):
            var block = JSONObject()
            block["type"] = "tool_result"
            block["tool_use_id"] = .string(identifier(result.callId))
            block["content"] = .string(result.text)
            if result.isError { block["is_error"] = true }
            return .object(block)
        }
    }

    /// Other providers' identifiers may hold what this API refuses: it takes `[a-zA-Z0-9_-]+`.
    private static func identifier(_ id: String) -> String {
        String(
            decoding: id.utf8.map { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: byte
                default: UInt8(ascii: "_")
                }
            }, as: UTF8.self)
    }
}
