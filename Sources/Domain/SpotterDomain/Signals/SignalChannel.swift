/// Carries short texts between the processes that share a database.
///
/// Nothing is kept: who does not listen misses it.
public protocol SignalChannel: Sendable {
    /// Sends `payload`, up to 7,999 bytes, to every process that listens, this one included.
    func notify(_ payload: String) async throws

    /// What is sent from now on, for as long as the stream is read; the newest are kept for a reader that is busy.
    ///
    /// An empty text says that listening has begun, at first and again after it was interrupted: anything may have been
    /// missed before it.
    func listen() -> AsyncStream<String>
}
