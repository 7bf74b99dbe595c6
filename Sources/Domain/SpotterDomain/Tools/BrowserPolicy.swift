/// Where one organisation's agents may go with the browser, and how much of it they may use. Off by default.
public struct BrowserPolicy: Sendable, Hashable {
    /// Whether there is a browser for it at all.
    public var isEnabled: Bool
    /// The hosts that pages, and everything that pages load, may come from.
    public var hosts: [HostPattern]
    /// Whether http may be spoken as well as https.
    public var allowsPlainHTTP: Bool
    /// The most pages that are open at one time.
    public var maxPages: Int
    /// How long a page may load, in seconds.
    public var loadSeconds: Int
    /// The most bytes that one step on a page may load.
    public var maxBytes: Int

    /// A policy; without arguments one that allows nothing.
    public init(
        isEnabled: Bool = false, hosts: [HostPattern] = [], allowsPlainHTTP: Bool = false, maxPages: Int = 2,
        loadSeconds: Int = 12, maxBytes: Int = 10_000_000
    ) {
        self.isEnabled = isEnabled
        self.hosts = hosts
        self.allowsPlainHTTP = allowsPlainHTTP
        self.maxPages = maxPages
        self.loadSeconds = loadSeconds
        self.maxBytes = maxBytes
    }

    /// Whether a host, in lower case, is in the list.
    public func allows(host: String) -> Bool { isEnabled && hosts.contains { $0.matches(host) } }
}

/// Which policy of the browser holds for an organisation now.
public protocol BrowserPolicies: Sendable {
    /// The organisation's policy; one that allows nothing where none was set.
    func browserPolicy(in scope: OrganizationScope) -> BrowserPolicy
}
