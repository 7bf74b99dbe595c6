import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Synchronization
import Testing

/// Letters to people who may decide, with a link that is made as they go.
@Suite(.timeLimit(.minutes(1))) struct ApprovalPostmanTests {
    private final class Letterbox: MessageTransport {
        private let given = Mutex<[OutboxMessage]>([])
        private let answer = Mutex(DeliveryOutcome.accepted(reference: "r"))

        var messages: [OutboxMessage] { given.withLock { $0 } }
        func say(_ answer: DeliveryOutcome) { self.answer.withLock { $0 = answer } }
        func deliver(_ message: OutboxMessage) async -> DeliveryOutcome {
            given.withLock { $0.append(message) }
            return answer.withLock { $0 }
        }
    }

    private struct OneGym: MessagingDirectory {
        let organization: OrganizationID
        let transports: [MessageChannel: any MessageTransport]

        func settings(in scope: OrganizationScope) -> MessagingSettings {
            scope.organization == organization ? MessagingSettings(channels: Set(transports.keys)) : .standard
        }
        func transport(for channel: MessageChannel, in scope: OrganizationScope) -> (any MessageTransport)? {
            scope.organization == organization ? transports[channel] : nil
        }
        var configured: [OrganizationID] { transports.isEmpty ? [] : [organization] }
    }

    /// What a link says, as text that anybody could make: who signs is tested elsewhere.
    private struct PlainLinks: ApprovalLinkSigner {
        func text(for link: ApprovalLink) throws -> String {
            String(decoding: try JSONWriter.encode(link), as: UTF8.self)
        }
        func link(of text: String) throws -> ApprovalLink {
            try JSONParser.parse(text).decodedUnchecked(as: ApprovalLink.self)
        }
    }

    private let world: TestEngine.World
    private let box = Letterbox()
    private var gym: TestOrganization { world.gym }
    private var clock: ManualClock { world.clock }

    init() async throws { world = try await TestEngine.World() }

    private func office(
        url: String? = "https://spotter.test", ways: [MessageChannel]? = nil
    ) -> (postman: ApprovalPostman, courier: OutboxCourier) {
        let ways = ways ?? [.email]
        let directory = OneGym(
            organization: gym.organization.id,
            transports: Dictionary(uniqueKeysWithValues: ways.map { ($0, box as any MessageTransport) }))
        let postman = ApprovalPostman(
            approvals: gym.stores.approvals, tokens: gym.stores.tokens, outbox: gym.stores.outbox,
            organizations: gym.stores.organizations, directory: directory, links: PlainLinks(), publicURL: url,
            isAddress: { $0.contains("@") }, clock: clock, ids: RandomIDGenerator(), log: .silent)
        let desk = MessageDesk(
            outbox: gym.stores.outbox, contacts: gym.stores.contacts, directory: directory, ids: RandomIDGenerator())
        let courier = OutboxCourier(
            outbox: gym.stores.outbox, desk: desk, directory: directory, organizations: gym.stores.organizations,
            clock: clock, log: .silent, finishing: { try await postman.finish($0, in: $1) })
        return (postman, courier)
    }

    @discardableResult
    private func token(_ subject: String, _ role: Role = .owner, days: Double = 30) async throws -> TokenRecord {
        let token = TokenRecord(
            id: gym.id(), organization: gym.organization.id, name: "T", subject: subject, role: role,
            permissions: Array(role.permissions), issuedAt: clock.now(), expiresAt: clock.now() + days * 86_400)
        try await gym.stores.tokens.create(token, receipt: nil, in: gym.scope)
        return token
    }

    private func letters() async throws -> [OutboxMessage] {
        try await gym.stores.outbox.list(OutboxFilter(), PageRequest(limit: 50), in: gym.scope).items
    }

    private static let owners = ApprovalTerms(approvers: [.role(.owner)], timeout: .seconds(3e9))

    @Test func `each of those who may decide gets one letter, whoever writes it and however often`() async throws {
        try await token("ana@gym.test")
        try await token("ANA@gym.test", days: 2)
        try await token("ben@gym.test", .staff)
        try await token("front-desk")
        let gone = try await token("gone@gym.test")
        _ = try await gym.stores.tokens.revoke(gone.id, at: clock.now(), in: gym.scope)
        try await token("late@gym.test", days: -1)
        let asked = try await gym.askedApproval("Deploy\u{202E} it?\nNow.", terms: Self.owners)
        let first = office()
        #expect(try await first.postman.lookOnce() == 1)
        #expect(try await first.postman.lookOnce() == 0)
        // A process that knows nothing of what the first has done.
        #expect(try await office().postman.lookOnce() == 0)
        let letter = try #require(try await letters().first)
        #expect(letter.recipient == "ana@gym.test" && letter.approvalId == asked.id && letter.sentBy == "approvals")
        #expect(letter.subject == "Please decide: Deploy  it?")
        #expect(letter.body.contains("  Deploy  it?\n  Now.") && letter.body.contains("send_mail"))
        #expect(!letter.body.contains("http"), "no link rests in the outbox")
    }

    @Test func `the link is made as the letter goes, and every try has the same vote`() async throws {
        let ana = try await token("ana@gym.test")
        let asked = try await gym.askedApproval(terms: Self.owners)
        let office = office()
        try await office.postman.lookOnce()
        box.say(.postponed(reason: "Busy.", after: nil))
        _ = try await office.courier.runOnce()
        clock.advance(by: 3_601)
        box.say(.accepted(reference: nil))
        _ = try await office.courier.runOnce()
        #expect(box.messages.count == 2)
        let links = try box.messages.map { message in
            let text = try #require(message.body.split(separator: "\n").first { $0.hasPrefix("https://") })
            let begin = "https://spotter.test/v1/approval-link?link="
            #expect(text.hasPrefix(begin))
            return try PlainLinks().link(of: String(text.dropFirst(begin.count)))
        }
        #expect(Set(links.map(\.id)).count == 1)
        let link = try #require(links.last)
        #expect(link.approval == asked.id && link.maker == ana.id && link.subject == "ana@gym.test")
        #expect(link.argumentsHash == asked.argumentsHash)
        #expect(link.expiresAt == clock.now() + ApprovalPostman.linkLifetime)
        let kept = try #require(try await letters().first)
        #expect(kept.status == .sent && !kept.body.contains("http"))
    }

    @Test func `a letter goes by another token of its reader when the one it was for has ended`() async throws {
        let long = try await token("ana@gym.test")
        let short = try await token("Ana@gym.test", days: 2)
        _ = try await gym.askedApproval(terms: Self.owners)
        let office = office()
        try await office.postman.lookOnce()
        #expect(try await letters().first?.approverTokenId == long.id)
        _ = try await gym.stores.tokens.revoke(long.id, at: clock.now(), in: gym.scope)
        box.say(.accepted(reference: nil))
        _ = try await office.courier.runOnce()
        let line = try #require(box.messages.first?.body.split(separator: "\n").first { $0.hasPrefix("https://") })
        let text = try #require(line.split(separator: "=", maxSplits: 1).last)
        #expect(try PlainLinks().link(of: String(text)).maker == short.id)
    }

    @Test func `a letter that has become pointless does not go`() async throws {
        let ana = try await token("ana@gym.test")
        try await token("ben@gym.test")
        let office = office()
        let asked = try await gym.askedApproval(terms: Self.owners)
        try await office.postman.lookOnce()
        _ = try await gym.stores.tokens.revoke(ana.id, at: clock.now(), in: gym.scope)
        let control = ExecutionControl(store: gym.stores.executions, clock: clock)
        _ = try await office.courier.runOnce()
        #expect(box.messages.map(\.recipient) == ["ben@gym.test"])
        #expect(Set(try await letters().map(\.status)) == [.sent, .cancelled])

        let other = try await gym.askedApproval("Another", terms: Self.owners)
        try await office.postman.lookOnce()
        _ = try await control.decide(other.id, of: other.execution, gym.vote(), in: gym.scope)
        _ = try await office.courier.runOnce()
        #expect(box.messages.count == 1)
        #expect(try await gym.stores.approvals.approval(asked.id, in: gym.scope).state == .pending)
    }

    @Test func `without a way out, or without an address of the server, nobody is written to`() async throws {
        try await token("ana@gym.test")
        _ = try await gym.askedApproval(terms: Self.owners)
        for office in [office(url: nil), office(ways: []), office(ways: [.sms])] {
            #expect(try await office.postman.lookOnce() == 0)
        }
        #expect(try await letters().isEmpty)
        // What was asked before is written about when there is a way.
        #expect(try await office().postman.lookOnce() == 1)
    }

    @Test func `who is reminded and who is asked, too, is written to once more, and who has voted is not`() async throws
    {
        try await token("ana@gym.test")
        try await token("ben@gym.test")
        try await token("cleo@gym.test", .admin)
        let terms = ApprovalTerms(
            approvers: [.role(.owner)], mode: .quorum(3), timeout: .seconds(100), reminder: .seconds(10),
            escalation: .init(after: .seconds(20), to: [.role(.admin)]))
        let run = Execution(
            id: gym.id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: [:], createdAt: clock.now())
        _ = try await gym.stores.executions.enqueue([run], receipt: nil, in: gym.scope)
        let engine = TestEngine(in: world) { _ in
            ScriptedProgram(stages: [[.wait(.approval(ApprovalOrder(message: "Go?", terms: terms)), name: "gate")]])
        }
        let office = office()
        func subjects() async throws -> [String] {
            try await letters().map { "\($0.recipient) \($0.subject ?? "")" }.sorted()
        }
        try await engine.working {
            try await engine.turn()
            #expect(try await office.postman.lookOnce() == 2)
            let asked = try #require(
                try await gym.stores.approvals.list(ApprovalFilter(), PageRequest(limit: 1), in: gym.scope).items.first)
            _ = try await engine.workforce.control.decide(
                asked.id, of: run.id, gym.vote(subject: "ben@gym.test"), in: gym.scope)
            clock.advance(by: 10)
            _ = try await engine.turn()
            #expect(try await office.postman.lookOnce() == 1)
            clock.advance(by: 10)
            _ = try await engine.turn()
            #expect(try await office.postman.lookOnce() == 1)
        }
        #expect(
            try await subjects() == [
                "ana@gym.test Please decide: Go?", "ana@gym.test Still to decide: Go?",
                "ben@gym.test Please decide: Go?", "cleo@gym.test Nobody has decided yet: Go?",
            ])
    }
}
