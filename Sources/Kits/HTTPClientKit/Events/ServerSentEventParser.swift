/// Turns the bytes of a `text/event-stream` into events (HTML standard, "Server-sent events", §9.2.5–9.2.6).
///
/// Bytes may be cut anywhere: in a line ending, in a character, in the byte order mark. Lines end with CR, LF or CR LF.
/// An event that the end of the stream cuts off is never dispatched. Holds at most one event, within a limit.
public struct ServerSentEventParser: Sendable {
    /// The last `retry` field, in milliseconds.
    public private(set) var retryMilliseconds: Int?
    /// The last `id` field; it sticks from event to event.
    public private(set) var lastEventID = ""

    private let limit: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var type = ""
    private var isAfterCarriageReturn = false
    private var isFirstLine = true
    private var isBroken = false

    /// - Parameter maximumEventBytes: the most bytes that the fields of one event, or a single line, may have.
    public init(maximumEventBytes: Int = 4 << 20) { limit = maximumEventBytes }

    /// Takes the next bytes and returns the events that they complete, in order.
    ///
    /// - Throws: `ServerSentEventTooLarge`, and again at each later call: the place of the next event is lost.
    public mutating func feed(_ bytes: [UInt8]) throws(ServerSentEventTooLarge) -> [ServerSentEvent] {
        guard !isBroken else { throw ServerSentEventTooLarge(limit: limit) }
        var events: [ServerSentEvent] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            if isAfterCarriageReturn {
                isAfterCarriageReturn = false
                if bytes[start] == Self.lineFeed {
                    start += 1
                    continue
                }
            }
            guard let end = bytes[start...].firstIndex(where: { $0 == Self.lineFeed || $0 == Self.carriageReturn })
            else {
                try keep(bytes[start...])
                break
            }
            try keep(bytes[start..<end])
            isAfterCarriageReturn = bytes[end] == Self.carriageReturn
            start = end + 1
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private mutating func keep(_ part: ArraySlice<UInt8>) throws(ServerSentEventTooLarge) {
        guard line.count + data.count + part.count <= limit else {
            isBroken = true
            line = []
            data = []
            throw ServerSentEventTooLarge(limit: limit)
        }
        line.append(contentsOf: part)
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: line.capacity <= 65536) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: Self.byteOrderMark) { line.removeFirst(Self.byteOrderMark.count) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: 0x3A) ?? line.endIndex
        // A line that begins with a colon is a comment.
        guard colon > 0 else { return nil }
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == 0x20 { value = value.dropFirst() }
        take(field: String(decoding: line[..<colon], as: UTF8.self), value)
        return nil
    }

    private mutating func take(field: String, _ value: ArraySlice<UInt8>) {
        switch field {
        case "event": type = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(Self.lineFeed) }
            data.append(contentsOf: value)
            hasData = true
        case "id" where !value.contains(0): lastEventID = String(decoding: value, as: UTF8.self)
        case "retry" where !value.isEmpty && value.allSatisfy({ (0x30...0x39).contains($0) }):
            retryMilliseconds = Int(String(decoding: value, as: UTF8.self)) ?? retryMilliseconds
        default: break
        }
    }

    /// Without a `data` field nothing is dispatched; an `id` then still counts.
    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            type = ""
            data.removeAll(keepingCapacity: data.capacity <= 65536)
            hasData = false
        }
        guard hasData else { return nil }
        return ServerSentEvent(
            type: type.isEmpty ? "message" : type, data: String(decoding: data, as: UTF8.self),
            lastEventID: lastEventID)
    }
}
