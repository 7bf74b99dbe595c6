/// One event of a `text/event-stream` (WHATWG HTML, 9.2).
public struct ServerSentEvent: Sendable, Equatable {
    /// The place in the stream; a client that reconnects sends it back as `Last-Event-ID`.
    public var id: String?
    /// The type; a client takes none for `message`.
    public var event: String?
    /// The content; may have several lines.
    public var data: String?
    /// How long the client is to wait before it reconnects, in whole milliseconds.
    public var retry: Duration?
    /// A line that clients skip.
    public var comment: String?

    /// An event of the parts given; one without any is an empty line.
    public init(
        id: String? = nil, event: String? = nil, data: String? = nil, retry: Duration? = nil, comment: String? = nil
    ) {
        self.id = id
        self.event = event
        self.data = data
        self.retry = retry
        self.comment = comment
    }

    /// The event on the wire, with the empty line that ends it.
    ///
    /// A line end within `data` or `comment` begins another line of the same kind, so that no text can forge a field;
    /// one within `id` or `event`, which have one line, becomes a space.
    public var encoded: [UInt8] {
        var output: [UInt8] = []
        if let comment { Self.append("", lines: comment, to: &output) }
        if let retry { Self.append("retry", lines: String(max(0, retry.milliseconds)), to: &output) }
        if let id { Self.append("id", oneLine: id, to: &output) }
        if let event { Self.append("event", oneLine: event, to: &output) }
        if let data { Self.append("data", lines: data, to: &output) }
        output.append(UInt8(ascii: "\n"))
        return output
    }

    private static func append(_ field: StaticString, oneLine text: String, to output: inout [UInt8]) {
        begin(field, &output)
        for byte in text.utf8 { output.append(byte == 0x0A || byte == 0x0D || byte == 0 ? 0x20 : byte) }
        output.append(0x0A)
    }

    /// CRLF, CR and LF each end a line.
    private static func append(_ field: StaticString, lines text: String, to output: inout [UInt8]) {
        begin(field, &output)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0D || (byte == 0x0A && previous != 0x0D) {
                output.append(0x0A)
                begin(field, &output)
            } else if byte != 0x0A {
                output.append(byte)
            }
            previous = byte
        }
        output.append(0x0A)
    }

    private static func begin(_ field: StaticString, _ output: inout [UInt8]) {
        output.append(field)
        output.append(": ")
    }
}

/// Writes events into a streamed answer.
public struct ServerSentEventWriter: Sendable {
    private let body: HTTPBodyWriter

    init(_ body: HTTPBodyWriter) { self.body = body }

    /// Sends one event; waits while the client has too much left to read.
    ///
    /// - Throws: as `HTTPBodyWriter.write`.
    public func send(_ event: ServerSentEvent) async throws { try await body.write(event.encoded) }
}

extension HTTPResponse {
    /// An answer that is a stream of events.
    ///
    /// - Parameters:
    ///   - headers: in addition to `content-type`, `cache-control` and what keeps proxies from buffering.
    ///   - keepAlive: a comment is sent after so long a silence, so that proxies keep the connection open.
    ///   - produce: sends the events; the stream ends when it returns.
    public static func serverSentEvents(
        headers: HTTPHeaders = [:], keepAlive: Duration = .seconds(15),
        _ produce: @escaping @Sendable (ServerSentEventWriter) async throws -> Void
    ) -> HTTPResponse {
        var all: HTTPHeaders = [
            "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store",
            "x-accel-buffering": "no",
        ]
        for (name, value) in headers { all.append(name, value) }
        return HTTPResponse(
            status: 200, headers: all,
            body: .stream { body in
                body.keepAlive(ServerSentEvent(comment: "keep-alive").encoded, every: keepAlive)
                try await produce(ServerSentEventWriter(body))
            })
    }
}
