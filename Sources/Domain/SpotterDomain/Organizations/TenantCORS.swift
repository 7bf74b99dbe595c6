/// What a tenant's file says of web pages elsewhere that may call the API.
public struct TenantCORS: Sendable, Codable, Hashable, FieldsDescribed {
    /// Their origins, such as `https://app.example.com`; nil or empty allows none.
    public var allowOrigins: [String]?

    /// The pages of these origins.
    public init(allowOrigins: [String]? = nil) { self.allowOrigins = allowOrigins }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "allow_origins": Field(
            "Origins whose pages may call the API with a token of this organisation: scheme, host and, if it is not the "
                + "usual one, port. No `*`.", count: 0...50, example: ["https://app.example.com"])
    ]

    /// What the schema cannot say.
    func issues(at pointer: String) -> [FieldIssue] {
        (allowOrigins ?? []).enumerated().compactMap { index, text in
            guard WebOrigin(text) == nil else { return nil }
            let message =
                "must be an origin such as https://app.example.com: https (http for localhost alone), a host, perhaps a "
                + "port, and nothing else"
            return FieldIssue(pointer: "\(pointer)/allow_origins/\(index)", message: message)
        }
    }
}

/// The origin of a web page, as browsers write it (RFC 6454, 6.2): scheme, host and port, in lower case, the port left
/// out where it is the scheme's own.
public struct WebOrigin: Sendable, Hashable, CustomStringConvertible {
    /// As browsers send it.
    public let description: String

    /// Reads an origin that an organisation may allow.
    ///
    /// - Returns: nil for anything else: `*`, `null`, an address with a path, http to anywhere but this machine.
    public init?(_ text: String) {
        guard text.utf8.count <= 300 else { return nil }
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "https" || parts[0] == "http" else { return nil }
        let place = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        guard place.count <= 2, let host = place.first, Self.isHost(host) else { return nil }
        let isLocal = host == "localhost" || host == "127.0.0.1"
        guard parts[0] == "https" || isLocal else { return nil }
        if place.count == 2 {
            guard let port = UInt16(place[1]), port > 0, String(port) == place[1],
                port != (parts[0] == "https" ? 443 : 80)
            else { return nil }
        }
        description = text
    }

    private static func isHost(_ host: Substring) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return (1...253).contains(host.utf8.count)
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy {
                        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
                    }
            }
    }
}

/// Which pages elsewhere may call the API.
public protocol OriginPolicies: Sendable {
    /// Whether any organisation allows the origin: before it is known who asks.
    func isKnown(_ origin: String) -> Bool
    /// Whether this organisation does.
    func allows(_ origin: String, in scope: OrganizationScope) -> Bool
}
