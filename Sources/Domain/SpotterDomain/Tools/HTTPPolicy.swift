/// Where one organisation's agents may send HTTP requests, and what is added to them. Nothing is allowed by default.
public struct HTTPPolicy: Sendable {
    /// A header that the server adds to requests to one host; the model never sees it. Shows its value to nobody who
    /// prints or dumps it.
    public struct Credential: Sendable, CustomStringConvertible, CustomReflectable {
        /// A host name in lower case.
        public let host: String
        /// The header's name, such as `Authorization`.
        public let header: String
        /// The header's value; nil when the operator named a secret that is not there.
        public let value: String?

        /// A header for one host.
        public init(host: String, header: String, value: String?) {
            self.host = host.lowercased()
            self.header = header
            self.value = value
        }

        /// Everything but the value.
        public var description: String { "\(header) for \(host)" }
        /// No members: `dump` finds nothing.
        public var customMirror: Mirror { Mirror(self, children: [:]) }
    }

    /// The hosts that may be spoken to.
    public let hosts: [HostPattern]
    /// Whether http may be spoken as well as https.
    public let allowsPlainHTTP: Bool
    /// What is added to requests by host.
    public let credentials: [Credential]
    /// Where posts for social media are sent; nil where no connection is set up.
    public let postsTo: String?
    /// Where the provenance of calls of agents is sent beside the event log; nil for nowhere.
    public let tracesTo: String?

    /// A policy; without arguments one that allows nothing.
    public init(
        hosts: [HostPattern] = [], allowsPlainHTTP: Bool = false, credentials: [Credential] = [],
        postsTo: String? = nil, tracesTo: String? = nil
    ) {
        self.tracesTo = tracesTo
        self.hosts = hosts
        self.allowsPlainHTTP = allowsPlainHTTP
        self.credentials = credentials
        self.postsTo = postsTo
    }

    /// Whether a host, in lower case, is in the list.
    public func allows(host: String) -> Bool { hosts.contains { $0.matches(host) } }
}

/// Which policy holds for an organisation now.
public protocol HTTPPolicies: Sendable {
    /// The organisation's policy; one that allows nothing where none was set.
    func policy(in scope: OrganizationScope) -> HTTPPolicy
}

/// `api.example.com`, or `*.example.com` for every name below `example.com` (which itself does not match).
public struct HostPattern: Sendable, Hashable, CustomStringConvertible {
    /// In lower case, as it was written.
    public let description: String

    /// Reads a pattern; nil for anything that is no host name of letters, digits, hyphens and underscores, such as a
    /// URL, a host with a port, or a star over a whole top-level domain.
    public init?(_ text: String) {
        let lowercased = text.lowercased()
        let isWild = lowercased.hasPrefix("*.")
        let name = isWild ? lowercased.dropFirst(2) : lowercased[...]
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy(Self.isLabel), !isWild || labels.count >= 2 else { return nil }
        // `*.0.0.1` would be a range of addresses, which no list of names means to give.
        guard !isWild || !(labels.last ?? "").utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        description = lowercased
    }

    /// Whether a host, in lower case, is meant.
    public func matches(_ host: String) -> Bool {
        guard description.hasPrefix("*.") else { return host == description }
        let suffix = description.dropFirst()
        return host.hasSuffix(suffix) && host.utf8.count > suffix.utf8.count
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
            }
    }
}
