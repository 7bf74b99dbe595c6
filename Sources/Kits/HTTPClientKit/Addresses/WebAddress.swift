import CLibcurl

/// An http or https URL taken apart by libcurl's own parser, so that what is checked is what is connected to.
///
/// Stricter than the parser: a host is letters, digits, hyphens, underscores and dots in ASCII, without a dot at the
/// end, or an IPv6 address in brackets. Numbers that spell an IPv4 address come out dotted. No user, no password, no
/// IPv6 zone. The fragment is dropped.
public struct WebAddress: Sendable, Hashable {
    /// Why a text is no address; in words that never repeat the text.
    public enum Problem: Error, Sendable, Hashable {
        /// Another scheme than http and https.
        case scheme
        /// A user or a password stands before the host.
        case userInformation
        /// Anything else; reads on from "the URL".
        case malformed(String)
    }

    /// The longest text that is looked at, in bytes.
    public static let maximumBytes = 8192

    /// The whole URL, as libcurl writes it.
    public let text: String
    /// Whether the scheme is https.
    public let isSecure: Bool
    /// In lower case; an IPv6 address stands in brackets.
    public let host: String
    /// The port given, or else 443 or 80.
    public let port: Int

    /// Reads an absolute URL.
    public init(_ text: String) throws(Problem) {
        guard text.utf8.count <= Self.maximumBytes else { throw .malformed("is longer than 8192 bytes") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformed("holds a space, a control character or one that is not ASCII")
        }
        let parser = try CurlURL()
        try parser.read(text)
        try self.init(parser)
    }

    /// The address that a `Location` means from here: absolute, or relative to this one.
    public func following(_ location: String) throws(Problem) -> WebAddress {
        guard location.utf8.count <= Self.maximumBytes else { throw .malformed("is longer than 8192 bytes") }
        guard location.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .malformed("holds a control character")
        }
        let parser = try CurlURL()
        try parser.read(text)
        try parser.read(location, flags: UInt32(CURLU_URLENCODE))
        // Taken apart anew, so that no check is weaker for a redirect.
        return try WebAddress(parser.wholeText())
    }

    /// Whether scheme, host and port are the same (RFC 6454).
    public func hasSameOrigin(as other: WebAddress) -> Bool {
        isSecure == other.isSecure && host == other.host && port == other.port
    }

    private init(_ parser: borrowing CurlURL) throws(Problem) {
        switch parser.part(CURLUPART_SCHEME) {
        case "https": isSecure = true
        case "http": isSecure = false
        default: throw .scheme
        }
        guard parser.part(CURLUPART_USER) == nil, parser.part(CURLUPART_PASSWORD) == nil else {
            throw .userInformation
        }
        let host = (parser.part(CURLUPART_HOST) ?? "").lowercased()
        guard parser.part(CURLUPART_ZONEID) == nil, Self.isHost(host) else {
            throw .malformed("has a host that is neither a plain name nor an address")
        }
        guard let port = parser.part(CURLUPART_PORT, flags: UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) }),
            (1...65_535).contains(port)
        else { throw .malformed("has no port from 1 to 65535") }
        self.host = host
        self.port = port
        text = try parser.wholeText()
    }

    private static func isHost(_ host: String) -> Bool {
        if host.hasPrefix("[") {
            let inner = host.dropFirst().dropLast()
            return host.hasSuffix("]") && !inner.isEmpty
                && inner.utf8.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        }
        guard (1...253).contains(host.utf8.count), !host.hasPrefix("."), !host.hasSuffix("."), !host.contains("..")
        else { return false }
        return host.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}

/// A handle of libcurl's URL parser.
private struct CurlURL: ~Copyable {
    private let handle: OpaquePointer

    init() throws(WebAddress.Problem) {
        guard let handle = curl_url() else { throw .malformed("could not be read: memory ran out") }
        self.handle = handle
    }

    deinit { curl_url_cleanup(handle) }

    /// Reads an absolute URL, or one relative to what was read before.
    func read(_ text: String, flags: UInt32 = 0) throws(WebAddress.Problem) {
        switch curl_url_set(handle, CURLUPART_URL, text, flags) {
        case CURLUE_OK: break
        case CURLUE_UNSUPPORTED_SCHEME: throw .scheme
        default: throw .malformed("is not an absolute http or https URL")
        }
    }

    func part(_ part: CURLUPart, flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// Everything but the fragment, which is never sent.
    func wholeText() throws(WebAddress.Problem) -> String {
        guard curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK, let text = part(CURLUPART_URL) else {
            throw .malformed("cannot be written as it was read")
        }
        return text
    }
}
