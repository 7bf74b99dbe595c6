public import SpotterDomain

/// Writes answers in the form of Anthropic's Messages API.
public enum AnthropicScript {
    /// The signature of every thinking block that the double makes.
    public static let signature = "c2lnbmF0dXJl"

    /// One event, as it stands on the wire.
    public static func event(_ data: JSONValue) -> String {
        "event: \(data["type"]?.string ?? "")\ndata: \(data)\n\n"
    }

    /// A stream's events, pings and unknown ones among them.
    static func events(_ answer: ProviderAnswer, model: String) -> [String] {
        var events: [JSONValue] = [
            ["type": "message_start", "message": message(answer, model: model, content: [], isStart: true)],
            ["type": "ping"],
            ["type": "event_of_a_later_year", "index": 0],
        ]
        var index = 0
        func block(_ start: JSONValue, _ deltas: [JSONValue]) {
            let number = JSONValue.int(Int64(index))
            events.append(["type": "content_block_start", "index": number, "content_block": start])
            for delta in deltas {
                events.append(["type": "content_block_delta", "index": number, "delta": delta])
            }
            events.append(["type": "content_block_stop", "index": number])
            index += 1
        }
        if let thinking = answer.thinking {
            block(
                ["type": "thinking", "thinking": "", "signature": ""],
                [
                    ["type": "thinking_delta", "thinking": .string(thinking)],
                    ["type": "signature_delta", "signature": .string(signature)],
                ])
        }
        if let data = answer.redactedThinking { block(["type": "redacted_thinking", "data": .string(data)], []) }
        if !answer.text.isEmpty {
            block(
                ["type": "text", "text": ""],
                answer.pieces.map { ["type": "text_delta", "text": .string($0)] })
        }
        for call in answer.calls {
            let start: JSONValue = [
                "type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": [:],
            ]
            block(start, halves(call.arguments).map { ["type": "input_json_delta", "partial_json": .string($0)] })
        }
        let delta: JSONValue = ["stop_reason": .string(stopReason(answer)), "stop_sequence": .null]
        events.append(["type": "message_delta", "delta": delta, "usage": usage(answer.usage)])
        events.append(["type": "message_stop"])
        return events.map { event($0) }
    }

    /// An answer in one piece.
    static func whole(_ answer: ProviderAnswer, model: String) -> JSONValue {
        var content: [JSONValue] = []
        if let thinking = answer.thinking {
            content.append(["type": "thinking", "thinking": .string(thinking), "signature": .string(signature)])
        }
        if let data = answer.redactedThinking { content.append(["type": "redacted_thinking", "data": .string(data)]) }
        if !answer.text.isEmpty { content.append(["type": "text", "text": .string(answer.text)]) }
        for call in answer.calls {
            let input = (try? JSONParser.parse(call.arguments)) ?? .string(call.arguments)
            content.append(["type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": input])
        }
        return message(answer, model: model, content: content, isStart: false)
    }

    private static func message(
        _ answer: ProviderAnswer, model: String, content: [JSONValue], isStart: Bool
    ) -> JSONValue {
        var usage = usage(answer.usage).object ?? JSONObject()
        // The start of a stream has only begun to count what comes out.
        if isStart { usage["output_tokens"] = 1 }
        return [
            "id": "msg_double", "type": "message", "role": "assistant", "model": .string(model),
            "content": .array(content), "stop_reason": isStart ? .null : .string(stopReason(answer)),
            "stop_sequence": .null, "usage": .object(usage),
        ]
    }

    private static func stopReason(_ answer: ProviderAnswer) -> String {
        answer.stopReason ?? (answer.calls.isEmpty ? "end_turn" : "tool_use")
    }

    /// On the wire `input_tokens` excludes what the cache read and wrote.
    private static func usage(_ usage: TokenUsage) -> JSONValue {
        [
            "input_tokens": .int(Int64(usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens)),
            "cache_creation_input_tokens": .int(Int64(usage.cacheWriteTokens)),
            "cache_read_input_tokens": .int(Int64(usage.cacheReadTokens)),
            "output_tokens": .int(Int64(usage.outputTokens)),
        ]
    }
}

/// Cuts arguments in two, as models send them in pieces.
func halves(_ text: String) -> [String] {
    let middle = text.index(text.startIndex, offsetBy: text.count / 2)
    return [String(text[..<middle]), String(text[middle...])].filter { !$0.isEmpty }
}
