import Foundation
import SpotterDomain
import Testing

/// What the time alone does to an approval.
struct ApprovalTurnTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func approval(
        remindAfter: TimeInterval? = nil, escalateAfter: TimeInterval? = nil, mode: ApprovalMode = .any,
        onTimeout: Approval.Timeout = .reject
    ) -> Approval {
        var approval = Approval(
            id: RandomIDGenerator().id(at: Self.start), execution: RandomIDGenerator().id(at: Self.start),
            message: "May it?", tool: nil, arguments: nil, argumentsHash: "h", approvers: [.role(.owner)], mode: mode,
            createdAt: Self.start, expiresAt: Self.start + 100, onTimeout: onTimeout)
        approval.remindAt = remindAfter.map { Self.start + $0 }
        approval.escalation = escalateAfter.map { .init(at: Self.start + $0, to: [.role(.admin)]) }
        return approval
    }

    private func vote(_ role: Role) -> ApprovalVote {
        let ids = RandomIDGenerator()
        return ApprovalVote(
            approved: true, comment: nil, argumentsHash: nil,
            by: Caller(
                token: ids.id(at: Self.start), subject: role.rawValue, role: role, permissions: role.permissions,
                scope: OrganizationScope(ids.id(at: Self.start))))
    }

    @Test func `it is reminded once, then escalated once, then over`() throws {
        var approval = approval(remindAfter: 10, escalateAfter: 20)
        #expect(approval.turn(at: Self.start + 9) == nil)
        #expect(approval.nextTurn == Self.start + 10)
        var turn = try #require(approval.turn(at: Self.start + 10))
        #expect(turn.1 == .approvalReminded)
        approval = turn.0
        #expect(approval.turn(at: Self.start + 15) == nil)
        #expect(approval.nextTurn == Self.start + 20)
        turn = try #require(approval.turn(at: Self.start + 20))
        #expect(turn.1 == .approvalEscalated)
        approval = turn.0
        #expect(approval.turn(at: Self.start + 99) == nil)
        #expect(approval.nextTurn == Self.start + 100)
        turn = try #require(approval.turn(at: Self.start + 100))
        #expect(turn.1 == .approvalExpired)
        #expect(turn.0.state == .rejected)
        #expect(turn.0.turn(at: Self.start + 200) == nil)
        #expect(turn.0.nextTurn == nil)
    }

    @Test func `what was due while nobody looked is done in one step`() throws {
        let turn = try #require(approval(remindAfter: 10, escalateAfter: 20).turn(at: Self.start + 50))
        #expect(turn.1 == .approvalEscalated)
        #expect(turn.0.isReminded)
        #expect(turn.0.turn(at: Self.start + 50) == nil)
    }

    @Test func `those it is escalated to may decide from then on, and not before`() throws {
        let approval = approval(escalateAfter: 20)
        #expect(throws: SpotterError.self) { try approval.taking(vote(.admin), at: Self.start + 19) }
        #expect(try approval.taking(vote(.admin), at: Self.start + 20).state == .approved)
        #expect(try approval.taking(vote(.owner), at: Self.start + 20).state == .approved)
        #expect(throws: SpotterError.self) { try approval.taking(vote(.staff), at: Self.start + 20) }
    }

    @Test func `where all must agree, those it is escalated to take nobody's place`() throws {
        let approval = try approval(escalateAfter: 20, mode: .all).taking(vote(.admin), at: Self.start + 30)
        #expect(approval.state == .pending)
        #expect(try approval.taking(vote(.owner), at: Self.start + 31).state == .approved)
    }

    @Test(arguments: [(Approval.Timeout.reject, Approval.State.rejected), (.expire, .expired), (.approve, .approved)])
    func `at the end its default holds`(onTimeout: Approval.Timeout, state: Approval.State) {
        #expect(approval(onTimeout: onTimeout).expired(at: Self.start + 100)?.state == state)
    }

    @Test func `a decided one is neither reminded nor escalated`() throws {
        let decided = try approval(remindAfter: 1, escalateAfter: 2).taking(vote(.owner), at: Self.start)
        #expect(decided.turn(at: Self.start + 50) == nil)
    }

    @Test func `a step remembers the terms and what was done`() throws {
        let terms = ApprovalTerms(
            timeout: .seconds(100), reminder: .seconds(10), escalation: .init(after: .seconds(20), to: [.role(.admin)]))
        let ids = RandomIDGenerator()
        let step = Step(
            id: ids.id(at: Self.start), index: 0, name: "ask", kind: .approval, state: .waiting, attempt: 1,
            input: try ApprovalOrder(message: "May it?", terms: terms).input(hash: "h", at: Self.start),
            startedAt: Self.start)
        let asked = try #require(Approval(step, of: ids.id(at: Self.start)))
        #expect(asked.remindAt == Self.start + 10)
        #expect(asked.escalation == .init(at: Self.start + 20, to: [.role(.admin)]))
        let turned = try #require(asked.turn(at: Self.start + 20)).0
        let again = try #require(Approval(try turned.entered(in: step), of: asked.execution))
        #expect(again.isEscalated && again.isReminded && again.state == .pending)
        #expect(again.event(.approvalEscalated).data["approvers"] == ["role:owner", "role:admin"])
    }

    @Test func `a file's times must fit each other, and silence allows no call of a tool`() {
        func pointers(_ policy: TenantPolicy) -> [String] {
            var tenant = TenantDefinition(slug: "gym", name: "Gym", timezone: "UTC", currency: "GBP")
            tenant.policy = policy
            let vocabulary = TenantVocabulary(
                isTimeZone: { _ in true }, timeZones: [], currencies: ["GBP"], providers: [], packs: nil)
            return tenant.issues(knowing: vocabulary).map(\.pointer)
        }
        #expect(pointers(TenantPolicy(onTimeout: .approve)) == ["/policy/on_timeout"])
        #expect(pointers(TenantPolicy(escalateAfterSeconds: 60)) == ["/policy/escalate_to"])
        #expect(pointers(TenantPolicy(escalateTo: ["role:admin"])) == ["/policy/escalate_after_seconds"])
        #expect(pointers(TenantPolicy(timeoutSeconds: 60, remindAfterSeconds: 60)) == ["/policy/remind_after_seconds"])
        #expect(
            pointers(TenantPolicy(escalateAfterSeconds: 60, escalateTo: ["role:boss"])) == ["/policy/escalate_to/0"])
        #expect(
            pointers(TenantPolicy(remindAfterSeconds: 10, escalateAfterSeconds: 60, escalateTo: ["role:admin"])).isEmpty
        )
    }
}
