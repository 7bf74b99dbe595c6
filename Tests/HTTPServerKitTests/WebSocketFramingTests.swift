import SpotterTesting
import Testing

@testable import HTTPServerKit

/// Bytes in, events and bytes out: what wslay is trusted with.
@Suite struct WebSocketFramingTests {
    private static let text = RawWebSocket.frame(1, Array("Grüße".utf8))

    private struct Outcome: Equatable {
        var events: [WebSocketFraming.Event] = []
        var output: [UInt8] = []
        var code: UInt16?
    }

    /// - Parameter length: how many bytes come at a time.
    private static func outcome(of bytes: [UInt8], length: Int = .max, limit: Int = 65536) -> Outcome {
        let framing = WebSocketFraming(maximumMessageBytes: limit)
        var outcome = Outcome()
        var rest = bytes[...]
        while !rest.isEmpty {
            outcome.events += rest.prefix(length).withUnsafeBytes { framing.receive($0) }
            rest = rest.dropFirst(length)
        }
        outcome.output = framing.takeOutput()
        outcome.code = framing.codeSent
        return outcome
    }

    private static let long = [UInt8](repeating: UInt8(ascii: "x"), count: 70_000)

    /// What a peer may send, and the code of the Close that it brings about; nil for none.
    private static let cases: [(name: String, bytes: [UInt8], events: [WebSocketFraming.Event], code: UInt16?)] = [
        ("a text", text, [.text("Grüße")], nil),
        ("an empty text", RawWebSocket.frame(1, []), [.text("")], nil),
        (
            "fragments with a ping in between",
            RawWebSocket.frame(1, [71, 114, 0xC3], isFinal: false) + RawWebSocket.frame(9, [7])
                + RawWebSocket.frame(0, [0xBC], isFinal: false) + RawWebSocket.frame(0, []),
            [.signOfLife, .text("Grü")], nil
        ),
        ("a pong nobody asked for", RawWebSocket.frame(10, [1]), [.signOfLife], nil),
        ("a frame without mask", RawWebSocket.frame(1, [65], mask: nil), [], 1002),
        ("a reserved bit", RawWebSocket.frame(1, [65], reserved: 0x40), [], 1002),
        ("an unknown opcode", RawWebSocket.frame(3, [65]), [], 1002),
        ("a continuation of nothing", RawWebSocket.frame(0, [65]), [], 1002),
        (
            "a message within another", RawWebSocket.frame(1, [65], isFinal: false) + RawWebSocket.frame(1, [65]), [],
            1002
        ),
        // Frames that can be none are answered with a Close without a code.
        ("a ping in fragments", RawWebSocket.frame(9, [65], isFinal: false), [], 1005),
        ("a ping that is too long", RawWebSocket.frame(9, Array(long.prefix(126))), [], 1005),
        ("text that is not UTF-8", RawWebSocket.frame(1, [0xC3, 0x28]), [], 1007),
        ("text that ends in half a character", RawWebSocket.frame(1, [0xC3]), [], 1007),
        ("a binary message", RawWebSocket.frame(2, [1, 2]), [], 1003),
        ("a message that is too long", RawWebSocket.frame(1, long), [], 1009),
        (
            "fragments that are too long together",
            RawWebSocket.frame(1, Array(long.prefix(40_000)), isFinal: false)
                + RawWebSocket.frame(0, Array(long.prefix(40_000))), [], 1009
        ),
        ("Close with a code", RawWebSocket.frame(8, [0x03, 0xE8]), [.close(1000)], 1000),
        ("Close without one", RawWebSocket.frame(8, []), [.close(1005)], 1005),
        ("Close with half a code", RawWebSocket.frame(8, [3]), [], 1002),
        ("Close with a code nobody may send", RawWebSocket.frame(8, [0x03, 0xED]), [], 1002),
        ("nothing after Close", RawWebSocket.frame(8, [0x03, 0xE8]) + text, [.close(1000)], 1000),
    ]

    @Test(arguments: cases.map(\.name))
    func `every frame is taken or refused, however its bytes are cut`(_ name: String) throws {
        let given = try #require(Self.cases.first { $0.name == name })
        let whole = Self.outcome(of: given.bytes)
        #expect(whole.events == given.events)
        #expect(whole.code == given.code)
        for length in [1, 2, 3, 7, 4096, 5000] { #expect(Self.outcome(of: given.bytes, length: length) == whole) }
    }

    @Test func `a message of just the limit is taken`() {
        let bytes = RawWebSocket.frame(1, Array(Self.long.prefix(100)))
        #expect(Self.outcome(of: bytes, limit: 100).events.count == 1)
        #expect(Self.outcome(of: bytes, limit: 99).code == 1009)
    }

    @Test func `what is sent is framed, and nothing follows Close`() {
        let framing = WebSocketFraming(maximumMessageBytes: 10)
        framing.send("Hi")
        framing.ping()
        framing.close(WebSocketClosure(4401, "Bye"))
        framing.send("too late")
        framing.close(.normal)
        #expect(framing.takeOutput() == [0x81, 2, 72, 105, 0x89, 0, 0x88, 5, 0x11, 0x31, 66, 121, 101])
        #expect(framing.isClosing && !framing.isClosed && framing.isReading)
        let answer = RawWebSocket.frame(8, [0x11, 0x31])
        #expect(answer.withUnsafeBytes { framing.receive($0) } == [.close(4401)])
        #expect(framing.isClosed)
    }

    @Test func `a reason that is too long is cut between characters`() {
        let framing = WebSocketFraming(maximumMessageBytes: 10)
        framing.close(WebSocketClosure(1000, String(repeating: "ü", count: 200)))
        let output = framing.takeOutput()
        #expect(output.count == 4 + 122)
        #expect(String(validating: output[4...], as: UTF8.self) != nil)
    }
}
