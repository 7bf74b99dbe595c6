import SpotterDomain

/// The body of a Messages request. The same request always gives the same bytes, so that prompt caches hit.
enum AnthropicRequest {
    static func body(_ request: ModelRequest) -> JSONValue {
        var body = JSONObject()
        body["model"] = .string(request.model)
        body["max_tokens"] = .int(Int64(max(1, request.maxOutputTokens)))
        if !request.system.isEmpty {
            body["system"] = [AnthropicCache.marked(["type": "text", "text": .string(request.system)])]
        }
        let tools = request.tools.map { $0.json(for: .anthropic) } + AnthropicAnswerTool.tools(for: request)
        if !tools.isEmpty { body["tools"] = .array(AnthropicCache.markingLast(tools)) }
        body["tool_choice"] = AnthropicAnswerTool.choice(for: request)
        var turns = turns(request)
        // A question that is asked once, without tools, is read once: writing it to the cache would only cost.
        if !request.tools.isEmpty || turns.count > 1 { AnthropicCache.markTail(of: &turns) }
        body["messages"] = .array(turns.map { ["role": .string($0.role), "content": .array($0.blocks)] })
        if let temperature = request.temperature, ModelProfile.anthropic(request.model).acceptsTemperature {
            body["temperature"] = .double(min(max(temperature, 0), 1))
        }
        if request.isStreaming { body["stream"] = true }
        return .object(body)
    }

    /// A message as the API knows it.
    struct Turn: Sendable {
        let role: String
        var blocks: [JSONValue]
    }

    /// Neighbours that are both the user's become one message, tool results before everything else: the API refuses
    /// results that do not follow their calls at once. So do neighbours that are both the assistant's, as after a pause.
    private static func turns(_ request: ModelRequest) -> [Turn] {
        var result: [Turn] = []
        for message in ToolPairing.normalized(request.messages) {
            let role = message.role == .assistant ? "assistant" : "user"
            let keepsThinking = message.thinkingBelongs(to: request.model)
            let blocks = message.parts.compactMap { block($0, keepsThinking: keepsThinking) }
            guard !blocks.isEmpty else { continue }
            if let last = result.indices.last, result[last].role == role {
                result[last].blocks += blocks
            } else {
                result.append(Turn(role: role, blocks: blocks))
            }
        }
        return result
    }

    /// `nil` for what the API refuses: empty text, and thinking that is another's or has no signature.
    private static func block(_ part: ModelPart, keepsThinking: Bool) -> JSONValue? {
        switch part {
        case .text(let text):
            return text.isEmpty ? nil : ["type": "text", "text": .string(text)]
        case .thinking(let text, let signature, let provider):
            guard keepsThinking, provider == AnthropicWire.provider, let signature, !signature.isEmpty else {
                return nil
            }
            return ["type": "thinking", "thinking": .string(text), "signature": .string(signature)]
        case .redactedThinking(let data, let provider):
            guard keepsThinking, provider == AnthropicWire.provider else { return nil }
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
