public import Foundation

/// What an organisation's file says of its agents' calls of tools: it stands between model and tool, outside the model.
///
/// The first rule that fits a call decides. Where none fits, reading and writing are allowed, and what reaches outside is
/// allowed unless it reaches more people than `bulkOver`: then somebody is asked.
///
/// Whatever allowed it, a call of a tainted run (see `Taint`) is asked about where its recipient, host or amount is not
/// named by a trusted source, and where it reaches outside without saying whom. Only a rule that itself says
/// `tainted: true` can allow such a call.
public struct ToolPolicy: Sendable, Hashable {
    /// What becomes of a call.
    public enum Verdict: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case allow, ask, deny
    }

    /// In their order.
    public var rules: [PolicyRule]
    /// Who is asked, and how.
    public var terms: ApprovalTerms
    /// The most people that a call may reach without a question.
    public var bulkOver: Int
    /// Hosts that the organisation has named itself, in lower case.
    public var namedHosts: Set<String>

    /// How many people a call may reach unless the file says otherwise.
    public static let usualBulk = 50

    /// A policy; with the defaults that of an organisation which says nothing.
    public init(
        rules: [PolicyRule] = [], terms: ApprovalTerms = ApprovalTerms(), bulkOver: Int = usualBulk,
        namedHosts: Set<String> = []
    ) {
        self.rules = rules
        self.terms = terms
        self.bulkOver = bulkOver
        self.namedHosts = namedHosts
    }

    /// Whether some rule looks at the domains of recipients.
    public var looksAtRecipients: Bool {
        rules.contains { $0.recipientDomains != nil || $0.recipientDomainsNot != nil }
    }

    /// What becomes of a call, and why.
    public struct Ruling: Sendable, Hashable {
        /// What becomes of it.
        public let verdict: Verdict
        /// A sentence; empty where it is allowed.
        public let reason: String
    }

    /// Judges a call. Pure.
    ///
    /// - Parameter taint: asked only where it matters, because it reads the whole journal.
    public func ruling(on call: PolicyCall, taint: () -> Taint) -> Ruling {
        var known: Taint?
        func isTainted() -> Bool {
            let taint = known ?? taint()
            known = taint
            return taint.isTainted
        }
        let rule = rules.enumerated().first { $1.fits(call, isTainted: isTainted) }
        let verdict = rule?.element.then ?? defaultVerdict(call)
        guard verdict == .allow else { return Ruling(verdict: verdict, reason: reason(rule, call)) }
        let isSensitive = call.access == .outward || call.values.contains { $0.role != .audience }
        guard isSensitive, rule?.element.tainted != true, isTainted(), let taint = known else {
            return Ruling(verdict: .allow, reason: "")
        }
        let unnamed = taint.unnamed(call.values, hosts: namedHosts)
        let names = call.values.contains { $0.role == .recipient || $0.role == .host }
        guard !unnamed.isEmpty || (call.access == .outward && !names) else {
            return Ruling(verdict: .allow, reason: "")
        }
        return Ruling(verdict: .ask, reason: Self.warning(of: unnamed))
    }

    private func defaultVerdict(_ call: PolicyCall) -> Verdict {
        guard call.access == .outward, let audience = call.audience else { return .allow }
        return audience > Decimal(bulkOver) ? .ask : .allow
    }

    private func reason(_ rule: (offset: Int, element: PolicyRule)?, _ call: PolicyCall) -> String {
        guard let rule else {
            return "It reaches \(call.audience.map { "\($0)" } ?? "many") people, more than \(bulkOver)."
        }
        return rule.element.reason ?? "Rule \(rule.offset + 1) of the organisation's policy says so."
    }

    private static func warning(of unnamed: [SensitiveValue]) -> String {
        let read = "The agent has read text of strangers, such as a web page or an e-mail"
        guard !unnamed.isEmpty else { return "\(read), and this reaches outside." }
        let what = unnamed.prefix(5).map { "\($0.argument) \($0.text.prefix(200))" }.joined(separator: ", ")
        return "\(read), and no trusted source has named \(what)\(unnamed.count > 5 ? " and more" : "")."
    }
}

/// Which policy holds for an organisation now.
public protocol ToolPolicies: Sendable {
    /// The organisation's policy; the default one where it says nothing.
    func toolPolicy(in scope: OrganizationScope) -> ToolPolicy
}

/// A call of a tool as policies see it.
public struct PolicyCall: Sendable, Hashable {
    /// The tool's name.
    public var tool: String
    /// What it is for.
    public var category: ToolCategory
    /// What it touches.
    public var access: ToolAccess
    /// Whom it reaches, and how much, as its arguments say.
    public var values: [SensitiveValue]
    /// Whom it reaches, where its arguments name people by their records. Rules look at them; no source need have named
    /// them, and none that did counts.
    public var recipients: [SensitiveValue]
    /// What whoever asked is in the organisation; nil where nobody did.
    public var role: Role?
    /// The names of the agent that calls: its own, its role, its template. Empty for a call by hand.
    public var agent: [String]

    /// A call.
    public init(
        tool: String, category: ToolCategory, access: ToolAccess, values: [SensitiveValue] = [],
        recipients: [SensitiveValue] = [], role: Role? = nil, agent: [String] = []
    ) {
        self.recipients = recipients
        self.tool = tool
        self.category = category
        self.access = access
        self.values = values
        self.role = role
        self.agent = agent
    }

    /// How many people it reaches; nil where it does not say. Recipients are counted.
    public var audience: Decimal? {
        let counted = values.filter { $0.role == .audience }.map { $0.number ?? Decimal(Int.max) }
        let recipients = values.count { $0.role == .recipient }
        return (counted + (recipients > 0 ? [Decimal(recipients)] : [])).max()
    }
}
