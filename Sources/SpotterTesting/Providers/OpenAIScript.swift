public import SpotterDomain

/// Writes answers in the form of OpenAI's Chat Completions API.
public enum OpenAIScript {
    /// The end of every stream.
    public static let done = "data: [DONE]\n\n"

    /// One event, as it stands on the wire.
    public static func event(_ data: JSONValue) -> String { "data: \(data)\n\n" }

    /// A chunk with one choice.
    public static func chunk(_ delta: JSONValue, finish: String? = nil, model: String = "double") -> JSONValue {
        [
            "id": "chatcmpl-double", "object": "chat.completion.chunk", "created": 1_700_000_000,
            "model": .string(model),
            "choices": [
                ["index": 0, "delta": delta, "logprobs": .null, "finish_reason": finish.map { .string($0) } ?? .null]
            ],
            "usage": .null, "obfuscation": "x",
        ]
    }

    /// A stream's events; the counts come last, without a choice.
    static func events(_ answer: ProviderAnswer, model: String) -> [String] {
        var chunks: [JSONValue] = [chunk(["role": "assistant", "content": ""], model: model)]
        for piece in answer.pieces { chunks.append(chunk(["content": .string(piece)], model: model)) }
        for (index, call) in answer.calls.enumerated() {
            let number = JSONValue.int(Int64(index))
            let start: JSONValue = [
                "index": number, "id": .string(call.id), "type": "function",
                "function": ["name": .string(call.name), "arguments": ""],
            ]
            chunks.append(chunk(["tool_calls": [start]], model: model))
            for half in halves(call.arguments) {
                let part: JSONValue = ["index": number, "function": ["arguments": .string(half)]]
                chunks.append(chunk(["tool_calls": [part]], model: model))
            }
        }
        chunks.append(chunk([:], finish: finishReason(answer), model: model))
        chunks.append([
            "id": "chatcmpl-double", "object": "chat.completion.chunk", "model": .string(model), "choices": [],
            "usage": usage(answer.usage),
        ])
        return chunks.map { event($0) } + [done]
    }

    /// An answer in one piece.
    static func whole(_ answer: ProviderAnswer, model: String) -> JSONValue {
        var message = JSONObject()
        message["role"] = "assistant"
        message["content"] = answer.text.isEmpty ? .null : .string(answer.text)
        message["refusal"] = .null
        if !answer.calls.isEmpty {
            message["tool_calls"] = .array(
                answer.calls.map { call in
                    [
                        "id": .string(call.id), "type": "function",
                        "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
                    ]
                })
        }
        return [
            "id": "chatcmpl-double", "object": "chat.completion", "created": 1_700_000_000, "model": .string(model),
            "choices": [
                ["index": 0, "message": .object(message), "finish_reason": .string(finishReason(answer))]
            ],
            "usage": usage(answer.usage),
        ]
    }

    private static func finishReason(_ answer: ProviderAnswer) -> String {
        answer.stopReason ?? (answer.calls.isEmpty ? "stop" : "tool_calls")
    }

    private static func usage(_ usage: TokenUsage) -> JSONValue {
        [
            "prompt_tokens": .int(Int64(usage.inputTokens)), "completion_tokens": .int(Int64(usage.outputTokens)),
            "total_tokens": .int(Int64(usage.inputTokens + usage.outputTokens)),
            "prompt_tokens_details": [
                "cached_tokens": .int(Int64(usage.cacheReadTokens)),
                "cache_write_tokens": .int(Int64(usage.cacheWriteTokens)),
            ],
            "completion_tokens_details": ["reasoning_tokens": .int(Int64(usage.reasoningTokens))],
        ]
    }
}
