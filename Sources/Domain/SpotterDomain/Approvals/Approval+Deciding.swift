public import Foundation

/// What somebody says to an approval.
public struct ApprovalVote: Sendable, Hashable {
    /// Yes or no.
    public let approved: Bool
    /// Why; nil for no reason given.
    public let comment: String?
    /// The hash of what they were shown; nil where they do not say.
    public let argumentsHash: String?
    /// Whose token it is.
    public let token: TokenID
    /// Whom that token was issued for.
    public let subject: String
    /// What they are in the organisation.
    public let role: Role
    /// As which token they are named among the approvers: their own, or that of whoever made their link.
    public let approver: TokenID

    /// A vote by a link: it counts once, as `token`, with the word of whoever made the link.
    public init(
        approved: Bool, comment: String?, argumentsHash: String, link token: TokenID, madeBy approver: TokenID,
        subject: String, role: Role
    ) {
        self.approved = approved
        self.comment = comment
        self.argumentsHash = argumentsHash
        self.token = token
        self.approver = approver
        self.subject = subject
        self.role = role
    }

    /// A vote of whoever makes a request.
    public init(approved: Bool, comment: String?, argumentsHash: String?, by caller: Caller) {
        self.approved = approved
        self.comment = comment
        self.argumentsHash = argumentsHash
        token = caller.token
        approver = caller.token
        subject = caller.subject
        role = caller.role
    }
}

extension Approval {
    /// The approval after a vote. Pure; whoever stores it does so under a lock, so that of two who vote at once the second
    /// sees what the first has decided.
    ///
    /// - Throws: `unprocessable`, at `/approvers`, for somebody who is not asked; `conflict` for one that is decided or
    ///   expired, for other arguments than those that are asked about, and for a second vote of the same person, which is
    ///   a token's subject.
    public func taking(_ vote: ApprovalVote, at now: Date) throws -> Approval {
        let deciders = deciders(at: now)
        guard deciders.contains(where: { $0.admits(vote.role, vote.approver) }) else {
            let who = deciders.map(\.description).joined(separator: ", ")
            throw SpotterError(
                .unprocessable, "This token is not asked and may not decide here. Those who may: \(who).",
                issues: [FieldIssue(pointer: "/approvers", message: "does not name this token or its role")])
        }
        guard state == .pending else {
            throw SpotterError(.conflict, "The approval is \(state.rawValue) already.")
        }
        if let expiresAt, expiresAt <= now {
            throw SpotterError(.conflict, "The approval has expired: nobody decided in time.")
        }
        if let hash = vote.argumentsHash, hash != argumentsHash {
            throw SpotterError(
                .conflict, "What is asked about is not what you were shown. Read the approval again before deciding.")
        }
        // An address is one person's, however it is written.
        let subject = vote.subject.lowercased()
        guard !decisions.contains(where: { $0.token == vote.token || $0.subject.lowercased() == subject }) else {
            throw SpotterError(.conflict, "You have decided already: one person has one vote.")
        }
        var approval = self
        approval.decisions.append(
            Decision(
                approved: vote.approved, comment: vote.comment, token: vote.token, subject: vote.subject,
                role: vote.role, at: now))
        approval.state = approval.verdict
        if approval.state != .pending { approval.decidedAt = now }
        return approval
    }

    /// The approval when its time is over; nil while it is not, or when it was decided before.
    public func expired(at now: Date) -> Approval? {
        guard state == .pending, let expiresAt, expiresAt <= now else { return nil }
        var approval = self
        approval.state =
            switch onTimeout {
            case .reject: .rejected
            case .approve: .approved
            case .expire: .expired
            }
        approval.decidedAt = now
        return approval
    }

    /// Whose word counts at a time: also that of those who were asked because nobody had decided.
    ///
    /// With the mode `all`, those take nobody's place: all of the first list must still agree.
    public func deciders(at now: Date) -> [Approver] {
        guard let escalation, isEscalated || escalation.at <= now else { return approvers }
        return approvers + escalation.to.filter { !approvers.contains($0) }
    }

    /// What is to be done with it because of the time alone, and the approval after that; nil for nothing yet.
    public func turn(at now: Date) -> (Approval, EventType)? {
        if let over = expired(at: now) { return (over, .approvalExpired) }
        guard state == .pending else { return nil }
        var approval = self
        if let escalation, !isEscalated, escalation.at <= now {
            approval.isEscalated = true
            // Who is asked newly need not be told again at the same moment.
            if let remindAt, remindAt <= now { approval.isReminded = true }
            return (approval, .approvalEscalated)
        }
        if let remindAt, !isReminded, remindAt <= now {
            approval.isReminded = true
            return (approval, .approvalReminded)
        }
        return nil
    }

    /// When the time alone changes something next; nil for never.
    public var nextTurn: Date? {
        guard state == .pending else { return nil }
        return [isReminded ? nil : remindAt, isEscalated ? nil : escalation?.at, expiresAt].compactMap(\.self).min()
    }

    /// Why it was not approved, for whoever asked.
    public var refusal: String {
        let comments = decisions.filter { !$0.approved }.compactMap { decision in
            decision.comment.map { "\(decision.subject): \($0)" }
        }
        if decisions.contains(where: { !$0.approved }) {
            return comments.isEmpty
                ? "It was rejected without a comment." : "It was rejected. \(comments.joined(separator: " "))"
        }
        return "Nobody approved it in time."
    }

    /// What the decisions so far come to.
    private var verdict: State {
        let (yes, no) = (decisions.filter(\.approved), decisions.count { !$0.approved })
        switch mode {
        case .any: return no > 0 ? .rejected : yes.isEmpty ? .pending : .approved
        case .all: return no > 0 ? .rejected : coversAll(yes) ? .approved : .pending
        case .quorum(let number): return no >= number ? .rejected : yes.count >= number ? .approved : .pending
        }
    }

    /// Whether every approver of the list has said yes, each by somebody else. A token that is named stands for itself
    /// alone; who is left over stands for their role.
    private func coversAll(_ yes: [Decision]) -> Bool {
        var left = yes
        for approver in approvers.filter(\.isOneToken) + approvers.filter({ !$0.isOneToken }) {
            guard let place = left.firstIndex(where: { approver.admits($0.role, $0.token) }) else { return false }
            left.remove(at: place)
        }
        return true
    }
}

extension Approver {
    fileprivate var isOneToken: Bool { if case .token = self { true } else { false } }

    /// Whether it means somebody of this role with this token.
    public func admits(_ role: Role, _ token: TokenID) -> Bool {
        switch self {
        case .role(let wanted): wanted == role
        case .token(let wanted): wanted == token
        }
    }
}
