import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Synchronization
import Testing

/// A way out that answers what a test says, and keeps what it was given.
private final class ScriptedTransport: MessageTransport {
    private let answer: Mutex<DeliveryOutcome>
    private let given = Mutex<[OutboxID]>([])
    private let during: @Sendable () async -> Void

    init(_ answer: DeliveryOutcome = .accepted(reference: "r"), during: @escaping @Sendable () async -> Void = {}) {
        self.answer = Mutex(answer)
        self.during = during
    }

    var messages: [OutboxID] { given.withLock { $0 } }

    func say(_ answer: DeliveryOutcome) { self.answer.withLock { $0 = answer } }

    func deliver(_ message: OutboxMessage) async -> DeliveryOutcome {
        given.withLock { $0.append(message.id) }
        await during()
        return answer.withLock { $0 }
    }
}

/// One gym with its ways out.
private struct Post {
    struct OneDirectory: MessagingDirectory {
        let organization: OrganizationID
        let settings: MessagingSettings
        let transports: [MessageChannel: any MessageTransport]

        func settings(in scope: OrganizationScope) -> MessagingSettings {
            scope.organization == organization ? settings : .standard
        }
        func transport(for channel: MessageChannel, in scope: OrganizationScope) -> (any MessageTransport)? {
            scope.organization == organization ? transports[channel] : nil
        }
        var configured: [OrganizationID] { transports.isEmpty ? [] : [organization] }
    }

    let gym: TestOrganization
    let ana: Client
    let clock: ManualClock
    let desk: MessageDesk
    let courier: OutboxCourier

    static func make(_ transports: [MessageChannel: any MessageTransport]) async throws -> Post {
        let clock = ManualClock()
        let stores = StoreSet.memory(clock: clock)
        let gym = try await TestOrganization.make(in: stores)
        return try await make(transports, gym, clock)
    }

    static func make(
        _ transports: [MessageChannel: any MessageTransport], _ gym: TestOrganization, _ clock: ManualClock
    ) async throws -> Post {
        let stores = gym.stores
        let ana = gym.client("Ana", email: "ana@example.com", phone: "+442079460018")
        try await stores.clients.add([ana], in: gym.scope)
        let directory = OneDirectory(
            organization: gym.organization.id, settings: MessagingSettings(channels: Set(transports.keys)),
            transports: transports)
        let desk = MessageDesk(
            outbox: stores.outbox, contacts: stores.contacts, directory: directory, ids: RandomIDGenerator())
        let courier = OutboxCourier(
            outbox: stores.outbox, desk: desk, directory: directory, organizations: stores.organizations,
            clock: clock, log: .silent)
        return Post(gym: gym, ana: ana, clock: clock, desk: desk, courier: courier)
    }

    func put(_ channel: MessageChannel = .email, _ purpose: MessagePurpose = .transactional) async throws -> OutboxID {
        let contact = try #require(try await gym.stores.contacts.contact(.client(ana.id), in: gym.scope))
        let recipient = channel == .email ? "ana@example.com" : "+442079460018"
        let order = MessageOrder(
            channel, purpose, to: contact, at: recipient, body: "Hi", key: UUID().uuidString, sentBy: "test")
        let made = try await desk.send(
            [order], zone: "Europe/London", at: clock.now(), isDryRun: false, in: gym.scope)
        return try #require(made.first).message.id
    }

    func message(_ id: OutboxID) async throws -> OutboxMessage {
        try await gym.stores.outbox.message(id, in: gym.scope)
    }

    func consent(_ channel: MessageChannel, _ isGranted: Bool) async throws {
        try await gym.stores.contacts.record(
            [
                Consent(
                    id: gym.id(), clientId: ana.id, leadId: nil, channel: channel, purpose: .marketing,
                    isGranted: isGranted, source: .form, recordedAt: clock.now())
            ], in: gym.scope)
    }
}

@Suite(.timeLimit(.minutes(1))) struct OutboxCourierTests {
    @Test func `what is queued goes out once and is written down`() async throws {
        let transport = ScriptedTransport()
        let post = try await Post.make([.email: transport])
        let id = try await post.put()
        #expect(try await post.courier.runOnce() == 1)
        #expect(try await post.courier.runOnce() == 0)
        #expect(transport.messages == [id])
        let message = try await post.message(id)
        #expect(message.status == .sent && message.providerId == "r" && message.sentAt == post.clock.now())
    }

    @Test func `what failed for now is tried again, later, and in the end no more`() async throws {
        let transport = ScriptedTransport(.postponed(reason: "Busy.", after: nil))
        let post = try await Post.make([.email: transport])
        let id = try await post.put()
        for attempt in 1...8 {
            #expect(try await post.courier.runOnce() == 1)
            #expect(try await post.courier.runOnce() == 0, "it waits")
            #expect(try await post.message(id).attempt == attempt)
            post.clock.advance(by: 3_601)
        }
        let message = try await post.message(id)
        #expect(message.status == .failed && message.reason == "Tried 8 times. Busy.")
        #expect(transport.messages.count == 8)
    }

    @Test func `an unknown outcome is never repeated by itself, and by hand it is`() async throws {
        let transport = ScriptedTransport(.unknown(reason: "Cut."))
        let post = try await Post.make([.email: transport])
        let id = try await post.put()
        _ = try await post.courier.runOnce()
        post.clock.advance(by: 86_400)
        #expect(try await post.courier.runOnce() == 0)
        #expect(try await post.message(id).status == .needsReview)
        transport.say(.accepted(reference: nil))
        _ = try await post.gym.stores.outbox.retry(id, at: post.clock.now(), in: post.gym.scope)
        _ = try await post.courier.runOnce()
        #expect(try await post.message(id).status == .sent)
    }

    @Test func `without a way out messages rest, and go when there is one`() async throws {
        let post = try await Post.make([:])
        let id = try await post.put()
        let held = try await post.message(id)
        #expect(held.status == .held && held.reason?.contains("messaging.email") == true)
        #expect(try await post.courier.runOnce() == 0)
        let transport = ScriptedTransport()
        let later = try await Post.make([.email: transport], post.gym, post.clock)
        try await later.courier.release()
        _ = try await later.courier.runOnce()
        #expect(try await post.message(id).status == .sent)
    }

    @Test func `who says stop in between gets nothing`() async throws {
        let transport = ScriptedTransport()
        let post = try await Post.make([.sms: transport])
        try await post.consent(.sms, true)
        let ids = [try await post.put(.sms, .marketing), try await post.put(.sms)]
        let heard = try #require(
            try await post.desk.receive(" Stop.", from: "020 7946 0018", at: post.clock.now(), in: post.gym.scope))
        #expect(heard.keyword == .stop && heard.people.map(\.name) == ["Ana"])
        _ = try await post.courier.runOnce()
        for id in ids { #expect(try await post.message(id).status == .suppressed) }
        #expect(transport.messages.isEmpty)
        // START lets through what they have to know, and no marketing.
        post.clock.advance(by: 60)
        _ = try await post.desk.receive("START", from: "+442079460018", at: post.clock.now(), in: post.gym.scope)
        #expect(try await post.message(try await post.put(.sms)).status == .queued)
        #expect(try await post.message(try await post.put(.sms, .marketing)).status == .suppressed)
        #expect(try await post.desk.receive("hello", from: "1", at: post.clock.now(), in: post.gym.scope) == nil)
    }

    @Test func `a receiver whom the provider knows as unsubscribed is not written to again`() async throws {
        let transport = ScriptedTransport(.refused(reason: "21610", isOptOut: true))
        let post = try await Post.make([.sms: transport])
        let id = try await post.put(.sms)
        _ = try await post.courier.runOnce()
        #expect(try await post.message(id).status == .failed)
        #expect(try await post.message(try await post.put(.sms)).status == .suppressed)
    }

    @Test func `what is due in the quiet hours waits for the morning`() async throws {
        let transport = ScriptedTransport()
        let post = try await Post.make([.sms: transport])
        // 18 November 2026, 11:06 in London: at night it was queued for a time that has come too late.
        post.clock.advance(by: 12 * 3_600)
        let id = try await post.put(.sms)
        let message = try await post.message(id)
        #expect(message.dueAt > post.clock.now() && message.reason?.contains("Quiet hours") == true)
        #expect(try await post.courier.runOnce() == 0)
        post.clock.advance(by: 10 * 3_600)
        _ = try await post.courier.runOnce()
        #expect(try await post.message(id).status == .sent)
    }

    @Test func `a stop lets what is on its way come to its end`() async throws {
        let (begun, gate) = (Gate(), Gate())
        let transport = ScriptedTransport(during: {
            begun.open()
            await gate.pass()
        })
        let post = try await Post.make([.email: transport])
        let first = try await post.put()
        let running = Task { try await post.courier.run() }
        await begun.pass()
        let second = try await post.put()
        post.courier.shutDown()
        gate.open()
        try await running.value
        #expect(try await post.message(first).status == .sent)
        #expect(try await post.message(second).status == .queued)
    }

    @Test func `what was broken off before it was sent goes back and loses no try`() async throws {
        let transport = ScriptedTransport(.interrupted)
        let post = try await Post.make([.email: transport])
        let id = try await post.put()
        _ = try await post.courier.runOnce()
        let message = try await post.message(id)
        #expect(message.status == .queued && message.attempt == 0)
    }
}
