import Foundation
import Synchronization

/// A request as a `RawConnection` reads it.
public struct RawRequest: Sendable {
    /// The request line, such as `POST /v1/messages HTTP/1.1`.
    public let line: String
    /// Field names in lower case; of a repeated name the last value.
    public let headers: [String: String]
    /// The body, as long as `Content-Length` says.
    public let body: [UInt8]

    /// The method.
    public var method: String { line.split(separator: " ").first.map(String.init) ?? "" }
    /// The target as sent.
    public var target: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// The server's side of one connection: blocking reads and writes, for the handler's own thread.
public final class RawConnection: Sendable {
    private struct State {
        var isOpen = true
        var buffer: [UInt8] = []
    }

    private let fileDescriptor: Int32
    private let state = Mutex(State())

    init(_ fileDescriptor: Int32) { self.fileDescriptor = fileDescriptor }

    deinit { Glibc.close(fileDescriptor) }

    /// The next request of the connection.
    ///
    /// - Throws: `RawServerError.closed` when the peer closes instead.
    public func readRequest() throws -> RawRequest {
        let end = Array("\r\n\r\n".utf8)
        while true {
            let head: String? = state.withLock { state in
                guard let range = state.buffer.firstRange(of: end) else { return nil }
                defer { state.buffer.removeSubrange(..<range.upperBound) }
                return String(decoding: state.buffer[..<range.lowerBound], as: UTF8.self)
            }
            if let head { return try finishReading(head) }
            try fill()
        }
    }

    private func finishReading(_ head: String) throws -> RawRequest {
        let lines = head.components(separatedBy: "\r\n")
        guard let first = lines.first else { throw RawServerError.notARequest }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw RawServerError.notARequest }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        guard let length = Int(headers["content-length"] ?? "0"), length >= 0 else { throw RawServerError.notARequest }
        while state.withLock({ $0.buffer.count }) < length { try fill() }
        let body: [UInt8] = state.withLock { state in
            defer { state.buffer.removeFirst(length) }
            return Array(state.buffer.prefix(length))
        }
        return RawRequest(line: first, headers: headers, body: body)
    }

    /// The next line, without its end: for protocols that talk in lines.
    public func readLine() throws -> String {
        while true {
            let line: String? = state.withLock { state in
                guard let end = state.buffer.firstIndex(of: 0x0A) else { return nil }
                defer { state.buffer.removeSubrange(...end) }
                return String(decoding: state.buffer[..<end].filter { $0 != 0x0D }, as: UTF8.self)
            }
            if let line { return line }
            try fill()
        }
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(fileDescriptor, &chunk, chunk.count, 0)
        guard count > 0 else { throw RawServerError.closed }
        state.withLock { $0.buffer.append(contentsOf: chunk.prefix(count)) }
    }

    /// Sends bytes; waits while the peer does not take them.
    public func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                send(
                    fileDescriptor, UnsafeRawBufferPointer(rebasing: buffer[sent...]).baseAddress, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw RawServerError.closed }
            sent += count
        }
    }

    /// Sends text.
    public func write(_ text: String) throws { try write(Array(text.utf8)) }

    /// Sends a whole answer with a `Content-Length`.
    public func respond(
        status: Int = 200, headers: [String: String] = [:], body: String = ""
    ) throws {
        var head = "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.utf8.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        try write(head + "\r\n" + body)
    }

    /// Begins an answer that ends when the connection is closed.
    public func beginResponse(status: Int = 200, headers: [String: String] = [:]) throws {
        var head = "HTTP/1.1 \(status) Status\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        try write(head + "\r\n")
    }

    /// Waits until the peer closes, and drops what it still sends.
    public func waitForClose() {
        while (try? fill()) != nil { state.withLock { $0.buffer = [] } }
    }

    /// Ends the connection with a reset instead of a proper end.
    public func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fileDescriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Ends the connection; the descriptor itself is freed with the object, so that no other can take its number.
    public func close() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if wasOpen { shutdown(fileDescriptor, Int32(SHUT_RDWR)) }
    }
}
