import HTTPClientKit
import Testing

@Suite struct ServerSentEventParserTests {
    struct Stream: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let events: [ServerSentEvent]
        var testDescription: String { name }

        init(_ name: String, _ text: String, _ events: [ServerSentEvent]) {
            self.init(name, bytes: Array(text.utf8), events)
        }

        init(_ name: String, bytes: [UInt8], _ events: [ServerSentEvent]) {
            self.name = name
            self.bytes = bytes
            self.events = events
        }
    }

    static let streams = [
        Stream("one event", "data: a\n\n", [ServerSentEvent(data: "a")]),
        Stream(
            "the three line endings", "data: a\r\rdata: b\r\n\r\ndata: c\n\n",
            ["a", "b", "c"].map { ServerSentEvent(data: $0) }),
        Stream("mixed endings in one event", "data: a\rdata: b\ndata: c\r\n\n", [ServerSentEvent(data: "a\nb\nc")]),
        Stream("one space is dropped", "data:a\ndata:  b\ndata\n\n", [ServerSentEvent(data: "a\n b\n")]),
        Stream(
            "a type, then none", "event: x\ndata: 1\n\ndata: 2\n\n",
            [
                ServerSentEvent(type: "x", data: "1"), ServerSentEvent(data: "2"),
            ]),
        Stream(
            "identifiers stick", "id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            [
                ServerSentEvent(data: "a", lastEventID: "7"), ServerSentEvent(data: "b", lastEventID: "7"),
                ServerSentEvent(data: "c"),
            ]),
        Stream("an identifier with NUL is ignored", "id: a\0b\ndata: x\n\n", [ServerSentEvent(data: "x")]),
        Stream(
            "an identifier alone fires nothing but counts", "id: 3\n\ndata: x\n\n",
            [
                ServerSentEvent(data: "x", lastEventID: "3")
            ]),
        Stream(
            "a type without data fires nothing and is forgotten", "event: x\n\ndata: y\n\n",
            [
                ServerSentEvent(data: "y")
            ]),
        Stream("empty data fires", "data:\n\n", [ServerSentEvent(data: "")]),
        Stream(
            "comments and unknown fields", ": keep-alive\n:\nfoo: bar\ndata: x\n:c\n\n", [ServerSentEvent(data: "x")]),
        Stream("what the end cuts off is dropped", "data: a\n\ndata: b\n", [ServerSentEvent(data: "a")]),
        Stream("a byte order mark at the start", "\u{FEFF}data: a\n\n", [ServerSentEvent(data: "a")]),
        Stream(
            "a byte order mark elsewhere is part of a name", "data: a\n\n\u{FEFF}data: b\n\n",
            [
                ServerSentEvent(data: "a")
            ]),
        Stream("characters of two to four bytes", "data: é€😀\n\n", [ServerSentEvent(data: "é€😀")]),
        Stream(
            "bytes that are no UTF-8", bytes: Array("data: a".utf8) + [0xFF] + Array("b\n\n".utf8),
            [ServerSentEvent(data: "a\u{FFFD}b")]),
        Stream("only line endings", "\n\r\n\r\r\n\n", []),
        Stream("nothing", "", []),
    ]

    @Test(arguments: streams) func `a stream gives its events, however it is cut`(stream: Stream) throws {
        var whole = ServerSentEventParser()
        #expect(try whole.feed(stream.bytes) == stream.events)

        var single = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        for byte in stream.bytes { events += try single.feed([byte]) }
        #expect(events == stream.events)

        for cut in 0...stream.bytes.count {
            var parser = ServerSentEventParser()
            let first = try parser.feed(Array(stream.bytes[..<cut]))
            #expect(first + (try parser.feed(Array(stream.bytes[cut...]))) == stream.events, "cut at \(cut)")
        }
    }

    @Test(arguments: [("retry: 1500\n", 1500), ("retry: 15x\n", nil), ("retry:\n", nil), ("retry: -1\n", nil)])
    func `retry is a number of milliseconds or nothing`(text: String, expected: Int?) throws {
        var parser = ServerSentEventParser()
        _ = try parser.feed(Array(text.utf8))
        #expect(parser.retryMilliseconds == expected)
    }

    @Test(arguments: ["data: " + String(repeating: "a", count: 200), String(repeating: "data: aaaa\n", count: 40)])
    func `an event over the limit is an error that lasts`(text: String) {
        var parser = ServerSentEventParser(maximumEventBytes: 100)
        #expect(throws: ServerSentEventTooLarge(limit: 100)) { try parser.feed(Array(text.utf8)) }
        #expect(throws: ServerSentEventTooLarge(limit: 100)) { try parser.feed(Array("\n\n".utf8)) }
    }

    @Test func `many events under the limit may together be over it`() throws {
        var parser = ServerSentEventParser(maximumEventBytes: 100)
        let text = String(repeating: "data: aaaa\n\n", count: 1000)
        #expect(try parser.feed(Array(text.utf8)).count == 1000)
    }
}
