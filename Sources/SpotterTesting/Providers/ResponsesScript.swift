public import SpotterDomain

/// Writes answers in the form of OpenAI's Responses API.
public enum ResponsesScript {
    /// The sealed thinking of every reasoning item that the double makes.
    public static let sealed = "c2VhbGVk"

    /// One event, as it stands on the wire.
    public static func event(_ data: JSONValue) -> String {
        "event: \(data["type"]?.string ?? "")\ndata: \(data)\n\n"
    }

    /// A stream's events, unknown ones among them.
    static func events(_ answer: ProviderAnswer, model: String) -> [String] {
        var events: [JSONValue] = [
            [
                "type": "response.created",
                "response": response(answer, model: model, output: [], status: "in_progress"),
            ],
            ["type": "response.of_a_later_year", "output_index": 0],
        ]
        let items = items(answer)
        for (index, item) in items.enumerated() {
            let place = JSONValue.int(Int64(index))
            func add(_ type: String, _ name: String, _ value: JSONValue) {
                events.append(["type": .string("response." + type), "output_index": place, name: value])
            }
            switch item["type"]?.string {
            case "reasoning":
                add("output_item.added", "item", ["type": "reasoning", "id": "rs_double", "summary": []])
                add("reasoning_summary_text.delta", "delta", .string(answer.thinking ?? ""))
            case "message":
                add("output_item.added", "item", ["type": "message", "role": "assistant", "content": []])
                for piece in answer.pieces { add("output_text.delta", "delta", .string(piece)) }
            default:
                let name = item["name"] ?? ""
                let id = item["call_id"] ?? ""
                add(
                    "output_item.added", "item",
                    ["type": "function_call", "call_id": id, "name": name, "arguments": ""])
                for half in halves(item["arguments"]?.string ?? "") {
                    add("function_call_arguments.delta", "delta", .string(half))
                }
            }
            add("output_item.done", "item", item)
        }
        events.append([
            "type": .string("response." + status(answer)),
            "response": response(answer, model: model, output: items, status: status(answer)),
        ])
        return events.enumerated().map { number, data in
            guard var object = data.object else { return event(data) }
            object["sequence_number"] = .int(Int64(number))
            return event(.object(object))
        }
    }

    /// An answer in one piece.
    static func whole(_ answer: ProviderAnswer, model: String) -> JSONValue {
        response(answer, model: model, output: items(answer), status: status(answer))
    }

    private static func items(_ answer: ProviderAnswer) -> [JSONValue] {
        var items: [JSONValue] = []
        if let thinking = answer.thinking {
            items.append([
                "type": "reasoning", "id": "rs_double", "encrypted_content": .string(sealed),
                "summary": [["type": "summary_text", "text": .string(thinking)]],
            ])
        }
        if !answer.text.isEmpty {
            items.append([
                "type": "message", "id": "msg_double", "role": "assistant", "status": "completed",
                "content": [["type": "output_text", "text": .string(answer.text), "annotations": []]],
            ])
        }
        for call in answer.calls {
            items.append([
                "type": "function_call", "id": "fc_double", "call_id": .string(call.id), "name": .string(call.name),
                "arguments": .string(call.arguments), "status": "completed",
            ])
        }
        return items
    }

    private static func response(
        _ answer: ProviderAnswer, model: String, output: [JSONValue], status: String
    ) -> JSONValue {
        let reason = answer.stopReason.map { reason -> JSONValue in ["reason": .string(reason)] }
        return [
            "id": "resp_double", "object": "response", "model": .string(model), "status": .string(status),
            "error": .null, "incomplete_details": reason ?? .null, "output": .array(output),
            "usage": status == "in_progress" ? .null : usage(answer.usage),
        ]
    }

    /// A reason to stop is the reason why the answer is incomplete.
    private static func status(_ answer: ProviderAnswer) -> String {
        answer.stopReason == nil ? "completed" : "incomplete"
    }

    private static func usage(_ usage: TokenUsage) -> JSONValue {
        [
            "input_tokens": .int(Int64(usage.inputTokens)), "output_tokens": .int(Int64(usage.outputTokens)),
            "total_tokens": .int(Int64(usage.inputTokens + usage.outputTokens)),
            "input_tokens_details": [
                "cached_tokens": .int(Int64(usage.cacheReadTokens)),
                "cache_write_tokens": .int(Int64(usage.cacheWriteTokens)),
            ],
            "output_tokens_details": ["reasoning_tokens": .int(Int64(usage.reasoningTokens))],
        ]
    }
}
