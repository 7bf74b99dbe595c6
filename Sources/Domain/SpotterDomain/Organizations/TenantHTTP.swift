import Foundation

/// What a tenant's file says of its agents' HTTP requests.
public struct TenantHTTP: Sendable, Codable, Hashable, FieldsDescribed {
    /// Hosts that may be spoken to, such as `api.example.com` or `*.gym.test`; nil or empty allows none.
    public var allowHosts: [String]?
    /// Whether http may be spoken as well as https; nil means no.
    public var allowHttp: Bool?
    /// Headers that the server adds, which no model sees.
    public var secrets: [SecretHeader]?
    /// Where posts for social media are sent by POST when their time has come; nil means that no connection is set up.
    public var postsTo: String?
    /// Where the provenance of calls of agents is sent by POST, beside the event log; nil means nowhere.
    public var tracesTo: String?

    /// A header for one host: never the secret itself.
    public struct SecretHeader: Sendable, Codable, Hashable, FieldsDescribed {
        /// A host of the list, without a star.
        public var host: String
        /// The header's name, such as `Authorization`.
        public var header: String
        /// `env:NAME` or `file:PATH`, which holds the header's whole value.
        public var value: String

        /// Which secret is sent to whom, and how.
        public init(host: String, header: String, value: String) {
            self.host = host
            self.header = header
            self.value = value
        }

        /// Meaning and bounds of the members.
        public static let fields: [String: Field] = [
            "host": Field("The host that gets the header.", length: 1...253, example: "api.example.com"),
            "header": Field("The header's name.", length: 1...100, example: "Authorization"),
            "value": Field(
                "`env:NAME` or `file:PATH` of the header's whole value, such as `Bearer …`; never the value itself.",
                pattern: SecretReference.pattern, example: "env:EXAMPLE_AUTHORIZATION"),
        ]
    }

    /// What is allowed; each may be left out.
    public init(
        allowHosts: [String]? = nil, allowHttp: Bool? = nil, secrets: [SecretHeader]? = nil, postsTo: String? = nil,
        tracesTo: String? = nil
    ) {
        self.tracesTo = tracesTo
        self.allowHosts = allowHosts
        self.allowHttp = allowHttp
        self.secrets = secrets
        self.postsTo = postsTo
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "allow_hosts": Field(
            "Hosts that agents may call; `*.example.com` means every name below it.", count: 0...200,
            example: ["api.example.com", "*.gym.test"]),
        "allow_http": Field("Whether http is allowed as well as https."),
        "secrets": Field("Headers that the server adds for a host and no model sees.", count: 0...50),
        "posts_to": Field(
            "Where posts for social media are sent when they are due: a URL at a host of the list, such as that of a "
                + "publishing service.", length: 8...2_000, example: "https://hooks.example.com/posts"),
        "traces_to": Field(
            "Where each choice of an agent and each answer of a call is sent beside the event log: a URL at a host of "
                + "the list.", length: 8...2_000, example: "https://trace.example.com/records"),
    ]
}

extension TenantHTTP {
    /// Headers that frame a message or are the client's own: a secret in one of them would break requests.
    private static let reserved: Set<String> = [
        "accept-encoding", "connection", "content-length", "cookie", "expect", "host", "idempotency-key", "keep-alive",
        "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// What the schema cannot say. No message repeats a secret's value.
    func issues(at pointer: String) -> [FieldIssue] {
        let hosts = (allowHosts ?? []).enumerated().compactMap { index, host -> FieldIssue? in
            guard HostPattern(host) == nil else { return nil }
            let message =
                "must be a host name such as api.example.com or *.example.com, without scheme, port and path"
            return FieldIssue(pointer: "\(pointer)/allow_hosts/\(index)", message: message)
        }
        return hosts + issues(of: postsTo, at: "\(pointer)/posts_to") + issues(of: tracesTo, at: "\(pointer)/traces_to")
            + (secrets ?? []).enumerated().flatMap { index, secret in
                issues(of: secret, at: "\(pointer)/secrets/\(index)")
            }
    }

    private func issues(of address: String?, at pointer: String) -> [FieldIssue] {
        guard let address else { return [] }
        let patterns = (allowHosts ?? []).compactMap { HostPattern($0) }
        let parts = URLComponents(string: address)
        let scheme = parts?.scheme?.lowercased() ?? ""
        guard scheme == "https" || scheme == "http" && allowHttp == true, let host = parts?.host?.lowercased() else {
            return [.init(pointer: pointer, message: "must be a URL that begins with https://")]
        }
        guard patterns.contains(where: { $0.matches(host) }) else {
            return [.init(pointer: pointer, message: "must be at a host that allow_hosts allows")]
        }
        return []
    }

    private func issues(of secret: SecretHeader, at pointer: String) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        let patterns = (allowHosts ?? []).compactMap { HostPattern($0) }
        if secret.host.hasPrefix("*") || HostPattern(secret.host) == nil {
            issues.append(.init(pointer: "\(pointer)/host", message: "must be one host name such as api.example.com"))
        } else if !patterns.contains(where: { $0.matches(secret.host.lowercased()) }) {
            issues.append(.init(pointer: "\(pointer)/host", message: "must be a host that allow_hosts allows"))
        }
        if !Self.isHeader(secret.header) {
            issues.append(.init(pointer: "\(pointer)/header", message: "must be a header name such as Authorization"))
        }
        if SecretReference(secret.value) == nil {
            let message = "must be env:NAME or file:PATH; the secret itself never belongs in this file"
            issues.append(.init(pointer: "\(pointer)/value", message: message))
        }
        return issues
    }

    private static func isHeader(_ name: String) -> Bool {
        let isToken = name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
        return !name.isEmpty && isToken && !reserved.contains(name.lowercased())
            && !name.lowercased().hasPrefix("proxy-")
    }
}
