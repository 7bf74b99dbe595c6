internal import COpenSSL
import Foundation

/// A self-signed certificate for `localhost` and `127.0.0.1` and its key, made anew and written to a folder of their
/// own, which goes with the object.
public final class TestCertificate: Sendable {
    /// Why none could be made.
    public enum Failure: Error {
        /// OpenSSL refused.
        case openSSL
    }

    /// The certificate's file, in PEM; also what a client must trust.
    public let chain: String
    /// The key's file, in PEM.
    public let key: String
    private let folder: URL

    /// Makes a certificate that is good for an hour, or for another time around now.
    ///
    /// - Parameter validity: from and to, in seconds from now on.
    public init(validity: ClosedRange<Int> = -60...3600) throws {
        folder = URL.temporaryDirectory.appending(component: "spotter-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        chain = folder.appending(component: "chain.pem").path
        key = folder.appending(component: "key.pem").path
        let pair = try Self.makeKey()
        defer { EVP_PKEY_free(pair) }
        guard let file = fopen(key, "w") else { throw Failure.openSSL }
        PEM_write_PrivateKey(file, pair, nil, nil, 0, nil, nil)
        fclose(file)
        try Self.writeCertificate(of: pair, validity, to: chain)
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

    private static func writeCertificate(
        of pair: OpaquePointer, _ validity: ClosedRange<Int>, to path: String
    ) throws {
        guard let certificate = X509_new(), let file = fopen(path, "w") else { throw Failure.openSSL }
        defer {
            X509_free(certificate)
            fclose(file)
        }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1)
        X509_gmtime_adj(X509_getm_notBefore(certificate), validity.lowerBound)
        X509_gmtime_adj(X509_getm_notAfter(certificate), validity.upperBound)
        X509_set_pubkey(certificate, pair)
        let name = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, Array("localhost".utf8), -1, -1, 0)
        X509_set_issuer_name(certificate, name)
        try add(NID_basic_constraints, "critical,CA:TRUE", to: certificate)
        try add(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1", to: certificate)
        guard X509_sign(certificate, pair, nil) > 0, PEM_write_X509(file, certificate) == 1 else {
            throw Failure.openSSL
        }
    }

    private static func add(_ kind: Int32, _ value: String, to certificate: OpaquePointer) throws {
        guard let added = X509V3_EXT_conf_nid(nil, nil, kind, value) else { throw Failure.openSSL }
        defer { X509_EXTENSION_free(added) }
        guard X509_add_ext(certificate, added, -1) == 1 else { throw Failure.openSSL }
    }
}
