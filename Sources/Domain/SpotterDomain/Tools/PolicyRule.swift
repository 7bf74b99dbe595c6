import Foundation

/// One rule of a policy: fits a call when all of its conditions do; a condition that is nil fits every call.
///
/// A rule errs on the side of caution. One that asks or denies fits as soon as one recipient, host or amount does, and
/// where a value or the caller's role is not known; one that allows fits only where all are known, and every one does.
public struct PolicyRule: Sendable, Codable, Hashable {
    /// Names of tools.
    public var tools: [String]?
    /// What the tool is for.
    public var categories: [ToolCategory]?
    /// What the tool touches.
    public var access: [ToolAccess]?
    /// What whoever asked is in the organisation.
    public var roles: [Role]?
    /// Agents, by name, role or template.
    public var agents: [String]?
    /// An amount over this: a decimal string.
    public var amountOver: String?
    /// More people than this.
    public var audienceOver: Int?
    /// Recipients with an address of one of these domains.
    public var recipientDomains: [String]?
    /// Recipients without an address of any of these domains.
    public var recipientDomainsNot: [String]?
    /// Hosts of this list, by the patterns of `http.allow_hosts`.
    public var hosts: [String]?
    /// Hosts that are not of this list.
    public var hostsNot: [String]?
    /// Whether the run has read text of strangers.
    public var tainted: Bool?
    /// What becomes of the call.
    public var then: ToolPolicy.Verdict
    /// Why, for the model and for those who are asked.
    public var reason: String?

    /// A rule; without conditions it fits every call.
    public init(
        tools: [String]? = nil, categories: [ToolCategory]? = nil, access: [ToolAccess]? = nil, roles: [Role]? = nil,
        agents: [String]? = nil, amountOver: String? = nil, audienceOver: Int? = nil,
        recipientDomains: [String]? = nil, recipientDomainsNot: [String]? = nil, hosts: [String]? = nil,
        hostsNot: [String]? = nil, tainted: Bool? = nil, then: ToolPolicy.Verdict, reason: String? = nil
    ) {
        self.tools = tools
        self.categories = categories
        self.access = access
        self.roles = roles
        self.agents = agents
        self.amountOver = amountOver
        self.audienceOver = audienceOver
        self.recipientDomains = recipientDomains
        self.recipientDomainsNot = recipientDomainsNot
        self.hosts = hosts
        self.hostsNot = hostsNot
        self.tainted = tainted
        self.then = then
        self.reason = reason
    }

    /// Whether it decides on a call.
    func fits(_ call: PolicyCall, isTainted: () -> Bool) -> Bool {
        guard tools?.contains(call.tool) ?? true, categories?.contains(call.category) ?? true,
            access?.contains(call.access) ?? true, fitsRole(call.role), fitsAgent(call.agent), fitsAmount(call),
            fitsAudience(call), fitsRecipients(call), fitsHosts(call)
        else { return false }
        return tainted.map { $0 == isTainted() } ?? true
    }

    private var isCautious: Bool { then != .allow }

    private func fitsRole(_ role: Role?) -> Bool {
        guard let roles else { return true }
        return role.map { roles.contains($0) } ?? isCautious
    }

    private func fitsAgent(_ names: [String]) -> Bool {
        guard let agents else { return true }
        let names = names.map { $0.lowercased() }
        return agents.contains { names.contains($0.lowercased()) }
    }

    private func fitsAmount(_ call: PolicyCall) -> Bool {
        guard let limit = amountOver.map(SensitiveValue.number) else { return true }
        guard let limit else { return isCautious }
        return quantify(call.values.filter { $0.role == .amount }) { $0.number.map { $0 > limit } }
    }

    private func fitsAudience(_ call: PolicyCall) -> Bool {
        guard let audienceOver else { return true }
        return call.audience.map { $0 > Decimal(audienceOver) } ?? false
    }

    private func fitsRecipients(_ call: PolicyCall) -> Bool {
        let recipients = call.values.filter { $0.role == .recipient } + call.recipients
        // Messages name people by their records: where it cannot be told which addresses that comes to, caution says.
        if recipients.isEmpty, call.category == .messaging, call.access == .outward,
            recipientDomains != nil || recipientDomainsNot != nil
        {
            return isCautious
        }
        if let domains = recipientDomains.map(Self.set) {
            guard quantify(recipients, { value in value.domain.map { domains.contains($0) } ?? false }) else {
                return false
            }
        }
        guard let others = recipientDomainsNot.map(Self.set) else { return true }
        return quantify(recipients) { value in value.domain.map { !others.contains($0) } }
    }

    private func fitsHosts(_ call: PolicyCall) -> Bool {
        let values = call.values.filter { $0.role == .host }
        if let hosts, !quantify(values, { Self.matches($0.text, hosts) }) { return false }
        guard let hostsNot else { return true }
        return quantify(values) { !Self.matches($0.text, hostsNot) }
    }

    private static func matches(_ host: String, _ patterns: [String]) -> Bool {
        patterns.contains { HostPattern($0)?.matches(host.lowercased()) ?? false }
    }

    private static func set(_ domains: [String]) -> Set<String> { Set(domains.map { $0.lowercased() }) }

    /// Whether one value fits, of a rule that asks or denies, or every one, of a rule that allows. A call that has no such
    /// value fits no condition on it; of a value that cannot be told, caution says.
    private func quantify(_ values: [SensitiveValue], _ fits: (SensitiveValue) -> Bool?) -> Bool {
        guard !values.isEmpty else { return false }
        return isCautious
            ? values.contains { fits($0) ?? true } : values.allSatisfy { fits($0) ?? false }
    }
}

extension PolicyRule: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "tools": Field("Names of tools.", count: 1...100, example: ["http_request"]),
        "categories": Field("What the tool is for.", count: 1...10),
        "access": Field("What the tool touches.", count: 1...10),
        "roles": Field("What whoever asked is in the organisation.", count: 1...10),
        "agents": Field("Agents by name, role or template.", count: 1...100, example: ["support-assistant"]),
        "amount_over": Field("Amounts over this.", length: 1...13, example: "100.00"),
        "audience_over": Field("More people than this.", range: 0...1_000_000_000),
        "recipient_domains": Field("Recipients of these domains.", count: 1...200, example: ["gym.test"]),
        "recipient_domains_not": Field("Recipients outside of these domains.", count: 1...200, example: ["gym.test"]),
        "hosts": Field("Hosts of this list; `*.example.com` means every name below it.", count: 1...200),
        "hosts_not": Field("Hosts that are not of this list.", count: 1...200),
        "tainted": Field("Whether the agent has read text of strangers."),
        "then": Field("What becomes of the call."),
        "reason": Field("Why, for the agent and for those who are asked.", length: 1...500),
    ]
}
