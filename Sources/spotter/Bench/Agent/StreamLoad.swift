import EventLoopKit
import Foundation
import Glibc
import SpotterDomain

/// Says something in many conversations at once and reads the answers as streams, on a thread of its own.
final class StreamLoad: Sendable {
    /// What came of it: how long after the model had sent a word it was there.
    struct Report: Sendable {
        var first = Latencies()
        var all = Latencies()
        /// Streams that did not end as they should.
        var failures = 0
    }

    private let port: Int
    private let token: String
    private let conversations: [ConversationID]

    init(port: Int, token: String, conversations: [ConversationID]) {
        self.port = port
        self.token = token
        self.conversations = conversations
    }

    /// So many turns after another in each conversation.
    func run(turns: Int) async throws -> Report {
        let loop = EventLoop(name: "stream-load")
        defer { loop.stop() }
        let (port, token, conversations) = (port, token, conversations)
        return try await Task(executorPreference: loop) {
            try await withCheckedThrowingContinuation { (done: CheckedContinuation<Report, any Error>) in
                let run = StreamRun(loop: loop, turns: turns, remaining: conversations.count) {
                    done.resume(returning: $0)
                }
                do {
                    for conversation in conversations {
                        let target = "/v1/conversations/\(conversation)/messages"
                        try run.open(port: port, target: target, token: token)
                    }
                } catch { done.resume(throwing: error) }
            }
        }.value
    }
}

/// One run, on its loop's thread alone.
private final class StreamRun {
    let loop: EventLoop
    let turns: Int
    var report = StreamLoad.Report()
    private var remaining: Int
    private var readers: [StreamReader] = []
    private let onEnd: (StreamLoad.Report) -> Void

    init(loop: EventLoop, turns: Int, remaining: Int, onEnd: @escaping (StreamLoad.Report) -> Void) {
        self.loop = loop
        self.turns = turns
        self.remaining = remaining
        self.onEnd = onEnd
    }

    func open(port: Int, target: String, token: String) throws {
        let body = #"{"content":"When are you open?","stream":true}"#
        let request = """
            POST \(target) HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer \(token)\r
            content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)
            """
        readers.append(try StreamReader(port: port, request: Array(request.utf8), run: self))
    }

    func ended() {
        remaining -= 1
        guard remaining == 0 else { return }
        for reader in readers { reader.close() }
        readers = []
        onEnd(report)
    }
}

/// One connection of a run.
private final class StreamReader {
    private let descriptor: Int32
    // Strongly, until the run lets go of its readers.
    private let run: StreamRun
    private let request: [UInt8]
    private var watcher: FileDescriptorWatcher?
    private var received = Data()
    private var turn = 0
    private var hasHeard = false

    init(port: Int, request: [UInt8], run: StreamRun) throws {
        self.run = run
        self.request = request
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, connected == 0 else {
            throw SpotterError(.unavailable, "The benchmark cannot connect to 127.0.0.1:\(port).")
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        watcher = FileDescriptorWatcher(loop: run.loop, fileDescriptor: descriptor) { [unowned self] _ in receive() }
        watcher?.watch(for: .read)
        ask()
    }

    func close() {
        watcher?.cancel()
        watcher = nil
        Foundation.close(descriptor)
    }

    /// A request is a fraction of a socket's buffer.
    private func ask() {
        hasHeard = false
        _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
    }

    private func receive() {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        let count = read(descriptor, &buffer, buffer.count)
        guard count != 0 else { return fail() }
        guard count > 0 else { return }
        let now = PacedProvider.now
        received.append(contentsOf: buffer[..<count])
        while let end = received.range(of: Data("\n\n".utf8)) {
            let event = received[..<end.lowerBound]
            received = Data(received[end.upperBound...])
            guard hear(event, at: now) else { return }
        }
    }

    /// Takes an event; false when the last turn is over.
    private func hear(_ event: Data, at now: Int64) -> Bool {
        if event.range(of: Data("event: message.delta".utf8)) != nil {
            for (word, sent) in Self.words(in: event) {
                let latency = Duration.nanoseconds(now - sent)
                run.report.all.add(latency)
                if word == 0 { run.report.first.add(latency) }
                hasHeard = true
            }
        } else if event.range(of: Data("event: execution.completed".utf8)) != nil, hasHeard {
            turn += 1
            guard turn < run.turns else {
                run.ended()
                return false
            }
            received = Data()
            ask()
        } else if event.range(of: Data("event: execution.failed".utf8)) != nil {
            fail()
            return false
        }
        return true
    }

    private func fail() {
        run.report.failures += run.turns - turn
        watcher?.watch(for: [])
        run.ended()
    }

    /// `[word:moment]`, as often as it is there.
    private static func words(in event: Data) -> [(word: Int, sent: Int64)] {
        String(decoding: event, as: UTF8.self).split(separator: "[").dropFirst().compactMap { part in
            let numbers = part.prefix { $0 != "]" }.split(separator: ":")
            guard numbers.count == 2, let word = Int(numbers[0]), let sent = Int64(numbers[1]) else { return nil }
            return (word, sent)
        }
    }
}
