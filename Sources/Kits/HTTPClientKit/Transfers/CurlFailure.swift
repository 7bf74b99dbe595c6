import CLibcurl

extension HTTPClientError {
    /// What curl's code of a failed transfer means.
    ///
    /// - Parameters:
    ///   - code: anything but `CURLE_OK`.
    ///   - limit: the transfer's byte limit.
    ///   - timeout: which of the times ran out if the code says that one did.
    init(_ code: CURLcode, limit: Int, timeout: Timeout) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: self = .nameResolution
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: self = .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            self = .tls
        case CURLE_OPERATION_TIMEDOUT: self = .timeout(timeout)
        case CURLE_FILESIZE_EXCEEDED: self = .tooLarge(limit: limit)
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_SSL_SHUTDOWN_FAILED,
            CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND:
            self = .connectionLost
        case CURLE_URL_MALFORMAT: self = .invalidRequest("the URL is not an absolute http or https URL")
        case CURLE_OUT_OF_MEMORY: self = .outOfMemory
        default: self = .protocolViolation
        }
    }
}
