import SpotterDomain

/// The body of a Chat Completions request. The same request always gives the same bytes, so that prompt caches hit.
enum OpenAIRequest {
    static func body(_ request: ModelRequest) -> JSONValue {
        let profile = ModelProfile.openAI(request.model)
        var body = JSONObject()
        body["model"] = .string(request.model)
        let limit = profile.usesMaxCompletionTokens ? "max_completion_tokens" : "max_tokens"
        body[limit] = .int(Int64(max(1, request.maxOutputTokens)))
        if !request.tools.isEmpty { body["tools"] = .array(request.tools.map { $0.json(for: .openai) }) }
        body["messages"] = .array(messages(request))
        if let temperature = request.temperature, profile.acceptsTemperature {
            body["temperature"] = .double(min(max(temperature, 0), 2))
        }
        if let schema = request.responseSchema {
            body["response_format"] = [
                "type": "json_schema",
                "json_schema": [
                    "name": .string(schema.name), "schema": schema.schema.json,
                    "strict": .bool(schema.schema.isStrict),
                ],
            ]
        }
        if request.isStreaming {
            body["stream"] = true
            body["stream_options"] = ["include_usage": true]
        }
        return .object(body)
    }

    private static func messages(_ request: ModelRequest) -> [JSONValue] {
        var result: [JSONValue] = []
        if !request.system.isEmpty { result.append(["role": "system", "content": .string(request.system)]) }
        for message in ToolPairing.normalized(request.messages) {
            switch message.role {
            case .user: result.append(["role": "user", "content": .string(message.text)])
            case .assistant: result += assistant(message)
            case .tool:
                result += message.toolResults.map { answer in
                    [
                        "role": "tool", "tool_call_id": .string(answer.callId),
                        "content": .string(answer.isError ? "Error: " + answer.text : answer.text),
                    ]
                }
            }
        }
        return result
    }

    /// Thinking stays behind: this API neither gives nor takes it. A message of nothing else is left out.
    private static func assistant(_ message: ModelMessage) -> [JSONValue] {
        let calls = message.toolCalls
        guard !calls.isEmpty || !message.text.isEmpty else { return [] }
        var object = JSONObject()
        object["role"] = "assistant"
        object["content"] = message.text.isEmpty ? .null : .string(message.text)
        if !calls.isEmpty {
            object["tool_calls"] = .array(
                calls.map { call in
                    [
                        "id": .string(call.id), "type": "function",
                        "function": [
                            "name": .string(call.name),
                            "arguments": .string(call.invalidArguments ?? call.arguments.description),
                        ],
                    ]
                })
        }
        return [.object(object)]
    }
}
