import HTTPClientKit
import SpotterDomain

/// Reads the chunks of a streamed answer, up to `data: [DONE]`.
///
/// The counts come in a last chunk without choices. An `error` may come in place of any chunk.
struct OpenAIStream: StreamDecoder {
    private var answer = OpenAIAnswer()
    private(set) var isEnded = false

    var usage: TokenUsage? { answer.usage }
    var rawUsage: JSONValue? { answer.rawUsage }

    mutating func receive(_ event: ServerSentEvent) throws(ModelError) -> [ModelDelta] {
        if event.data.trimmingPrefix(while: \.isWhitespace).hasPrefix("[DONE]") {
            isEnded = true
            return []
        }
        guard let chunk = WireJSON.parse(event.data) else {
            // Servers in between add events of their own.
            guard event.type == "message" || event.type == "error" else { return [] }
            throw ModelError(
                .malformed, provider: OpenAIWire.provider, message: "a chunk of the stream is not JSON", usage: usage,
                rawUsage: rawUsage)
        }
        if let failure = OpenAIWire.failure(chunk) {
            throw ModelError(
                ProviderStatus.refined(failure) ?? .serverError, provider: OpenAIWire.provider,
                message: failure.message,
                status: 200, usage: usage,
                rawUsage: rawUsage)
        }
        answer.begin(chunk)
        // One choice is asked for; one of another index would be another answer.
        guard let choice = chunk["choices"]?.array?.first(where: { ($0["index"]?.int ?? 0) == 0 }) else { return [] }
        let seen = answer.extend(choice["delta"] ?? .null)
        answer.finish(choice["finish_reason"]?.string)
        return seen
    }

    func response() throws(ModelError) -> ModelResponse { try answer.response() }
}
