/// Rings for one who waits: several rings before a look count as one, and none is lost.
final class Bell: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    /// A bell that has not rung.
    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Rings.
    func ring() { continuation.yield() }

    /// The rings, for the one who waits; ends with `close()`.
    var rings: AsyncStream<Void> { stream }

    /// Rings no more.
    func close() { continuation.finish() }
}
