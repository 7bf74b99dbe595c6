import HTTPClientKit
import SpotterDomain

/// Reads the events of a streamed answer.
///
/// `message_start`, then blocks (`content_block_start`, `…_delta`, `…_stop`), `message_delta`, `message_stop`; `ping`
/// anywhere; `error` in place of the rest. Events that are not known are ignored, as the API's versioning asks.
struct AnthropicStream: StreamDecoder {
    private var answer: AnthropicAnswer
    private(set) var isEnded = false

    /// - Parameter answerTool: see `AnthropicAnswerTool`.
    init(answerTool: String? = nil) { answer = AnthropicAnswer(answerTool: answerTool) }

    var usage: TokenUsage? { answer.usage }
    var rawUsage: JSONValue? { answer.rawUsage }

    mutating func receive(_ event: ServerSentEvent) throws(ModelError) -> [ModelDelta] {
        guard let data = WireJSON.parse(event.data) else {
            // Only a known event that cannot be read is a loss.
            guard Self.known.contains(event.type) else { return [] }
            throw ModelError(
                .malformed, provider: AnthropicWire.provider, message: "an event of the stream is not JSON",
                usage: usage,
                rawUsage: rawUsage)
        }
        let index = data["index"]?.int ?? -1
        switch data["type"]?.string ?? event.type {
        case "message_start": answer.start(data["message"] ?? .null)
        case "content_block_start": return answer.startBlock(index, data["content_block"] ?? .null)
        case "content_block_delta": return answer.extend(index, data["delta"] ?? .null)
        case "message_delta": answer.change(delta: data["delta"] ?? .null, usage: data["usage"])
        case "message_stop": isEnded = true
        case "error": throw failure(data)
        default: break
        }
        return []
    }

    func response() throws(ModelError) -> ModelResponse { try answer.response() }

    private static let known: Set<String> = [
        "message_start", "content_block_start", "content_block_delta", "message_delta", "error",
    ]

    private func failure(_ data: JSONValue) -> ModelError {
        let failure = AnthropicWire.failure(data)
        return ModelError(
            failure.flatMap { ProviderStatus.refined($0) } ?? .serverError, provider: AnthropicWire.provider,
            message: failure?.message ?? "the stream held an error without a reason", status: 200, usage: usage,
            rawUsage: rawUsage)
    }
}
