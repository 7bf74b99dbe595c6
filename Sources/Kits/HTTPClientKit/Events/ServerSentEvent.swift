/// One event of a `text/event-stream`.
public struct ServerSentEvent: Sendable, Equatable {
    /// The `event` field; `message` when there is none.
    public let type: String
    /// The `data` lines, joined by line feeds.
    public let data: String
    /// The last `id` seen so far in the stream, which sticks; empty before the first.
    public let lastEventID: String

    /// - Parameters:
    ///   - type: the event's type.
    ///   - data: its data.
    ///   - lastEventID: the identifier in force when it was dispatched.
    public init(type: String = "message", data: String, lastEventID: String = "") {
        self.type = type
        self.data = data
        self.lastEventID = lastEventID
    }
}

/// The one way in which a stream of events can be wrong: everything else has a meaning.
public struct ServerSentEventTooLarge: Error, Sendable, Equatable, CustomStringConvertible {
    /// The limit in bytes.
    public let limit: Int

    /// - Parameter limit: in bytes.
    public init(limit: Int) { self.limit = limit }

    /// What happened.
    public var description: String { "an event of the stream is larger than \(limit) bytes" }
}
