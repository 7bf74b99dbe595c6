import HTTPClientKit
import SpotterDomain

/// The Chat Completions API (openai-python).
enum OpenAIWire: WireFormat {
    static let provider = ProviderKind.openai.rawValue
    static let requestIdHeader = "x-request-id"

    static func request(_ request: ModelRequest, access: ProviderAccess) -> OutgoingRequest {
        outgoing("/chat/completions", OpenAIRequest.body(request), request, access: access)
    }

    /// A request to one of OpenAI's APIs.
    static func outgoing(
        _ path: String, _ body: JSONValue, _ request: ModelRequest, access: ProviderAccess
    ) -> OutgoingRequest {
        var outgoing = OutgoingRequest("POST", access.baseURL + path, body: body.bytes)
        outgoing.headers = [
            "Content-Type": "application/json",
            "Accept": request.isStreaming ? "text/event-stream" : "application/json",
        ]
        if let key = access.apiKey { outgoing.headers.append("Authorization", "Bearer " + key) }
        return outgoing
    }

    static func decoder(for request: ModelRequest) -> OpenAIStream { OpenAIStream() }

    /// A whole answer has a `message` where a stream has a `delta`, of the same form.
    static func response(_ body: JSONValue, to request: ModelRequest) throws(ModelError) -> ModelResponse {
        guard let choice = body["choices"]?[0], choice["message"]?.object != nil else {
            throw ModelError(.malformed, provider: provider, message: "the answer has no choice", status: 200)
        }
        var answer = OpenAIAnswer()
        answer.begin(body)
        answer.take(message: choice["message"] ?? .null)
        answer.finish(choice["finish_reason"]?.string ?? "stop")
        return try answer.response()
    }

    static func failure(_ body: JSONValue) -> WireFailure? {
        guard let error = body["error"], !error.isNull else { return nil }
        let message = error["message"]?.string ?? error.string ?? "gave no reason"
        let words = [error["code"]?.string, error["type"]?.string].compactMap(\.self)
        return WireFailure(kind: words.lazy.compactMap { kind($0) }.first, message: message)
    }

    private static func kind(_ word: String) -> ModelError.Kind? {
        switch word {
        case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "enforced_spend_limit_reached",
            "quota_exceeded", "insufficient_credits":
            .quotaExhausted
        case "context_length_exceeded": .contextTooLong
        case "invalid_api_key", "authentication_error": .authentication
        case "permission_error": .permission
        case "model_not_found", "not_found_error": .notFound
        case "rate_limit_exceeded", "tokens", "requests", "rate_limit_error": .rateLimited
        case "server_error", "api_error": .serverError
        case "invalid_prompt": .invalidRequest
        case "overloaded_error", "service_unavailable", "engine_overloaded": .overloaded
        case "timeout": .timedOut
        case "invalid_request_error": .invalidRequest
        default: nil
        }
    }
}
