/// Where one party's requests may go.
public struct OutboundPolicy: Sendable {
    /// A header that is added to requests to one host. It shows its value to nobody who prints or dumps it.
    public struct Credential: Sendable, CustomStringConvertible, CustomReflectable {
        /// In lower case; matched as a whole.
        public let host: String
        /// The header's name, such as `Authorization`.
        public let header: String
        /// The header's value, such as `Bearer …`.
        public let value: String

        /// A header for one host.
        public init(host: String, header: String, value: String) {
            self.host = host.lowercased()
            self.header = header
            self.value = value
        }

        /// Everything but the value.
        public var description: String { "\(header) for \(host)" }
        /// No members: `dump` finds nothing.
        public var customMirror: Mirror { Mirror(self, children: [:]) }
    }

    /// Whether a host, in lower case, may be spoken to.
    public let allowsHost: @Sendable (String) -> Bool
    /// Whether http may be spoken, too.
    public let allowsPlainHTTP: Bool
    /// What the client adds to requests by itself.
    public let credentials: [Credential]
    /// Whether redirects are followed; otherwise they are answers like any other.
    public let followsRedirects: Bool
    /// Whether a request may say who is asking, by Cookie and Authorization of its own: for a browser, which keeps them
    /// apart by origin itself.
    public let allowsIdentity: Bool

    /// - Parameters:
    ///   - allowsPlainHTTP: http as well as https.
    ///   - credentials: added to a request whose URL has their host, never after a redirect to another origin.
    ///   - followsRedirects: false gives redirects to the caller.
    ///   - allowsIdentity: lets requests bring Cookie and Authorization.
    ///   - allowsHost: asked with each URL's host, those of redirects included.
    public init(
        allowsPlainHTTP: Bool = false, credentials: [Credential] = [], followsRedirects: Bool = true,
        allowsIdentity: Bool = false, allowsHost: @escaping @Sendable (String) -> Bool
    ) {
        self.allowsHost = allowsHost
        self.allowsPlainHTTP = allowsPlainHTTP
        self.credentials = credentials
        self.followsRedirects = followsRedirects
        self.allowsIdentity = allowsIdentity
    }
}
