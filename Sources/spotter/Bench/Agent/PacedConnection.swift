import EventLoopKit
import Foundation
import Glibc

/// One connection to the paced model: reads a request, waits, answers, again and again. Belongs to the loop's thread.
final class PacedConnection {
    private let loop: EventLoop
    private let descriptor: Int32
    private let pace: PacedProvider.Pace
    private let gaps: PacedProvider.Gaps
    private let onCall: () -> Void
    private let onEnd: () -> Void
    private var watcher: FileDescriptorWatcher?
    private var timer: LoopTimer?
    private var received: [UInt8] = []
    private let buffer: ReadBuffer

    /// One for all connections of a loop: memory is measured while thousands are open.
    final class ReadBuffer {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
    }

    init(
        loop: EventLoop, descriptor: Int32, pace: PacedProvider.Pace, buffer: ReadBuffer,
        gaps: PacedProvider.Gaps, onCall: @escaping () -> Void, onEnd: @escaping () -> Void
    ) {
        self.buffer = buffer
        self.gaps = gaps
        self.loop = loop
        self.descriptor = descriptor
        self.pace = pace
        self.onCall = onCall
        self.onEnd = onEnd
        watcher = FileDescriptorWatcher(loop: loop, fileDescriptor: descriptor) { [unowned self] _ in receive() }
        watcher?.watch(for: .read)
    }

    func close() {
        watcher?.cancel()
        watcher = nil
        timer?.cancel()
        timer = nil
        Foundation.close(descriptor)
    }

    private func receive() {
        while true {
            let count = read(descriptor, &buffer.bytes, buffer.bytes.count)
            if count == 0 { return onEnd() }
            guard count > 0 else { break }
            received.append(contentsOf: buffer.bytes[..<count])
        }
        guard let call = PacedRequest(received) else { return }
        received = []
        onCall()
        gaps.asked(isNext: call.toolResults > 0)
        timer = loop.schedule(after: pace.latency) { [unowned self] in answer(call) }
    }

    private func answer(_ call: PacedRequest) {
        let stage = pace.asksForTools ? call.toolResults : pace.rounds
        defer { if stage < pace.rounds { gaps.answered() } }
        if call.isStreaming { return stage < pace.rounds ? askForTool(stage) : say(0) }
        let message =
            stage < pace.rounds
            ? #"{"role":"assistant","content":null,"tool_calls":[{"id":"call_\#(stage)","type":"function","#
                + #""function":{"name":"retrieve_data","arguments":"{\"key\":\"hours\",\"scope\":\"organization\"}"}}]}"#
            : #"{"role":"assistant","content":"We are open from six to ten."}"#
        let choice =
            #"{"index":0,"message":\#(message),"finish_reason":"\#(stage < pace.rounds ? "tool_calls" : "stop")"}"#
        let body = #"{"id":"paced","object":"chat.completion","model":"bench","choices":[\#(choice)],\#(Self.usage)}"#
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
        send(head + body)
    }

    private static let usage = #""usage":{"prompt_tokens":200,"completion_tokens":20,"total_tokens":220}"#

    /// Asks for a tool as a stream, each time with other arguments: who asks the same again and again makes no progress.
    private func askForTool(_ stage: Int) {
        let function =
            #"{"name":"retrieve_data","arguments":"{\"key\":\"hours-\#(stage)\",\"scope\":\"organization\"}"}"#
        let call = #"{"index":0,"id":"call_\#(stage)","type":"function","function":\#(function)}"#
        let delta = #"{"role":"assistant","tool_calls":[\#(call)]}"#
        let chunks = [
            #"{"id":"paced","model":"bench","choices":[{"index":0,"delta":\#(delta)}]}"#,
            #"{"id":"paced","model":"bench","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
            #"{"id":"paced","model":"bench","choices":[],\#(Self.usage)}"#, "[DONE]",
        ]
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        send(head + chunks.map { Self.chunk("data: \($0)\n\n") }.joined() + "0\r\n\r\n")
    }

    /// Says the next word, and plans the one after it.
    private func say(_ word: Int) {
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        guard word < pace.words else {
            let end = #"{"id":"paced","model":"bench","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
            let usage = #"{"id":"paced","model":"bench","choices":[],\#(Self.usage)}"#
            return send(Self.chunk("data: \(end)\n\ndata: \(usage)\n\ndata: [DONE]\n\n") + "0\r\n\r\n")
        }
        let delta = #"{"content":"[\#(word):\#(PacedProvider.now)] "}"#
        let event = #"data: {"id":"paced","model":"bench","choices":[{"index":0,"delta":\#(delta)}]}"# + "\n\n"
        send((word == 0 ? head : "") + Self.chunk(event))
        timer = loop.schedule(after: pace.interval) { [unowned self] in say(word + 1) }
    }

    private static func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n" }

    /// Far less than a socket's buffer.
    private func send(_ text: String) {
        _ = text.withCString { Glibc.send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    }
}

/// What of a request the model goes by.
private struct PacedRequest {
    let toolResults: Int
    let isStreaming: Bool

    /// Nil until the whole request is there.
    init?(_ bytes: [UInt8]) {
        let text = Data(bytes)
        guard let end = text.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: text[..<end.lowerBound], as: UTF8.self).lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
        guard text.count - end.upperBound >= length ?? 0 else { return nil }
        let body = text[end.upperBound...]
        toolResults = Self.count(of: #""role":"tool""#, in: body)
        isStreaming = body.range(of: Data(#""stream":true"#.utf8)) != nil
    }

    private static func count(of word: String, in body: Data) -> Int {
        var (count, rest) = (0, body)
        while let found = rest.range(of: Data(word.utf8)) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
