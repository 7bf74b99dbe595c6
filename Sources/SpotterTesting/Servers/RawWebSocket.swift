import Foundation

/// A WebSocket client that sends exactly the bytes it is told to: a blocking socket, for a thread of its own.
public final class RawWebSocket {
    /// What a client can meet with.
    public enum Failure: Error {
        /// Nobody answers there.
        case noConnection
        /// The server did not go on as a WebSocket: status and everything it said.
        case refused(Int, String)
        /// The stream has ended.
        case closed
        /// Nothing came for twenty seconds.
        case timedOut
    }

    /// A frame as the server sent it.
    public struct Frame: Equatable, Sendable {
        /// Whether it ends its message.
        public let isFinal: Bool
        /// Such as 1 for text, 8 for Close.
        public let opcode: UInt8
        /// Its content.
        public let payload: [UInt8]

        /// A final frame.
        public init(_ opcode: UInt8, _ payload: [UInt8] = []) {
            self.init(isFinal: true, opcode: opcode, payload: payload)
        }

        init(isFinal: Bool, opcode: UInt8, payload: [UInt8]) {
            self.isFinal = isFinal
            self.opcode = opcode
            self.payload = payload
        }

        /// The content as text.
        public var text: String { String(decoding: payload, as: UTF8.self) }
        /// The code of a Close; nil for other frames and when it has none.
        public var closeCode: Int? {
            opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
        }
    }

    /// What the server answered to the handshake, head only.
    public private(set) var head = ""
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Connects and shakes hands.
    ///
    /// - Parameters:
    ///   - receiveBuffer: bytes the kernel keeps for this client, so that a slow reader is one soon.
    ///   - early: sent together with the handshake, before it is answered.
    public init(
        port: Int, path: String = "/", headers: [String] = [], receiveBuffer: Int32? = nil, early: [UInt8] = []
    ) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer { set(SO_RCVBUF, &receiveBuffer) }
        var wait = timeval(tv_sec: 20, tv_usec: 0)
        set(SO_RCVTIMEO, &wait)
        set(SO_SNDTIMEO, &wait)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        try connect(port)
        let lines =
            [
                "GET \(path) HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ] + headers
        try send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + early)
        while buffer.firstRange(of: Array("\r\n\r\n".utf8)) == nil { try fill() }
        guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { throw Failure.closed }
        head = String(decoding: buffer[..<end.upperBound], as: UTF8.self)
        buffer.removeSubrange(..<end.upperBound)
        guard head.hasPrefix("HTTP/1.1 101 ") else {
            throw Failure.refused(Int(head.dropFirst(9).prefix(3)) ?? 0, head + String(decoding: buffer, as: UTF8.self))
        }
    }

    deinit { Glibc.close(descriptor) }

    // MARK: Sending

    /// The bytes of a client's frame.
    ///
    /// - Parameter mask: nil for a frame without, as clients must not send.
    public static func frame(
        _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, reserved: UInt8 = 0, mask: [UInt8]? = [1, 2, 3, 4]
    ) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | reserved | opcode]
        let flag: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ..<126: bytes.append(flag | UInt8(payload.count))
        case ..<65536: bytes += [flag | 126] + (0..<2).reversed().map { UInt8(payload.count >> ($0 * 8) & 0xFF) }
        default: bytes += [flag | 127] + (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 0xFF) }
        }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    /// Sends a text message in one frame.
    public func send(text: String) throws { try send(Self.frame(1, Array(text.utf8))) }

    /// Sends Close.
    public func sendClose(_ code: Int = 1000) throws {
        try send(Self.frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)]))
    }

    /// Sends bytes as they are.
    public func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure.closed }
            sent += count
        }
    }

    /// Sends bytes until nobody has taken any for half a second.
    ///
    /// - Returns: how many were taken.
    public func sendUntilHeldUp(_ bytes: [UInt8]) -> Int {
        var wait = timeval(tv_sec: 0, tv_usec: 500_000)
        set(SO_SNDTIMEO, &wait)
        defer {
            wait = timeval(tv_sec: 20, tv_usec: 0)
            set(SO_SNDTIMEO, &wait)
        }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Leaves so that the server sees a reset.
    public func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        set(SO_LINGER, &option)
    }

    // MARK: Receiving

    /// The next frame of any kind.
    public func receive() throws -> Frame {
        while true {
            if let frame = takeFrame() { return frame }
            try fill()
        }
    }

    /// The next text message; pings in between are answered, and a Close is `closed`.
    public func receiveText() throws -> String {
        while true {
            let frame = try receive()
            switch frame.opcode {
            case 1: return frame.text
            case 8: throw Failure.closed
            case 9: try send(Self.frame(10, frame.payload))
            default: continue
            }
        }
    }

    /// Skips everything up to the server's Close, and gives its code.
    public func receiveClose() throws -> Int? {
        while true {
            let frame = try receive()
            if frame.opcode == 8 { return frame.closeCode }
        }
    }

    /// Whether the server has ended the stream, with nothing more to read.
    public func isAtEnd() throws -> Bool {
        guard buffer.isEmpty else { return false }
        do { try fill() } catch Failure.closed { return true }
        return false
    }

    private func takeFrame() -> Frame? {
        guard buffer.count >= 2 else { return nil }
        var (length, start) = (Int(buffer[1] & 0x7F), 2)
        if length >= 126 {
            let digits = length == 126 ? 2 : 8
            guard buffer.count >= 2 + digits else { return nil }
            length = buffer[2..<2 + digits].reduce(0) { $0 << 8 | Int($1) }
            start += digits
        }
        guard buffer.count >= start + length else { return nil }
        let frame = Frame(
            isFinal: buffer[0] & 0x80 != 0, opcode: buffer[0] & 0x0F, payload: Array(buffer[start..<start + length]))
        buffer.removeFirst(start + length)
        return frame
    }

    private func fill() throws {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { throw count < 0 && errno == EAGAIN ? Failure.timedOut : Failure.closed }
        buffer += bytes[..<count]
    }

    private func connect(_ port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Failure.noConnection }
    }

    private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: inout Value) {
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Value>.size))
    }
}
