import COpenSSL
import Foundation

/// A self-signed certificate and its key, made anew and written to a folder of their own.
final class TestCertificate {
    enum Failure: Error { case openSSL }

    let chain: String
    let key: String
    private let folder: URL

    init() throws {
        folder = URL.temporaryDirectory.appending(component: "spotter-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        chain = folder.appending(component: "chain.pem").path
        key = folder.appending(component: "key.pem").path
        let pair = try Self.makeKey()
        defer { EVP_PKEY_free(pair) }
        guard let file = fopen(key, "w") else { throw Failure.openSSL }
        PEM_write_PrivateKey(file, pair, nil, nil, 0, nil, nil)
        fclose(file)
        try Self.writeCertificate(of: pair, to: chain)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static func makeKey() throws -> OpaquePointer {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil) else { throw Failure.openSSL }
        defer { EVP_PKEY_CTX_free(context) }
        var pair: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &pair) == 1, let pair else {
            throw Failure.openSSL
        }
        return pair
    }

    private static func writeCertificate(of pair: OpaquePointer, to path: String) throws {
        guard let certificate = X509_new(), let file = fopen(path, "w") else { throw Failure.openSSL }
        defer {
            X509_free(certificate)
            fclose(file)
        }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1)
        X509_gmtime_adj(X509_getm_notBefore(certificate), -60)
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600)
        X509_set_pubkey(certificate, pair)
        let name = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, Array("localhost".utf8), -1, -1, 0)
        X509_set_issuer_name(certificate, name)
        guard X509_sign(certificate, pair, nil) > 0, PEM_write_X509(file, certificate) == 1 else {
            throw Failure.openSSL
        }
    }
}

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
