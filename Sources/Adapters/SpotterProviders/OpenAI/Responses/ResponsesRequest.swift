import SpotterDomain

/// The body of a Responses request. The same request always gives the same bytes, so that prompt caches hit.
enum ResponsesRequest {
    /// The API refuses a smaller limit.
    private static let leastOutput = 16

    static func body(_ request: ModelRequest) -> JSONValue {
        let profile = ModelProfile.openAI(request.model)
        var body = JSONObject()
        body["model"] = .string(request.model)
        body["max_output_tokens"] = .int(Int64(max(leastOutput, request.maxOutputTokens)))
        if !request.system.isEmpty { body["instructions"] = .string(request.system) }
        if !request.tools.isEmpty { body["tools"] = .array(request.tools.map { tool($0) }) }
        body["input"] = .array(input(request))
        if let schema = request.responseSchema { body["text"] = ["format": format(schema)] }
        if let temperature = request.temperature, profile.acceptsTemperature {
            body["temperature"] = .double(min(max(temperature, 0), 2))
        }
        // Without a store the thinking comes along, sealed, and is sent back with the next question.
        body["store"] = false
        if profile.isReasoning { body["include"] = ["reasoning.encrypted_content"] }
        if request.isStreaming {
            body["stream"] = true
            body["stream_options"] = ["include_obfuscation": false]
        }
        return .object(body)
    }

    /// Functions are not nested here, and are strict unless they say that they are not.
    private static func tool(_ tool: ToolDescription) -> JSONValue {
        [
            "type": "function", "name": .string(tool.name), "description": .string(tool.summary),
            "parameters": tool.parameters.json, "strict": false,
        ]
    }

    private static func format(_ schema: ResponseSchema) -> JSONValue {
        [
            "type": "json_schema", "name": .string(schema.name), "schema": schema.schema.json,
            "strict": .bool(schema.schema.isStrict),
        ]
    }

    private static func input(_ request: ModelRequest) -> [JSONValue] {
        ToolPairing.normalized(request.messages).flatMap { message in
            let keepsThinking = message.thinkingBelongs(to: request.model)
            return message.parts.compactMap { item($0, role: message.role, keepsThinking: keepsThinking) }
        }
    }

    /// `nil` for what says nothing here: empty text, and thinking that is another's or not sealed.
    private static func item(_ part: ModelPart, role: ModelMessage.Role, keepsThinking: Bool) -> JSONValue? {
        switch part {
        case .text(let text):
            text.isEmpty
                ? nil : ["role": role == .assistant ? "assistant" : "user", "content": .string(text)]
        case .thinking(_, let signature, let provider):
            keepsThinking && provider == ResponsesWire.provider
                ? signature.flatMap { ReasoningItem(sealed: $0)?.json } : nil
        case .redactedThinking: nil
        case .toolCall(let call):
            [
                "type": "function_call", "call_id": .string(call.id), "name": .string(call.name),
                "arguments": .string(call.invalidArguments ?? call.arguments.description),
            ]
        case .toolResult(let answer):
            [
                "type": "function_call_output", "call_id": .string(answer.callId),
                "output": .string(answer.isError ? "Error: " + answer.text : answer.text),
            ]
        }
    }
}
