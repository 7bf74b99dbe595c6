import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Synchronization
import Testing

/// A way out that answers what a test says, and keeps what it was given.
private final class ScriptedTargets: HookTransport {
    private let calls = Mutex<[HookCall]>([])
    private let answers: @Sendable (HookCall, Int) async -> HookAnswer

    init(_ answers: @escaping @Sendable (HookCall, Int) async -> HookAnswer) { self.answers = answers }

    var sent: [HookCall] { calls.withLock { $0 } }

    func check(_ url: String) throws {}

    func send(_ call: HookCall) async -> HookAnswer {
        let count = calls.withLock { calls in
            calls.append(call)
            return calls.count
        }
        return await answers(call, count)
    }
}

private struct PlainSecrets: HookSecrets {
    let known: [String]
    func secrets(of hook: HookID, in scope: OrganizationScope) throws -> [String] { known }
    func add(_ secret: String, to hook: HookID, at now: Date, in scope: OrganizationScope) async throws {}
    func forgetPrevious(of hook: HookID, at now: Date, in scope: OrganizationScope) async throws {}
    func forget(_ hook: HookID, at now: Date, in scope: OrganizationScope) async throws {}
}

/// Signs by saying what it was given.
private struct PlainSigner: HookSigner {
    func signature(id: String, timestamp: Int, body: [UInt8], secrets: [String]) throws -> String {
        secrets.map { "\($0):\(id).\(timestamp)" }.joined(separator: " ")
    }
}

/// One gym with what sends its events.
private struct Way {
    let gym: TestOrganization
    let clock: ManualClock
    let targets: ScriptedTargets
    let courier: HookCourier
    let told: Told

    static func make(
        secrets: [String] = ["new", "old"], answering answer: HookAnswer = .ok
    ) async throws -> Way {
        try await make(secrets: secrets) { _, _ in answer }
    }

    static func make(
        secrets: [String] = ["new", "old"], _ answers: @escaping @Sendable (HookCall, Int) async -> HookAnswer
    ) async throws -> Way {
        let clock = ManualClock()
        let gym = try await TestOrganization.make(in: StoreSet.memory(clock: clock))
        let targets = ScriptedTargets(answers)
        let told = Told()
        let courier = HookCourier(
            store: gym.stores.outbound, events: gym.stores.events, secrets: PlainSecrets(known: secrets),
            signer: PlainSigner(), transport: targets, clock: clock, ids: RandomIDGenerator(), log: .silent,
            onDisabled: { _, reason, _ in told.mutex.withLock { $0.append(reason) } },
            onOutcome: { step in told.outcomes.withLock { $0.append(step) } },
            traceOfRun: { run, _ in TraceParent(trace: TraceID(run), span: SpanID(run)) })
        return Way(gym: gym, clock: clock, targets: targets, courier: courier, told: told)
    }

    func log(_ hook: Hook) async throws -> [OutboundDelivery] {
        try await gym.stores.outbound.deliveries(of: hook.id, PageRequest(limit: 200), in: gym.scope).items
    }
}

/// What was told of hooks that were given up.
private final class Told: Sendable {
    let mutex = Mutex<[String]>([])
    let outcomes = Mutex<[OutboundOutcome.Step]>([])
}

extension HookAnswer {
    fileprivate static let ok = HookAnswer.answered(status: 204, retryAfter: nil, beginning: "")
    fileprivate static func status(_ status: Int, after: Double? = nil) -> HookAnswer {
        .answered(status: status, retryAfter: after, beginning: "no")
    }
}

@Suite(.timeLimit(.minutes(1))) struct HookCourierTests {
    @Test func `every event that is wanted is sent once, signed with every secret, and nothing else is`() async throws {
        let way = try await Way.make()
        let hook = try await way.gym.sender("Out", events: ["custom.*", "hook.disabled"])
        let events = try await way.gym.tell("custom.a", "custom.b")
        _ = try await way.gym.stores.events.append(
            [EventDraft(.agentInsight, data: [:])], at: way.clock.now(), receipt: nil, in: way.gym.scope)
        #expect(try await way.courier.runOnce() == 2)
        #expect(try await way.courier.runOnce() == 0)
        #expect(Set(way.targets.sent.map(\.body)) == Set(events.map(HookMessageBody.bytes)))
        let log = try await way.log(hook)
        #expect(log.allSatisfy { $0.state == .delivered && $0.attempts.map(\.status) == [204] })
        let call = try #require(way.targets.sent.first)
        let headers = Dictionary(uniqueKeysWithValues: call.headers.map { ($0.name, $0.value) })
        let id = try #require(headers["webhook-id"])
        #expect(log.contains { $0.id.description == id })
        let time = Int(way.clock.now().timeIntervalSince1970)
        #expect(headers["webhook-timestamp"] == "\(time)")
        #expect(headers["webhook-signature"] == "new:\(id).\(time) old:\(id).\(time)")
        #expect(headers["Content-Type"] == "application/json")
        #expect(call.partition == hook.id.description)
    }

    @Test func `the schedule is that of Standard Webhooks, under one id, and then it is given up`() async throws {
        let way = try await Way.make(answering: .status(500))
        let hook = try await way.gym.sender("Out")
        try await way.gym.tell("custom.a")
        for attempt in 1...10 {
            #expect(try await way.courier.runOnce() == 1)
            #expect(try await way.courier.runOnce() == 0, "it waits")
            let delivery = try #require(try await way.log(hook).first)
            #expect(delivery.attempt == attempt)
            guard attempt < 10 else { break }
            let wait = delivery.dueAt.timeIntervalSince(way.clock.now())
            let planned = OutboundRetry.waits[attempt - 1]
            #expect(wait >= planned && wait <= planned * 1.05 + 2)
            way.clock.advance(by: wait)
        }
        let last = try #require(try await way.log(hook).first)
        #expect(last.state == .failed && last.reason == "Tried 10 times. The target answered 500.")
        #expect(last.attempts.count == 10)
        #expect(Set(way.targets.sent.map { $0.headers.first { $0.name == "webhook-id" }?.value }).count == 1)
        #expect(Set(way.targets.sent.map(\.body)).count == 1)
        // Less than the five days after which a target is given up.
        #expect(try await way.gym.stores.outbound.endpoint(of: hook.id, in: way.gym.scope).isActive)
        #expect(OutboundRetry.waits.reduce(0) { $0 + $1 * 1.05 + 2 } < HookDelivery.lifetime)
    }

    @Test func `a target that fails for five days is given up, and so is one that is gone; both are told`() async throws
    {
        let way = try await Way.make(answering: .status(500))
        let hook = try await way.gym.sender("Out")
        try await way.gym.tell("custom.a")
        _ = try await way.courier.runOnce()
        way.clock.advance(by: 5 * 86_400 + 1)
        _ = try await way.courier.runOnce()
        #expect(try await way.gym.stores.hooks.hook(hook.id, in: way.gym.scope).settings.enabled == false)
        #expect(try await way.log(hook).map(\.state) == [.cancelled])
        #expect(way.told.mutex.withLock { $0 } == ["Nothing has come through to the target for too long."])
        let gone = try await Way.make(answering: .status(410))
        let other = try await gone.gym.sender("Out")
        try await gone.gym.tell("custom.a")
        _ = try await gone.courier.runOnce()
        #expect(try await gone.gym.stores.hooks.hook(other.id, in: gone.gym.scope).settings.enabled == false)
        #expect(try await gone.log(other).map(\.state) == [.failed])
        #expect(gone.told.mutex.withLock { $0 }.count == 1)
        try await gone.gym.tell("custom.b")
        #expect(try await gone.courier.runOnce() == 0)
    }

    @Test func `what attempts come to is told, and what is about a run says in which trace it was`() async throws {
        let way = try await Way.make { _, count in count == 1 ? .status(503) : .ok }
        _ = try await way.gym.sender("Out", events: ["execution.*", "custom.*"])
        let run: ExecutionID = way.gym.id()
        _ = try await way.gym.stores.events.append(
            [EventDraft(.executionStarted, execution: run, data: [:])], at: way.clock.now(), receipt: nil,
            in: way.gym.scope)
        #expect(try await way.courier.runOnce() == 1)
        way.clock.advance(by: 60)
        #expect(try await way.courier.runOnce() == 1)
        try await way.gym.tell("custom.a")
        #expect(try await way.courier.runOnce() == 1)
        let outcomes = way.told.outcomes.withLock { $0 }
        #expect(outcomes.count == 3 && outcomes.dropFirst().allSatisfy { $0 == .delivered })
        guard case .again = outcomes.first else {
            Issue.record("the first was not to be tried again: \(outcomes)")
            return
        }
        let parents = way.targets.sent.map { $0.headers.first { $0.name == "traceparent" }?.value }
        let expected = TraceParent(trace: TraceID(run), span: SpanID(run)).text
        #expect(parents == [expected, expected, nil])
    }

    @Test func `a target that asks for time gets it, and no redirect is an answer`() async throws {
        let way = try await Way.make(answering: .status(429, after: 900))
        let hook = try await way.gym.sender("Out")
        try await way.gym.tell("custom.a", "custom.b")
        #expect(try await way.courier.runOnce() == 2)
        way.clock.advance(by: 890)
        #expect(try await way.courier.runOnce() == 0)
        way.clock.advance(by: 20)
        #expect(try await way.courier.runOnce() >= 1)
        let redirected = try await Way.make(answering: .status(302))
        let other = try await redirected.gym.sender("Out")
        try await redirected.gym.tell("custom.a")
        _ = try await redirected.courier.runOnce()
        #expect(try await redirected.log(other).first?.reason?.contains("redirects are not followed") == true)
        #expect(try await way.log(hook).count == 2)
    }

    @Test func `one dead target delays neither another nor another organisation`() async throws {
        let isDead = Mutex(true)
        let (stuck, release) = AsyncStream.makeStream(of: Void.self)
        let way = try await Way.make { call, _ in
            guard call.url.contains("dead"), isDead.withLock({ $0 }) else { return .ok }
            for await _ in stuck {}
            return .failed("There was no answer in time.")
        }
        let (dead, well) = (
            try await way.gym.sender("Dead", url: "https://dead.example"), try await way.gym.sender("Well")
        )
        try await way.gym.tell((0..<20).map { "custom.e\($0)" })
        let running = Task { try await way.courier.run() }
        while try await way.log(well).count(where: { $0.state == .delivered }) < 20 { await Task.yield() }
        #expect(way.targets.sent.count { $0.url.contains("dead") } <= OutboundLimits.mostAtOnce)
        isDead.withLock { $0 = false }
        release.finish()
        way.courier.shutDown()
        try await running.value
        // What was on its way has come to its end before the service has.
        #expect(try await way.log(dead).allSatisfy { $0.attempt == 0 || !$0.attempts.isEmpty })
    }

    @Test func `without a secret nothing is sent, and no attempt is used up`() async throws {
        let way = try await Way.make(secrets: [])
        let hook = try await way.gym.sender("Out")
        try await way.gym.tell("custom.a")
        #expect(try await way.courier.runOnce() == 1)
        let delivery = try #require(try await way.log(hook).first)
        #expect(delivery.state == .pending && delivery.attempt == 0 && delivery.attempts.isEmpty)
        #expect(way.targets.sent.isEmpty)
        #expect(try await way.gym.stores.outbound.endpoint(of: hook.id, in: way.gym.scope).failingSince == nil)
    }

    @Test(
        arguments: [
            ("120", 120.0), (" 7 ", 7), ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("-5", nil), ("soon", nil), ("1e9", nil),
            ("99999999999", nil), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
        ] as [(String, Double?)]) func `what Retry-After may say`(_ text: String, _ seconds: Double?)
    {
        let now = Date(timeIntervalSince1970: 784_111_740)
        #expect(OutboundRetry.seconds(ofRetryAfter: text, at: now) == seconds)
    }
}
