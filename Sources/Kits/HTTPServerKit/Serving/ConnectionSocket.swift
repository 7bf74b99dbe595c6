internal import COpenSSL
import Foundation

/// What a read or a write came to.
enum SocketOutcome {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing now; wait until the socket is ready.
    case wouldBlock
    /// The peer has sent its last byte.
    case end
    /// The connection is gone.
    case failed
}

/// A non-blocking connected socket, plain or under TLS, behind the same two calls.
///
/// TLS reads and writes straight from the socket: OpenSSL says which readiness it waits for, and `wantsWrite` tells the
/// watcher. A connection belongs to one loop, so that nothing here is shared.
final class ConnectionSocket {
    let fileDescriptor: Int32
    private var tls: OpaquePointer?
    private var isOpen = true

    /// Whether TLS waits for room in the socket before it can read on (handshake).
    private(set) var wantsWrite = false

    init(fileDescriptor: Int32, tls: OpaquePointer? = nil) {
        self.fileDescriptor = fileDescriptor
        self.tls = tls
    }

    deinit { close() }

    var isSecure: Bool { tls != nil }

    /// Whether OpenSSL has deciphered bytes of which the socket's readiness says nothing.
    var holdsInput: Bool { tls.map { SSL_pending($0) > 0 } ?? false }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> SocketOutcome {
        if let tls { return outcome(of: SSL_read(tls, buffer.baseAddress, Int32(buffer.count)), tls) }
        while true {
            let count = recv(fileDescriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, moreFollows: Bool) -> SocketOutcome {
        if let tls {
            return outcome(of: SSL_write(tls, bytes.baseAddress, Int32(min(bytes.count, Int(Int32.max)))), tls)
        }
        let flags = Int32(MSG_NOSIGNAL) | (moreFollows ? Int32(MSG_MORE) : 0)
        while true {
            let count = send(fileDescriptor, bytes.baseAddress, bytes.count, flags)
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed
        }
    }

    /// Says that nothing more will be written; reading goes on.
    func finishWriting() {
        if let tls, SSL_is_init_finished(tls) != 0 {
            ERR_clear_error()
            SSL_shutdown(tls)
        }
        shutdown(fileDescriptor, Int32(SHUT_WR))
    }

    /// Closes so that the peer sees a reset, where an orderly end would pass for a complete answer.
    func reset() {
        guard isOpen else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fileDescriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        if let tls { SSL_free(tls) }
        tls = nil
        Foundation.close(fileDescriptor)
    }

    private func outcome(of result: Int32, _ tls: OpaquePointer) -> SocketOutcome {
        wantsWrite = false
        if result > 0 { return .bytes(Int(result)) }
        let error = SSL_get_error(tls, result)
        ERR_clear_error()
        switch error {
        case SSL_ERROR_WANT_READ: return .wouldBlock
        case SSL_ERROR_WANT_WRITE:
            wantsWrite = true
            return .wouldBlock
        case SSL_ERROR_ZERO_RETURN: return .end
        default: return .failed
        }
    }
}
