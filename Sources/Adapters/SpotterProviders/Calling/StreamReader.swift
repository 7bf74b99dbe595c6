import HTTPClientKit
import SpotterDomain
import Synchronization

/// Reads the events of a streamed answer; nothing waits in it, see `ModelCall`.
final class StreamReader<Wire: WireFormat> {
    private var parser: ServerSentEventParser
    private var decoder: Wire.Decoder
    /// Whether anything came that is an event.
    private(set) var hasEvents = false

    init(_ request: ModelRequest, limit: Int) {
        parser = ServerSentEventParser(maximumEventBytes: limit)
        decoder = Wire.decoder(for: request)
    }

    var isEnded: Bool { decoder.isEnded }
    var usage: TokenUsage? { decoder.usage }
    var rawUsage: JSONValue? { decoder.rawUsage }

    @inline(never)
    func events(in part: [UInt8]) throws -> [ServerSentEvent] { try parser.feed(part) }

    /// Takes an event, and returns what a reader of the stream sees of it.
    @inline(never)
    func receive(_ event: ServerSentEvent, _ progress: Progress) throws -> [ModelDelta] {
        hasEvents = true
        let deltas = try decoder.receive(event)
        progress.count(decoder.usage, decoder.rawUsage)
        return deltas
    }

    /// The answer, once the stream has ended; throws where it is not complete.
    @inline(never)
    func response() throws(ModelError) -> ModelResponse { try decoder.response() }
}

/// How far an attempt came; read after it failed.
final class Progress: Sendable {
    private struct State {
        var hasAnswered = false
        var hasDelivered = false
        var usage: TokenUsage?
        var rawUsage: JSONValue?
    }

    private let state = Mutex(State())

    var hasAnswered: Bool { state.withLock(\.hasAnswered) }
    var hasDelivered: Bool { state.withLock(\.hasDelivered) }
    var usage: TokenUsage? { state.withLock(\.usage) }
    var rawUsage: JSONValue? { state.withLock(\.rawUsage) }

    func answered() { state.withLock { $0.hasAnswered = true } }
    func delivered() { state.withLock { $0.hasDelivered = true } }
    func count(_ usage: TokenUsage?, _ raw: JSONValue?) { state.withLock { ($0.usage, $0.rawUsage) = (usage, raw) } }
}
