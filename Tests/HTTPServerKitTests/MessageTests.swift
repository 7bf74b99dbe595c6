import Testing

@testable import HTTPServerKit

@Suite struct MessageTests {
    @Test func `fields are found whatever the case of their names`() {
        var headers: HTTPHeaders = ["Content-Type": "a", "X-Many": "1", "x-many": "2"]
        #expect(headers["content-type"] == "a")
        #expect(headers["CONTENT-TYPE"] == "a")
        #expect(headers["content-typ"] == nil)
        #expect(headers.values(of: "X-MANY") == ["1", "2"])
        #expect(headers.map(\.name) == ["Content-Type", "X-Many", "x-many"])
        headers["x-many"] = "3"
        #expect(headers.values(of: "x-many") == ["3"])
        headers["Content-Type"] = nil
        #expect(headers == ["X-MANY": "3"])
        #expect(headers.count == 1 && !headers.isEmpty && headers.contains("x-Many"))
    }

    @Test func `a field cannot break out of its line`() {
        let headers: HTTPHeaders = ["a b:\r\n": "c\r\nd: e\u{0}\tü"]
        #expect(headers.map(\.name) == ["a-b---"])
        #expect(headers.map(\.value) == ["c  d: e \tü"])
    }

    @Test(arguments: [
        ("/a/b?c=d?e", "/a/b", "c=d?e"), ("/", "/", nil), ("/?", "/", ""), ("*", "*", nil),
        ("http://h/p?q", "/p", "q"), ("http://h", "/", nil), ("https://h?q", "/", "q"),
    ])
    func `a target has a path and perhaps a query`(_ target: String, _ path: String, _ query: String?) {
        let request = HTTPRequest(method: .get, target: target, headers: ["a": "b"])
        #expect(request.target == target)
        #expect(request.path == path)
        #expect(request.query == query)
        #expect(request.headers["a"] == "b")
    }

    @Test(arguments: [
        (0, "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), (784_111_777, "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
        (1_709_164_800, "date: Thu, 29 Feb 2024 00:00:00 GMT\r\n"),
    ])
    func `the date has the form of RFC 9110`(_ second: Int, _ line: String) {
        #expect(String(decoding: DateLine.line(second: second), as: UTF8.self) == line)
    }

    @Test func `a status outside the protocol becomes 500`() {
        for (status, line) in [
            (200, "HTTP/1.1 200 OK"), (404, "HTTP/1.1 404 Not Found"), (299, "HTTP/1.1 299 "),
            (99, "HTTP/1.1 500 Internal Server Error"), (1000, "HTTP/1.1 500 Internal Server Error"),
        ] {
            var output: [UInt8] = []
            ResponseHead.append(
                HTTPResponse(status: status), framing: .none, persistence: .open, date: [], to: &output)
            #expect(String(decoding: output, as: UTF8.self) == "\(line)\r\n\r\n")
        }
    }

    @Test(arguments: [
        (0, "0"), (7, "7"), (10, "10"), (65536, "65536"), (Int.max, "9223372036854775807"),
    ])
    func `numbers are written in digits`(_ number: Int, _ digits: String) {
        var output: [UInt8] = Array("x".utf8)
        output.append(decimal: number)
        #expect(String(decoding: output, as: UTF8.self) == "x" + digits)
        output = []
        output.append(hexadecimal: number)
        #expect(String(decoding: output, as: UTF8.self) == String(number, radix: 16))
    }
}

@Suite struct OutputQueueTests {
    /// Sends at most `limit` bytes at a time and `rounds` times, then would block.
    private func drain(_ queue: inout OutputQueue, _ limit: Int, rounds: Int = .max) -> [UInt8] {
        var sent: [UInt8] = []
        var rounds = rounds
        _ = queue.drain { bytes, _ in
            guard rounds > 0 else { return .wouldBlock }
            rounds -= 1
            let count = min(limit, bytes.count)
            sent += bytes[..<count]
            return .bytes(count)
        }
        return sent
    }

    @Test(arguments: [1, 7, 1000, 100_000])
    func `bytes leave in the order in which they came, however few at a time`(_ limit: Int) {
        var queue = OutputQueue()
        var expected: [UInt8] = []
        var sent: [UInt8] = []
        for number in 0..<40 {
            let size = [3, 20_000, 0, 500][number % 4]
            let piece = [UInt8](repeating: UInt8(number), count: size)
            if number.isMultiple(of: 3) { queue.gather { $0 += piece } } else { queue.append(piece) }
            expected += piece
            sent += drain(&queue, limit, rounds: 5)
            #expect(queue.count == expected.count - sent.count)
        }
        sent += drain(&queue, limit)
        #expect(sent == expected)
        #expect(queue.isEmpty)
    }

    @Test func `a queue that is never empty does not keep what was written`() {
        var queue = OutputQueue()
        for number in 0..<1000 {
            queue.gather { $0 += [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1000) }
            if number > 0 { _ = drain(&queue, 1000, rounds: 1) }
        }
        #expect(queue.count == 1000)
        #expect(queue.heldBytes < 200_000)
    }
}

@Suite struct ConnectionDeadlinesTests {
    private func configuration() -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration.minimumBodyRate = 1000
        configuration.minimumReadRate = 1000
        return configuration
    }

    private func verdict(_ deadlines: ConnectionDeadlines, at now: Int64, body: Int = 0) -> ConnectionDeadlines.Verdict
    {
        deadlines.verdict(now: now, bodyCount: body, configuration())
    }

    @Test func `the head has ten seconds from its first byte, and that from the accepting`() {
        var deadlines = ConnectionDeadlines(acceptedAt: 0, configuration: configuration())
        #expect(verdict(deadlines, at: 10_000) == .fine)
        #expect(verdict(deadlines, at: 10_001) == .close)
        deadlines.headIsComing(now: 5000, configuration())
        deadlines.headIsComing(now: 14_000, configuration())
        #expect(verdict(deadlines, at: 15_000) == .fine)
        #expect(verdict(deadlines, at: 15_001) == .requestIsLate)
    }

    @Test func `a connection rests for a minute`() {
        var deadlines = ConnectionDeadlines(acceptedAt: 0, configuration: configuration())
        deadlines.stop()
        #expect(verdict(deadlines, at: 1_000_000) == .fine)
        deadlines.idle(now: 1000, configuration())
        #expect(verdict(deadlines, at: 61_000) == .fine)
        #expect(verdict(deadlines, at: 61_001) == .close)
    }

    @Test func `a body earns its time by its bytes`() {
        var deadlines = ConnectionDeadlines(acceptedAt: 0, configuration: configuration())
        deadlines.bodyIsComing(now: 1000)
        deadlines.bodyIsComing(now: 9000)
        #expect(verdict(deadlines, at: 11_000) == .fine)
        #expect(verdict(deadlines, at: 11_001) == .requestIsLate)
        #expect(verdict(deadlines, at: 16_000, body: 5000) == .fine)
        #expect(verdict(deadlines, at: 16_001, body: 5000) == .requestIsLate)
    }

    @Test func `a reader earns its time by what it reads, and starts anew when it has read all`() {
        var deadlines = ConnectionDeadlines(acceptedAt: 0, configuration: configuration())
        deadlines.stop()
        deadlines.outputWaits(now: 1000, written: 9999)
        #expect(verdict(deadlines, at: 31_000) == .fine)
        #expect(verdict(deadlines, at: 31_001) == .reset)
        deadlines.outputWaits(now: 2000, written: 5000)
        #expect(verdict(deadlines, at: 36_000) == .fine)
        #expect(verdict(deadlines, at: 36_001) == .reset)
        deadlines.outputIsWritten()
        #expect(verdict(deadlines, at: 36_001) == .fine)
    }

    @Test(
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(1), 1), (.microseconds(1500), 2),
            (.seconds(60), 60_000),
        ] as [(Duration, Int64)])
    func `durations are rounded up to milliseconds`(_ duration: Duration, _ milliseconds: Int64) {
        #expect(duration.milliseconds == milliseconds)
    }
}
