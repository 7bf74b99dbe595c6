/// What a tenant's file says of its agents' browser.
public struct TenantBrowser: Sendable, Codable, Hashable, FieldsDescribed {
    /// Whether agents may use one; nil means no.
    public var enabled: Bool?
    /// Hosts that pages and all they load may come from; nil or empty allows none.
    public var allowHosts: [String]?
    /// Whether http may be spoken as well as https; nil means no.
    public var allowHttp: Bool?
    /// Pages open at one time; nil means 2.
    public var maxPages: Int?
    /// How long a page may load; nil means 12.
    public var loadSeconds: Int?
    /// Bytes that one step on a page may load; nil means 10,000,000.
    public var maxBytes: Int?

    /// What is allowed; each may be left out.
    public init(
        enabled: Bool? = nil, allowHosts: [String]? = nil, allowHttp: Bool? = nil, maxPages: Int? = nil,
        loadSeconds: Int? = nil, maxBytes: Int? = nil
    ) {
        self.enabled = enabled
        self.allowHosts = allowHosts
        self.allowHttp = allowHttp
        self.maxPages = maxPages
        self.loadSeconds = loadSeconds
        self.maxBytes = maxBytes
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "enabled": Field("Whether agents may use a browser at all."),
        "allow_hosts": Field(
            "Hosts that pages, and everything that pages load, may come from; `*.example.com` means every name below it.",
            count: 0...200, example: ["www.example.com", "*.gym.test"]),
        "allow_http": Field("Whether http is allowed as well as https."),
        "max_pages": Field("Pages that may be open at one time.", range: 1...8),
        "load_seconds": Field("How long a page may load.", range: 1...20),
        "max_bytes": Field("Bytes that one step on a page may load.", range: 10_000...100_000_000),
    ]

    /// What the schema cannot say.
    func issues(at pointer: String) -> [FieldIssue] {
        (allowHosts ?? []).enumerated().compactMap { index, host in
            guard HostPattern(host) == nil else { return nil }
            let message =
                "must be a host name such as www.example.com or *.example.com, without scheme, port and path"
            return FieldIssue(pointer: "\(pointer)/allow_hosts/\(index)", message: message)
        }
    }

    /// The policy that it stands for.
    public var policy: BrowserPolicy {
        var policy = BrowserPolicy(
            isEnabled: enabled ?? false, hosts: (allowHosts ?? []).compactMap { HostPattern($0) },
            allowsPlainHTTP: allowHttp ?? false)
        if let maxPages { policy.maxPages = maxPages }
        if let loadSeconds { policy.loadSeconds = loadSeconds }
        if let maxBytes { policy.maxBytes = maxBytes }
        return policy
    }
}
