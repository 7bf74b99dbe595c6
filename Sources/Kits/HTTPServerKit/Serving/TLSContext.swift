internal import COpenSSL
import Foundation

/// Certificate, key and settings of the server's side of TLS.
///
/// `@unchecked Sendable`: after `init` only `SSL_new` is called on it, which OpenSSL allows from every thread.
final class TLSContext: @unchecked Sendable {
    private let context: OpaquePointer

    init(files: HTTPServerConfiguration.TLSFiles) throws {
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw Self.failure("TLS cannot be set up") }
        self.context = context
        // Macros of OpenSSL's headers that do not reach Swift: these calls, and the two options of ssl.h.
        let noRenegotiation: UInt64 = 1 << 30
        let noCompression: UInt64 = 1 << 17
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        let mode = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
        SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(mode), nil)
        SSL_CTX_set_options(context, noRenegotiation | noCompression)
        SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
        guard SSL_CTX_use_certificate_chain_file(context, files.certificateChain) == 1 else {
            throw Self.failure("the certificate chain \(files.certificateChain) cannot be used")
        }
        guard SSL_CTX_use_PrivateKey_file(context, files.privateKey, SSL_FILETYPE_PEM) == 1 else {
            throw Self.failure("the private key \(files.privateKey) cannot be used")
        }
        guard SSL_CTX_check_private_key(context) == 1 else {
            throw Self.failure("the private key does not belong to the certificate")
        }
        // OpenSSL writes to the socket by write(2), which raises SIGPIPE when the peer is gone.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit { SSL_CTX_free(context) }

    /// The server's side of one connection.
    func session(fileDescriptor: Int32) -> OpaquePointer? {
        guard let session = SSL_new(context) else { return nil }
        guard SSL_set_fd(session, fileDescriptor) == 1 else {
            SSL_free(session)
            return nil
        }
        SSL_set_accept_state(session)
        return session
    }

    private static func failure(_ what: String) -> HTTPServerError {
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(ERR_get_error(), &text, text.count)
        ERR_clear_error()
        let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return HTTPServerError("\(what): \(reason)")
    }
}

/// Takes `http/1.1` where the client offers it (RFC 7301); a client that offers only others goes on without.
private let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, output, outputLength, input, inputLength, _ in
    guard let input, let output, let outputLength else { return SSL_TLSEXT_ERR_NOACK }
    var position = 0
    while position < Int(inputLength) {
        let length = Int(input[position])
        let name = UnsafeBufferPointer(start: input + position + 1, count: min(length, Int(inputLength) - position - 1))
        if name.elementsEqual("http/1.1".utf8) {
            output.pointee = input + position + 1
            outputLength.pointee = UInt8(length)
            return SSL_TLSEXT_ERR_OK
        }
        position += 1 + length
    }
    return SSL_TLSEXT_ERR_NOACK
}
