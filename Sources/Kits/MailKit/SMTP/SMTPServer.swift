/// A mail server that messages are handed to, and how it is spoken to.
public struct SMTPServer: Sendable {
    /// How the connection is kept from others' eyes.
    public enum Security: String, Sendable, CaseIterable {
        /// Not at all: for servers on the same machine, and tests.
        case none
        /// By STARTTLS, which the server must offer.
        case startTLS = "starttls"
        /// By TLS from the first byte (port 465).
        case tls
    }

    /// A user and a password. Shows neither to anybody who prints or dumps it.
    public struct Credentials: Sendable, CustomStringConvertible, CustomReflectable {
        let username: String
        let password: String

        /// A user and a password.
        public init(username: String, password: String) {
            self.username = username
            self.password = password
        }

        /// Says nothing.
        public var description: String { "credentials" }
        /// No members: `dump` finds nothing.
        public var customMirror: Mirror { Mirror(self, children: [:]) }
    }

    /// A host name, or an address (an IPv6 one without brackets).
    public var host: String
    /// 1 to 65535.
    public var port: Int
    /// How the connection is secured.
    public var security: Security
    /// Nil does not log in.
    public var credentials: Credentials?
    /// What the client says its name is; nil means the sender's domain.
    public var helloName: String?
    /// A file with the certificates to trust, in PEM; nil means those of the system.
    public var certificateAuthorityFile: String?
    /// How long looking up the host, connecting and the TLS handshake may take together.
    public var connectTimeout = Duration.seconds(15)
    /// How long all of it may take.
    public var deadline = Duration.seconds(90)

    /// A server that is not logged in to unless credentials are given.
    public init(host: String, port: Int, security: Security, credentials: Credentials? = nil) {
        self.host = host
        self.port = port
        self.security = security
        self.credentials = credentials
    }

    /// Reads `smtp://host[:port]` or `smtps://host[:port]`: STARTTLS on port 587 or TLS on port 465 unless the address
    /// says another port; nil for anything else, a user or a path among it.
    public init?(address: String) {
        let isTLS = address.hasPrefix("smtps://")
        guard isTLS || address.hasPrefix("smtp://") else { return nil }
        var rest = address.dropFirst(isTLS ? 8 : 7)
        if rest.hasSuffix("/") { rest.removeLast() }
        var port = isTLS ? 465 : 587
        if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
            guard let given = UInt16(rest[rest.index(after: colon)...]), given > 0 else { return nil }
            port = Int(given)
            rest = rest[..<colon]
        }
        let isBracketed = rest.hasPrefix("[") && rest.hasSuffix("]")
        let host = isBracketed ? rest.dropFirst().dropLast() : rest
        let isHost = host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D || byte == 0x2E
                || isBracketed && byte == 0x3A
        }
        guard (1...253).contains(host.utf8.count), isHost, !host.hasPrefix("-") else { return nil }
        self.init(host: host.lowercased(), port: port, security: isTLS ? .tls : .startTLS)
    }
}
