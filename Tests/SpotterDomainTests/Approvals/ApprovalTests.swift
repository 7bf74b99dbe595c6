import Foundation
import SpotterDomain
import Testing

/// Who may decide, when, and what their decisions come to.
struct ApprovalTests {
    private static let start = Date(timeIntervalSince1970: 1_780_000_000)
    private let ids = RandomIDGenerator()

    private func approval(
        _ approvers: [Approver] = [.role(.owner)], _ mode: ApprovalMode = .any, onTimeout: Approval.Timeout = .reject
    ) -> Approval {
        Approval(
            id: ids.id(at: Self.start), execution: ids.id(at: Self.start), message: "Send it?", tool: "send_mail",
            arguments: ["to": "ana@gym.test"], argumentsHash: String(repeating: "a", count: 64), approvers: approvers,
            mode: mode, createdAt: Self.start, expiresAt: Self.start + 60, onTimeout: onTimeout)
    }

    private func vote(
        _ approved: Bool = true, as role: Role = .owner, subject: String? = nil, token: TokenID? = nil,
        hash: String? = nil
    ) -> ApprovalVote {
        let token = token ?? ids.id(at: Self.start)
        return ApprovalVote(
            approved: approved, comment: "Because.", argumentsHash: hash,
            by: Caller(
                token: token, subject: subject ?? token.description, role: role, permissions: role.permissions,
                scope: OrganizationScope(ids.id(at: Self.start))))
    }

    private func refused(_ approval: Approval, _ vote: ApprovalVote, at now: Date = start) -> SpotterError.Code? {
        do {
            _ = try approval.taking(vote, at: now)
            return nil
        } catch { return (error as? SpotterError)?.code }
    }

    @Test func `the first decision of any counts`() throws {
        #expect(try approval().taking(vote(true), at: Self.start).state == .approved)
        let rejected = try approval().taking(vote(false), at: Self.start + 1)
        #expect(rejected.state == .rejected)
        #expect(rejected.decidedAt == Self.start + 1)
        #expect(rejected.refusal.contains("Because."))
    }

    @Test func `what is decided is not decided again`() throws {
        for first in [true, false] {
            let decided = try approval().taking(vote(first), at: Self.start)
            #expect(refused(decided, vote(true)) == .conflict)
            #expect(refused(decided, vote(false)) == .conflict)
        }
    }

    @Test func `after its time nobody decides`() {
        #expect(refused(approval(), vote(), at: Self.start + 59.9) == nil)
        #expect(refused(approval(), vote(), at: Self.start + 60) == .conflict)
        #expect(refused(approval(), vote(), at: Self.start + 9_999) == .conflict)
    }

    @Test func `a decision about other arguments is refused`() {
        #expect(refused(approval(), vote(hash: String(repeating: "b", count: 64))) == .conflict)
        #expect(refused(approval(), vote(hash: String(repeating: "a", count: 64))) == nil)
    }

    @Test(arguments: [Role.admin, .staff, .readOnly, .hook, .operator])
    func `a role that is not asked may not decide`(_ role: Role) {
        #expect(refused(approval(), vote(as: role)) == .unprocessable)
    }

    @Test func `a token that is named decides, and no other of its role`() throws {
        let token: TokenID = ids.id(at: Self.start)
        let asked = approval([.token(token)])
        #expect(try asked.taking(vote(as: .staff, token: token), at: Self.start).state == .approved)
        #expect(refused(asked, vote(as: .owner)) == .unprocessable)
    }

    @Test func `all means every approver, each by somebody else`() throws {
        let token: TokenID = ids.id(at: Self.start)
        let asked = approval([.role(.owner), .token(token)], .all)
        // The owner's token that is named stands for itself alone.
        let one = try asked.taking(vote(token: token), at: Self.start)
        #expect(one.state == .pending)
        #expect(refused(one, vote(token: token)) == .conflict)
        #expect(try one.taking(vote(), at: Self.start).state == .approved)
        #expect(try one.taking(vote(false), at: Self.start).state == .rejected)
    }

    @Test func `two of one role are not two roles`() throws {
        let asked = approval([.role(.owner), .role(.admin)], .all)
        let twoOwners = try asked.taking(vote(), at: Self.start).taking(vote(), at: Self.start)
        #expect(twoOwners.state == .pending)
        #expect(try twoOwners.taking(vote(as: .admin), at: Self.start).state == .approved)
    }

    @Test func `a quorum is so many, for or against`() throws {
        let asked = approval([.role(.owner), .role(.admin)], .quorum(2))
        let one = try asked.taking(vote(), at: Self.start)
        #expect(one.state == .pending)
        let split = try one.taking(vote(false), at: Self.start)
        #expect(split.state == .pending)
        #expect(try split.taking(vote(as: .admin), at: Self.start).state == .approved)
        #expect(try split.taking(vote(false), at: Self.start).state == .rejected)
    }

    @Test func `one person with two tokens has one vote`() throws {
        let one = try approval([.role(.owner)], .quorum(2)).taking(vote(subject: "ana"), at: Self.start)
        #expect(refused(one, vote(subject: "ana")) == .conflict)
    }

    @Test func `nobody's answer is a no, or the end, as the terms say`() throws {
        #expect(approval().expired(at: Self.start + 59) == nil)
        #expect(approval().expired(at: Self.start + 60)?.state == .rejected)
        #expect(approval(onTimeout: .expire).expired(at: Self.start + 60)?.state == .expired)
        let decided = try approval().taking(vote(), at: Self.start)
        #expect(decided.expired(at: Self.start + 60) == nil)
    }

    @Test func `the content that is hashed knows no order of members`() {
        func content(_ arguments: JSONValue, _ tool: String = "pay") -> [UInt8] {
            ApprovalOrder(
                message: "?", call: ToolCall(id: "c", name: tool, arguments: arguments), terms: ApprovalTerms()
            ).content
        }
        #expect(content(["a": 1, "b": ["c": 2, "d": 3]]) == content(["b": ["d": 3, "c": 2], "a": 1]))
        #expect(content(["a": 1]) != content(["a": 2]))
        #expect(content(["a": 1]) != content(["a": "1"]))
        #expect(content(["a": [1, 2]]) != content(["a": [2, 1]]))
        #expect(content(["a": 1]) != content(["a": 1], "give"))
    }

    @Test(arguments: ["owner", "role:", "role:hook", "role:boss", "token:", "token:agent_01", "", "role:owner "])
    func `what names nobody is no approver`(_ text: String) { #expect(Approver(text) == nil) }

    @Test func `approvers and modes are written as they are read`() throws {
        let token: TokenID = ids.id(at: Self.start)
        for text in ["role:owner", "role:read_only", "token:\(token)"] {
            #expect(Approver(text)?.description == text)
        }
        for mode in [ApprovalMode.any, .all, .quorum(3)] {
            #expect(try JSONValue(encoding: mode).decodedUnchecked(as: ApprovalMode.self) == mode)
        }
        #expect(try JSONValue(encoding: ApprovalMode.quorum(3)) == ["quorum": 3])
        for wrong: JSONValue in ["none", ["quorum": 0], ["quorum": 101], 3] {
            #expect(throws: (any Error).self) { try wrong.decodedUnchecked(as: ApprovalMode.self) }
        }
    }
}
