import COpenSSL
import SpotterTesting

/// A TLS client on a blocking socket, for use within `onThread` alone.
final class TLSClient {
    private let context: OpaquePointer
    private let session: OpaquePointer
    private let raw: RawClient

    init(port: Int) throws {
        raw = try RawClient(port: port)
        guard let context = SSL_CTX_new(TLS_client_method()), let session = SSL_new(context) else {
            throw TestCertificate.Failure.openSSL
        }
        self.context = context
        self.session = session
        let offered: [UInt8] = [2] + Array("h2".utf8) + [8] + Array("http/1.1".utf8)
        SSL_set_alpn_protos(session, offered, UInt32(offered.count))
        SSL_set_fd(session, raw.descriptor)
        guard SSL_connect(session) == 1 else { throw TestCertificate.Failure.openSSL }
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    /// The protocol that the server chose among h2 and http/1.1.
    var chosenProtocol: String {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(session, &name, &count)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard SSL_write(session, bytes, Int32(bytes.count)) == bytes.count else { throw RawClient.Failure.closed }
    }

    /// Everything up to the server's farewell.
    func receiveAll() throws -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = SSL_read(session, &buffer, Int32(buffer.count))
            guard count > 0 else {
                guard SSL_get_error(session, count) == SSL_ERROR_ZERO_RETURN else { throw RawClient.Failure.closed }
                return all
            }
            all += buffer[..<Int(count)]
        }
    }
}
