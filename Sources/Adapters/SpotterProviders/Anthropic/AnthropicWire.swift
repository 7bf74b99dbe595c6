import HTTPClientKit
import SpotterDomain

/// The Messages API, version 2023-06-01 (anthropic-sdk-python).
enum AnthropicWire: WireFormat {
    static let provider = ProviderKind.anthropic.rawValue
    static let requestIdHeader = "request-id"

    static func request(_ request: ModelRequest, access: ProviderAccess) -> OutgoingRequest {
        let root = access.baseURL.hasSuffix("/v1") ? access.baseURL : access.baseURL + "/v1"
        var outgoing = OutgoingRequest("POST", root + "/messages", body: AnthropicRequest.body(request).bytes)
        outgoing.headers = [
            "Content-Type": "application/json", "anthropic-version": "2023-06-01",
            "Accept": request.isStreaming ? "text/event-stream" : "application/json",
        ]
        if let key = access.apiKey { outgoing.headers.append("x-api-key", key) }
        return outgoing
    }

    static func decoder(for request: ModelRequest) -> AnthropicStream {
        AnthropicStream(answerTool: AnthropicAnswerTool.name(for: request))
    }

    /// A whole answer is read by the same rules as a stream: as if each block came at once.
    static func response(_ body: JSONValue, to request: ModelRequest) throws(ModelError) -> ModelResponse {
        guard let content = body["content"]?.array, body["usage"]?.object != nil else {
            throw ModelError(
                .malformed, provider: provider, message: "the answer has no content or no usage", status: 200)
        }
        var answer = AnthropicAnswer(answerTool: AnthropicAnswerTool.name(for: request))
        answer.start(body)
        for (index, block) in content.enumerated() {
            _ = answer.startBlock(index, block)
        }
        answer.change(delta: body, usage: nil)
        return try answer.response()
    }

    static func failure(_ body: JSONValue) -> WireFailure? {
        guard let error = body["error"]?.object else { return nil }
        let message = error["message"]?.string ?? "gave no reason"
        return WireFailure(kind: kind(error["type"]?.string ?? "", message), message: message)
    }

    private static func kind(_ type: String, _ message: String) -> ModelError.Kind? {
        let spent = ["enforced_spend_limit_reached", "credit balance is too low"]
        if spent.contains(where: { type == $0 || message.contains($0) }) { return .quotaExhausted }
        switch type {
        case "invalid_request_error": return .invalidRequest
        case "authentication_error": return .authentication
        case "billing_error": return .quotaExhausted
        case "permission_error": return .permission
        case "not_found_error": return .notFound
        case "request_too_large": return .tooLarge
        case "rate_limit_error": return .rateLimited
        case "timeout_error", "gateway_timeout_error": return .timedOut
        case "api_error": return .serverError
        case "overloaded_error": return .overloaded
        default: return nil
        }
    }
}
