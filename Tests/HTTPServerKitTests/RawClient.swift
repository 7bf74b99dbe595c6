import Foundation

/// A client that says exactly what it is told to: a blocking socket, for use within `onThread` alone.
final class RawClient {
    enum Failure: Error { case noConnection, timedOut, closed, malformed(String) }

    struct Response {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let descriptor: Int32
    private var buffer: [UInt8] = []

    /// - Parameter receiveBuffer: bytes the kernel keeps for this client, so that a slow reader is one soon.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var wait = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Failure.noConnection }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure.closed }
            sent += count
        }
    }

    /// Sends `bytes` again and again until nobody has taken them for a second.
    ///
    /// - Returns: how many bytes were taken.
    func sendUntilHeldUp(_ bytes: [UInt8], atMost limit: Int) -> Int {
        var wait = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        let block = Array(repeatElement(bytes, count: 65536 / bytes.count).joined())
        var taken = 0
        while taken < limit {
            let count = Foundation.send(descriptor, block, block.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { break }
            taken += count
        }
        return taken
    }

    /// Ends this side's half of the connection.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Leaves so that the server sees a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Reads what there is, at least one byte; empty at the end of the stream.
    func receive(atMost limit: Int = 65536) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &bytes, limit, 0)
        if count < 0 { throw errno == EAGAIN ? Failure.timedOut : Failure.closed }
        return Array(bytes[..<count])
    }

    /// Everything up to the end of the stream.
    func receiveAll() throws -> [UInt8] {
        while case let bytes = try receive(), !bytes.isEmpty { buffer += bytes }
        defer { buffer = [] }
        return buffer
    }

    /// Whether the server has ended the stream, with nothing more to read.
    func isAtEnd() throws -> Bool { try buffer.isEmpty && receive().isEmpty }

    /// Reads up to and including `mark`.
    func receive(through mark: String) throws -> String {
        let mark = Array(mark.utf8)
        while true {
            if let range = buffer.firstRange(of: mark) {
                defer { buffer.removeSubrange(..<range.upperBound) }
                return String(decoding: buffer[..<range.upperBound], as: UTF8.self)
            }
            try fill()
        }
    }

    /// Reads one response; `head` says that it has no body whatever its fields announce.
    func response(toHead head: Bool = false) throws -> Response {
        let lines = try receive(through: "\r\n\r\n").split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3))
        else {
            throw Failure.malformed(lines.joined(separator: "|"))
        }
        var response = Response(status: status, headers: [:], body: [])
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Failure.malformed(String(line)) }
            response.headers[line[..<colon].lowercased()] = line[colon...].dropFirst().trimmingCharacters(
                in: .whitespaces)
        }
        if head || status == 204 || status == 304 || status == 100 { return response }
        if response.headers["transfer-encoding"] == "chunked" {
            while case let chunk = try chunk(), !chunk.isEmpty { response.body += chunk }
        } else if let length = response.headers["content-length"].flatMap(Int.init) {
            response.body = try receive(exactly: length)
        } else {
            response.body = try receiveAll()
        }
        return response
    }

    /// One chunk of a chunked body; empty for the last.
    func chunk() throws -> [UInt8] {
        let line = try receive(through: "\r\n").dropLast()
        guard let size = Int(line.trimmingCharacters(in: .whitespacesAndNewlines), radix: 16) else {
            throw Failure.malformed(String(line))
        }
        let bytes = try receive(exactly: size)
        guard try receive(exactly: 2) == Array("\r\n".utf8) else { throw Failure.malformed("chunk") }
        return bytes
    }

    private func receive(exactly count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    private func fill() throws {
        let bytes = try receive()
        guard !bytes.isEmpty else { throw Failure.closed }
        buffer += bytes
    }
}

/// Runs blocking work on a thread of its own, so that the pool of Swift's tasks is never blocked.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result(catching: work)) }.start()
    }
}
