import HTTPClientKit
import SpotterDomain

/// How a provider's requests and answers look. Pure: it makes bytes and reads bytes.
protocol WireFormat: Sendable {
    associatedtype Decoder: StreamDecoder

    /// Stands in errors and usage records.
    static var provider: String { get }
    /// The header that names a request in the provider's logs.
    static var requestIdHeader: String { get }

    /// The request for a call; times are set by the caller of this.
    static func request(_ request: ModelRequest, access: ProviderAccess) -> OutgoingRequest
    /// Reads a whole answer to `request`.
    static func response(_ body: JSONValue, to request: ModelRequest) throws(ModelError) -> ModelResponse
    /// Reads the streamed answer to `request`.
    static func decoder(for request: ModelRequest) -> Decoder
    /// What the `error` object of a body says: its kind if the type is known, and its words.
    static func failure(_ body: JSONValue) -> WireFailure?
}

/// What a provider says went wrong.
struct WireFailure: Sendable, Equatable {
    /// `nil` where the type is unknown and the status decides.
    let kind: ModelError.Kind?
    let message: String
}

/// Builds an answer from the events of a stream. A struct of values; nothing waits in it.
protocol StreamDecoder: Sendable {
    /// Takes an event and returns what a reader of the stream sees of it. Unknown events do nothing.
    mutating func receive(_ event: ServerSentEvent) throws(ModelError) -> [ModelDelta]
    /// Whether the provider has said that the answer is complete: what follows is of no interest.
    var isEnded: Bool { get }
    /// The answer, once the stream has ended.
    ///
    /// - Throws: `interrupted` when it ended before the answer was complete.
    func response() throws(ModelError) -> ModelResponse
    /// What was counted so far, if anything.
    var usage: TokenUsage? { get }
    /// The same as it came, to the letter.
    var rawUsage: JSONValue? { get }
}
