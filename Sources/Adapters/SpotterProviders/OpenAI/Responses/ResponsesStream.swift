import HTTPClientKit
import SpotterDomain

/// Reads the events of a streamed answer.
///
/// `response.created`, then items (`response.output_item.added`, deltas, `response.output_item.done`), and at the end
/// `response.completed`, `.incomplete` or `.failed` with the whole answer; `error` in place of the rest. Events that are
/// not known are ignored.
struct ResponsesStream: StreamDecoder {
    private var answer = ResponsesAnswer()
    private(set) var isEnded = false

    var usage: TokenUsage? { answer.usage }
    var rawUsage: JSONValue? { answer.rawUsage }

    mutating func receive(_ event: ServerSentEvent) throws(ModelError) -> [ModelDelta] {
        guard let data = WireJSON.parse(event.data) else {
            // Servers in between add events of their own, and some end as a chat does.
            guard event.type.hasPrefix("response.") || event.type == "error" else { return [] }
            throw ModelError(
                .malformed, provider: ResponsesWire.provider, message: "an event of the stream is not JSON",
                usage: usage,
                rawUsage: rawUsage)
        }
        let place = data["output_index"]?.int ?? -1
        let delta = data["delta"]?.string ?? ""
        switch data["type"]?.string ?? event.type {
        case "response.created", "response.in_progress": answer.begin(data["response"] ?? .null)
        case "response.output_item.added": return answer.open(place, data["item"] ?? .null)
        case "response.output_item.done": return answer.close(place, data["item"] ?? .null)
        case "response.output_text.delta": return answer.say(place, delta)
        case "response.refusal.delta": return answer.refuse(place, delta)
        case "response.function_call_arguments.delta": answer.extendArguments(place, delta)
        case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
            return delta.isEmpty ? [] : [.thinking(delta)]
        case "response.completed", "response.incomplete", "response.failed":
            isEnded = true
            try answer.end(data["response"] ?? .null)
        case "error": throw failure(data)
        default: break
        }
        return []
    }

    func response() throws(ModelError) -> ModelResponse { try answer.response() }

    /// The error's members stand in the event itself, or in an object as in other answers.
    private func failure(_ data: JSONValue) -> ModelError {
        let nested = data["error"].map { !$0.isNull } ?? false
        let failure = ResponsesWire.failure(nested ? data : ["error": data.replacingMembers(with: ["type": .null])])
        return ModelError(
            failure.flatMap { ProviderStatus.refined($0) } ?? .serverError, provider: ResponsesWire.provider,
            message: failure?.message ?? "the stream held an error without a reason", status: 200, usage: usage,
            rawUsage: rawUsage)
    }
}
