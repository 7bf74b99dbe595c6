import CLibcurl

extension OutgoingRequest {
    /// Fields that frame a message: only curl writes them, so that no caller can smuggle a second request.
    private static let framing: Set<String> = [
        "connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// Refuses what could be read as anything other than one request to the host that the URL shows.
    ///
    /// The texts name the part that is wrong and never its value, which may be secret.
    func validate() throws(HTTPClientError) {
        guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw .invalidRequest("the method must be upper-case letters")
        }
        for field in headers.fields { try Self.validate(field) }
        guard connectTimeout > .zero, deadline > .zero, idleTimeout > .zero, responseByteLimit >= 0 else {
            throw .invalidRequest("timeouts must be positive and the byte limit not negative")
        }
        try validateURL()
    }

    private static func validate(_ field: MessageHeaders.Field) throws(HTTPClientError) {
        guard !field.name.isEmpty, field.name.utf8.allSatisfy(isTokenByte) else {
            throw .invalidRequest("a header name must be a token (RFC 9110 §5.6.2)")
        }
        guard !framing.contains(field.name.lowercased()) else {
            throw .invalidRequest("the header \(field.name) is written by the client itself")
        }
        guard field.value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
            throw .invalidRequest("the value of the header \(field.name) holds a control character")
        }
    }

    private func validateURL() throws(HTTPClientError) {
        guard url.utf8.count <= 8192 else { throw .invalidRequest("the URL is longer than 8192 bytes") }
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidRequest("the URL holds a space, a control character or one that is not ASCII")
        }
        guard let handle = curl_url() else { throw .outOfMemory }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK else {
            throw .invalidRequest("the URL is not an absolute http or https URL")
        }
        guard ["http", "https"].contains(Self.part(CURLUPART_SCHEME, of: handle)) else {
            throw .invalidRequest("the URL's scheme is neither http nor https")
        }
        guard Self.part(CURLUPART_USER, of: handle) == nil, Self.part(CURLUPART_PASSWORD, of: handle) == nil else {
            throw .invalidRequest("the URL holds a user or a password")
        }
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// `tchar` of RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
