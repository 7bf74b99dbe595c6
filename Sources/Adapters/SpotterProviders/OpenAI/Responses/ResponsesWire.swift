import HTTPClientKit
import SpotterDomain

/// OpenAI's Responses API (openai-python). Nothing is kept on the provider's side: each request tells the whole history.
enum ResponsesWire: WireFormat {
    static let provider = ProviderKind.openai.rawValue
    static let requestIdHeader = OpenAIWire.requestIdHeader

    static func request(_ request: ModelRequest, access: ProviderAccess) -> OutgoingRequest {
        OpenAIWire.outgoing("/responses", ResponsesRequest.body(request), request, access: access)
    }

    static func decoder(for request: ModelRequest) -> ResponsesStream { ResponsesStream() }

    static func response(_ body: JSONValue, to request: ModelRequest) throws(ModelError) -> ModelResponse {
        guard body["output"]?.array != nil else {
            throw ModelError(.malformed, provider: provider, message: "the answer has no output", status: 200)
        }
        var answer = ResponsesAnswer()
        try answer.end(body)
        return try answer.response()
    }

    static func failure(_ body: JSONValue) -> WireFailure? { OpenAIWire.failure(body) }
}
