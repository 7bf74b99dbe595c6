public import SpotterDomain

/// A call that may be made: the organisation's policy lets it through, or people have approved it as it stands.
///
/// Only `ToolCaller` makes one.
public struct ClearedCall: Sendable, Hashable {
    /// The call.
    public let call: ToolCall
    /// The agent's list; nil for a call by hand, which the caller's permission covers.
    let allowed: [String]?

    fileprivate init(_ call: ToolCall, allowed: [String]?) {
        self.call = call
        self.allowed = allowed
    }
}

/// Who wants to call a tool.
public struct ToolRequester: Sendable {
    /// Whose policy holds.
    let scope: OrganizationScope
    /// What whoever asked is in the organisation; nil where nobody did.
    let role: Role?
    /// The agent that calls; nil for a call by hand.
    let agent: Agent?
    /// What may be called; nil for everything.
    let allowed: [String]?
    /// Whether nothing takes effect.
    let isDryRun: Bool

    /// Somebody.
    ///
    /// - Parameter allowed: all that may be called; nil for a call by hand, which the caller's permission covers.
    public init(
        scope: OrganizationScope, role: Role?, agent: Agent? = nil, allowed: [String]? = nil, isDryRun: Bool = false
    ) {
        self.allowed = allowed
        self.scope = scope
        self.role = role
        self.agent = agent
        self.isDryRun = isDryRun
    }

    fileprivate var names: [String] {
        guard let agent else { return [] }
        let template = agent.template.map { [$0, $0.split(separator: "/").last.map(String.init) ?? $0] } ?? []
        return [agent.settings.name, agent.settings.role].compactMap { $0 } + template
    }
}

extension ToolCaller {
    /// What becomes of a call.
    public enum Ruling: Sendable {
        /// It may be made.
        case cleared(ClearedCall)
        /// It is not made; the model is told this.
        case refused(ToolResult)
        /// It may be made when people have approved it.
        case ask(ApprovalOrder)
        /// They have been asked, and have not decided.
        case waiting
    }

    /// Judges a call by the organisation's policy: the one place where this is done, whoever calls.
    ///
    /// What people have decided holds for exactly the tool and the arguments that they were shown. A rule that denies
    /// holds also for what was approved before.
    ///
    /// - Parameters:
    ///   - approval: what people were asked about this very call; nil if they were not.
    ///   - taint: of the run that calls; asked for only where it matters.
    public func rule(
        on call: ToolCall, by requester: ToolRequester, approval: Approval? = nil, taint: () -> Taint
    ) async throws -> Ruling {
        let cleared = ClearedCall(call, allowed: requester.allowed)
        // A call that cannot be made is not asked about: making it says what is wrong with it.
        guard call.invalidArguments == nil, let tool = tools[call.name],
            requester.allowed?.contains(call.name) ?? true
        else { return .cleared(cleared) }
        switch approval?.state {
        case .pending: return .waiting
        case .rejected, .expired: return .refused(refusal(of: call, approval?.refusal ?? ""))
        case .approved, nil: break
        }
        let policy = policies.toolPolicy(in: requester.scope)
        let recipients =
            policy.looksAtRecipients ? try await tool.recipients(of: call.arguments, in: requester.scope) : []
        let ruling = policy.ruling(
            on: PolicyCall(
                tool: call.name, category: tool.category, access: tool.access,
                values: tool.sensitiveValues(of: call.arguments), recipients: recipients, role: requester.role,
                agent: requester.names),
            taint: taint)
        switch ruling.verdict {
        case .deny: return .refused(refusal(of: call, "The organisation's policy forbids it. \(ruling.reason)"))
        case .allow: return .cleared(cleared)
        case .ask where requester.isDryRun: return .cleared(cleared)
        case .ask: break
        }
        if let approval {
            let isSame =
                try approval.tool == call.name && approval.arguments == call.arguments
                && approval.argumentsHash == hash(of: order(for: call, requester, ruling, policy))
            return isSame
                ? .cleared(cleared)
                : .refused(refusal(of: call, "Its arguments are not those that were approved."))
        }
        let issues = tool.parameters.issues(in: call.arguments)
        guard issues.isEmpty else {
            return .refused(result(of: call, Self.complaint(about: issues)))
        }
        return .ask(order(for: call, requester, ruling, policy))
    }

    /// A call that was let through before, and was begun: what came of it is not known, and it is for its effect class to
    /// say whether it is made again.
    func begun(_ call: ToolCall, by requester: ToolRequester) -> ClearedCall {
        ClearedCall(call, allowed: requester.allowed)
    }

    /// Binds an approval to what is asked.
    func hash(of order: ApprovalOrder) throws -> String { try digest.hex(order.content) }

    /// Whether what a tool answers may hold words of strangers; so of one that is not known any more.
    func yieldsUntrustedText(_ name: String) -> Bool { tools[name]?.yieldsUntrustedText ?? true }

    private func order(
        for call: ToolCall, _ requester: ToolRequester, _ ruling: ToolPolicy.Ruling, _ policy: ToolPolicy
    ) -> ApprovalOrder {
        let who = requester.agent?.settings.name ?? "Somebody by hand"
        return ApprovalOrder(
            message: "\(who) wants to use \(call.name). \(ruling.reason)", call: call, terms: policy.terms)
    }

    private func refusal(of call: ToolCall, _ reason: String) -> ToolResult {
        result(
            of: call,
            "This call was not made. \(reason) Do not try it again as it is: say so, or find another way.")
    }

    private func result(of call: ToolCall, _ text: String) -> ToolResult {
        ToolResult(callId: call.id, name: call.name, output: .string(text), isError: true, durationMs: 0)
    }
}
