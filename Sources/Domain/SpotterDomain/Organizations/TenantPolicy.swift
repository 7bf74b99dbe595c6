/// What a tenant's file says of its agents' calls of tools.
public struct TenantPolicy: Sendable, Codable, Hashable, FieldsDescribed {
    /// How many of the approvers must agree.
    public enum Mode: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case any, all
    }

    /// In their order: the first that fits decides.
    public var rules: [PolicyRule]?
    /// Who is asked: `role:owner`, `token:tok_…`; nil means owners and admins.
    public var approvers: [String]?
    /// How many of them must agree; nil means any.
    public var mode: Mode?
    /// So many of them, in place of a mode.
    public var quorum: Int?
    /// For how long it can be decided; nil means a day.
    public var timeoutSeconds: Int?
    /// What happens then; nil means that it counts as rejected.
    public var onTimeout: Approval.Timeout?
    /// How many people a call may reach without a question; nil means 50.
    public var bulkOver: Int?
    /// After how long those who are asked are told again; nil means never.
    public var remindAfterSeconds: Int?
    /// After how long others are asked, too; nil means never.
    public var escalateAfterSeconds: Int?
    /// Who they are.
    public var escalateTo: [String]?

    /// A policy; each part may be left out.
    public init(
        rules: [PolicyRule]? = nil, approvers: [String]? = nil, mode: Mode? = nil, quorum: Int? = nil,
        timeoutSeconds: Int? = nil, onTimeout: Approval.Timeout? = nil, bulkOver: Int? = nil,
        remindAfterSeconds: Int? = nil, escalateAfterSeconds: Int? = nil, escalateTo: [String]? = nil
    ) {
        self.remindAfterSeconds = remindAfterSeconds
        self.escalateAfterSeconds = escalateAfterSeconds
        self.escalateTo = escalateTo
        self.rules = rules
        self.approvers = approvers
        self.mode = mode
        self.quorum = quorum
        self.timeoutSeconds = timeoutSeconds
        self.onTimeout = onTimeout
        self.bulkOver = bulkOver
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "rules": Field("The first rule that fits a call decides.", count: 0...200),
        "approvers": Field(
            "Who is asked: `role:owner`, `role:admin`, `role:staff`, or `token:` and a token's id.", count: 1...20,
            example: ["role:owner"]),
        "mode": Field("Whether the first decision counts, or every approver must agree."),
        "quorum": Field("So many of the approvers must agree; in place of mode.", range: 1...100),
        "timeout_seconds": Field("For how long it can be decided.", range: 1...31_536_000),
        "on_timeout": Field("Whether it counts as rejected then, or expires."),
        "remind_after_seconds": Field(
            "After how long those who are asked are told again.", range: 1...31_536_000),
        "escalate_after_seconds": Field(
            "After how long those of escalate_to may decide, too.", range: 1...31_536_000),
        "escalate_to": Field("Who is asked, too, when nobody has decided.", count: 1...20, example: ["role:admin"]),
        "bulk_over": Field("How many people a call may reach without a question.", range: 0...1_000_000_000),
    ]
}

extension TenantPolicy {
    /// What the schema cannot say.
    ///
    /// - Parameter tools: the names there are; nil leaves them unchecked.
    func issues(at pointer: String, tools: Set<String>?) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        let known = approvers?.enumerated().compactMap { index, text -> Approver? in
            let approver = Approver(text)
            if approver == nil {
                issues.append(
                    .init(pointer: "\(pointer)/approvers/\(index)", message: Self.problem(withApprover: text)))
            }
            return approver
        }
        if let known, Set(known).count < known.count {
            issues.append(.init(pointer: "\(pointer)/approvers", message: "names somebody twice"))
        }
        if mode != nil, quorum != nil {
            issues.append(.init(pointer: "\(pointer)/quorum", message: "stands in place of mode: give one of them"))
        }
        if let quorum, let known, known.count == approvers?.count, quorum > known.count,
            !known.contains(where: { if case .role = $0 { true } else { false } })
        {
            issues.append(.init(pointer: "\(pointer)/quorum", message: "is more than there are approvers"))
        }
        return issues + timeIssues(at: pointer)
            + (rules ?? []).enumerated().flatMap { $1.issues(at: "\(pointer)/rules/\($0)", tools: tools) }
    }

    private func timeIssues(at pointer: String) -> [FieldIssue] {
        var issues = (escalateTo ?? []).enumerated().compactMap { index, text in
            Approver(text) == nil
                ? FieldIssue(pointer: "\(pointer)/escalate_to/\(index)", message: Self.problem(withApprover: text))
                : nil
        }
        if (escalateTo == nil) != (escalateAfterSeconds == nil) {
            let name = escalateTo == nil ? "escalate_to" : "escalate_after_seconds"
            issues.append(.init(pointer: "\(pointer)/\(name)", message: "is needed beside the other half of it"))
        }
        if onTimeout == .approve {
            let message = "must be reject or expire: silence allows no call of a tool"
            issues.append(.init(pointer: "\(pointer)/on_timeout", message: message))
        }
        let limit = timeoutSeconds ?? 86_400
        for (name, seconds) in [
            ("remind_after_seconds", remindAfterSeconds), ("escalate_after_seconds", escalateAfterSeconds),
        ] {
            guard let seconds, seconds >= limit else { continue }
            issues.append(
                .init(pointer: "\(pointer)/\(name)", message: "must be less than timeout_seconds, which is \(limit)"))
        }
        return issues
    }

    private static func problem(withApprover text: String) -> String {
        let roles = Role.allCases.map { "role:\($0.rawValue)" }
        return "\(Approver.expectation)\(DidYouMean.hint(for: text, among: roles))"
    }

    /// The policy that it stands for.
    ///
    /// - Parameter hosts: what `http.allow_hosts` says: those without a star are named by the organisation itself.
    ///
    /// - Parameter bulkApprovalAbove: what the section of messages says; the lower of both counts.
    public func policy(hosts: [HostPattern], bulkApprovalAbove: Int? = nil) -> ToolPolicy {
        var terms = ApprovalTerms()
        if let approvers { terms.approvers = approvers.compactMap(Approver.init) }
        terms.mode = quorum.map(ApprovalMode.quorum) ?? (mode == .all ? .all : .any)
        if let timeoutSeconds { terms.timeout = .seconds(timeoutSeconds) }
        if let onTimeout { terms.onTimeout = onTimeout }
        terms.reminder = remindAfterSeconds.map { .seconds($0) }
        if let escalateAfterSeconds, let escalateTo {
            terms.escalation = .init(after: .seconds(escalateAfterSeconds), to: escalateTo.compactMap(Approver.init))
        }
        return ToolPolicy(
            rules: rules ?? [], terms: terms,
            bulkOver: [bulkOver, bulkApprovalAbove].compactMap(\.self).min() ?? ToolPolicy.usualBulk,
            namedHosts: Set(hosts.map(\.description).filter { !$0.hasPrefix("*") }))
    }
}

extension PolicyRule {
    fileprivate func issues(at pointer: String, tools known: Set<String>?) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        if let known = known?.sorted() {
            for (index, tool) in (tools ?? []).enumerated() where !known.contains(tool) {
                let hint = DidYouMean.hint(for: tool, among: known)
                issues.append(.init(pointer: "\(pointer)/tools/\(index)", message: "must be a tool there is\(hint)"))
            }
        }
        if let amountOver, PriceText.value(of: amountOver) == nil {
            issues.append(.init(pointer: "\(pointer)/amount_over", message: PriceText.expectation))
        }
        for (name, list) in [("hosts", hosts), ("hosts_not", hostsNot)] {
            for (index, host) in (list ?? []).enumerated() where HostPattern(host) == nil {
                let message = "must be a host name such as api.example.com or *.example.com"
                issues.append(.init(pointer: "\(pointer)/\(name)/\(index)", message: message))
            }
        }
        for (name, list) in [
            ("recipient_domains", recipientDomains), ("recipient_domains_not", recipientDomainsNot),
        ] {
            for (index, domain) in (list ?? []).enumerated() {
                guard domain.hasPrefix("*") || HostPattern(domain) == nil else { continue }
                let message = "must be the domain of an address, such as example.com, without the @"
                issues.append(.init(pointer: "\(pointer)/\(name)/\(index)", message: message))
            }
        }
        return issues
    }
}
