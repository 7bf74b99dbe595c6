import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Sends events to the targets of hooks: follows the log, and delivers what is due.
///
/// What: each round looks on in the logs of organisations that have hooks that send, then takes what is due, of all hooks
/// in turn, and sends each once. Any number of processes do.
/// When: when this process has committed something in such an organisation, and every second or so.
/// Promises: every event that a hook wants is delivered at least once, under one id, unless the target refuses it for
/// longer than `OutboundRetry` says or is given up; what a killed process had is sent again when its lease is over. A
/// target that does not answer takes few places here and in all processes, and those that fail never more than half. A
/// stop lets what is on its way come to its end.
public final class HookCourier: Service {
    /// How a courier works.
    public struct Options: Sendable {
        /// Messages on their way at one time.
        public var width: Int
        /// The wait between two looks where nothing is heard.
        public var interval: Duration
        /// For how long a delivery is the courier's: longer than any attempt takes.
        public var lease: Duration
        /// A target at which nothing has succeeded for so long is given up.
        public var failureLimit: Duration

        /// By default 32 at a time, a look a second, a minute, five days.
        public init(
            width: Int = 32, interval: Duration = .seconds(1), lease: Duration = .seconds(60),
            failureLimit: Duration = OutboundLimits.failureLimit
        ) {
            self.width = width
            self.interval = interval
            self.lease = lease
            self.failureLimit = failureLimit
        }
    }

    /// Told of each hook that was disabled, and why.
    public typealias OnDisabled = @Sendable (Hook, String, OrganizationScope) async -> Void
    /// Told of what each attempt came to, once that is written.
    public typealias OnOutcome = @Sendable (OutboundOutcome.Step) -> Void
    /// Knows where in a trace a run stands, for the events that are a run's.
    public typealias TraceOfRun = @Sendable (ExecutionID, OrganizationScope) async -> TraceParent?

    /// The name in logs.
    public let serviceName = "hooks"
    private let store: any OutboundStore
    private let feeder: HookFeeder
    private let secrets: any HookSecrets
    private let signer: any HookSigner
    private let transport: any HookTransport
    private let options: Options
    private let clock: any WallClock
    private let log: Log
    private let onDisabled: OnDisabled
    private let onOutcome: OnOutcome
    private let traceOfRun: TraceOfRun
    private let bell = Bell()
    private let isStopping = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        /// Organisations that have hooks that send, as far as it has come across them.
        var known: Set<OrganizationID> = []
        /// Behind which hook the next claim begins.
        var place: (organization: OrganizationID, hook: HookID)?
        var busy = 0
        var busyFailing = 0
    }

    /// Between two looks, however much happens.
    private static let rest = Duration.milliseconds(20)

    /// - Parameters:
    ///   - secrets: what is signed with.
    ///   - transport: the way out.
    ///   - onDisabled: told of each hook that was disabled by this process.
    ///   - onOutcome: told of what each attempt of this process came to.
    ///   - traceOfRun: what a message about a run says in `traceparent`.
    public init(
        store: any OutboundStore, events: any EventStore, secrets: any HookSecrets, signer: any HookSigner,
        transport: any HookTransport, options: Options = Options(), clock: any WallClock, ids: any IDGenerator,
        log: Log, onDisabled: @escaping OnDisabled = { _, _, _ in }, onOutcome: @escaping OnOutcome = { _ in },
        traceOfRun: @escaping TraceOfRun = { _, _ in nil }
    ) {
        self.store = store
        feeder = HookFeeder(store: store, events: events, ids: ids, clock: clock, log: log)
        self.secrets = secrets
        self.signer = signer
        self.transport = transport
        self.options = options
        self.clock = clock
        self.log = log
        self.onDisabled = onDisabled
        self.onOutcome = onOutcome
        self.traceOfRun = traceOfRun
    }

    /// Something has happened in an organisation. Returns at once.
    public func note(_ organization: OrganizationID) {
        if state.withLock({ $0.known.contains(organization) }) { bell.ring() }
    }

    /// Looks at once: something is due.
    public func wake() { bell.ring() }

    /// Works until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [bell, options] in
                while (try? await Task.sleep(for: options.interval * Double.random(in: 0.8...1.2))) != nil {
                    bell.ring()
                }
            }
            bell.ring()
            // Ends when what is on its way has ended.
            await withDiscardingTaskGroup { deliveries in
                for await _ in bell.rings {
                    if isStopping.load(ordering: .relaxed) { break }
                    await look { claim in deliveries.addTask { [self] in await carry(claim) } }
                    guard (try? await Task.sleep(for: Self.rest)) != nil else { break }
                }
            }
            group.cancelAll()
        }
    }

    /// Takes nothing more; what is on its way is ended.
    public func shutDown() {
        isStopping.store(true, ordering: .relaxed)
        bell.close()
    }

    private func look(_ start: (OutboundClaim) -> Void) async {
        do {
            if try await feed() { bell.ring() }
            for claim in try await claim() { start(claim) }
        } catch is CancellationError {
        } catch {
            log.warning("hooks were not looked at; a later look tries again", ["error": String(reflecting: error)])
        }
    }

    private func feed() async throws -> Bool {
        let round = try await feeder.feedOnce()
        state.withLock { $0.known.formUnion(round.organizations) }
        return round.isBehind
    }

    /// Takes what is due, as far as there are places.
    private func claim() async throws -> [OutboundClaim] {
        let (free, freeForFailing, place) = state.withLock {
            (options.width - $0.busy, options.width / 2 - $0.busyFailing, $0.place)
        }
        guard free > 0 else { return [] }
        let claims = try await store.claim(
            OutboundWish(limit: free, failing: max(0, freeForFailing), lease: options.lease, after: place))
        state.withLock { state in
            if let last = claims.last { state.place = (last.organization, last.hook) }
            state.busy += claims.count
            state.busyFailing += claims.filter(\.isFailing).count
        }
        return claims
    }

    /// Follows the logs once, and delivers what is due until nothing is. Returns how many attempts that were.
    @discardableResult
    public func runOnce() async throws -> Int {
        while try await feed() {}
        var count = 0
        while true {
            let claims = try await claim()
            if claims.isEmpty { return count }
            count += claims.count
            await withDiscardingTaskGroup { group in
                for claim in claims { group.addTask { [self] in await carry(claim) } }
            }
        }
    }

    // MARK: One delivery

    private func carry(_ claim: OutboundClaim) async {
        await deliver(claim)
        state.withLock { state in
            state.busy -= 1
            if claim.isFailing { state.busyFailing -= 1 }
        }
        // Its place is free, and what waited for it may go.
        bell.ring()
    }

    private func deliver(_ claim: OutboundClaim) async {
        let scope = OrganizationScope(claim.organization)
        do {
            guard let parcel = try await store.parcel(for: claim) else {
                let lost = OutboundOutcome(.failed, reason: "The event is not in the log any more.")
                _ = try await store.record(
                    lost, of: claim, failureLimit: .seconds(Int64.max / 1_000_000), at: clock.now())
                onOutcome(lost.step)
                return
            }
            let outcome = await attempt(parcel, claim, in: scope)
            FaultPoint.afterHook.pass()
            // What became of it is written also where the process stops.
            let reason = try await withoutCancellation { [self] in
                try await store.record(outcome, of: claim, failureLimit: options.failureLimit, at: clock.now())
            }
            onOutcome(outcome.step)
            if let reason {
                log.warning("a hook was disabled", ["hook": claim.hook.description, "reason": reason])
                await onDisabled(parcel.hook, reason, scope)
            }
        } catch is LeaseLost {
            log.debug("a delivery was somebody else's when it ended", ["delivery": claim.id.description])
        } catch {
            // Its lease will end, and then it is sent again under the same id.
            log.warning(
                "what became of a delivery was not written",
                ["delivery": claim.id.description, "error": String(reflecting: error)])
        }
    }

    private func attempt(
        _ parcel: OutboundParcel, _ claim: OutboundClaim, in scope: OrganizationScope
    ) async -> OutboundOutcome {
        let (start, clock) = (self.clock.now(), ContinuousClock())
        let began = clock.now
        let answer = await send(parcel, at: start, in: scope)
        return OutboundRetry.outcome(
            of: answer, attempt: claim.attempt, at: start, took: clock.now - began, draw: Double.random(in: 0..<1))
    }

    private func send(_ parcel: OutboundParcel, at now: Date, in scope: OrganizationScope) async -> HookAnswer {
        guard let target = parcel.hook.settings.target else { return .interrupted("The hook sends nothing.") }
        let id = parcel.delivery.id.description
        let timestamp = Int(now.timeIntervalSince1970)
        do {
            // Another process may have made the hook a moment ago: its secret comes within seconds.
            let known = try secrets.secrets(of: parcel.hook.id, in: scope)
            guard !known.isEmpty else { return .interrupted("The secret is not known here yet.") }
            let signature = try signer.signature(id: id, timestamp: timestamp, body: parcel.body, secrets: known)
            var headers = [
                (name: "Content-Type", value: "application/json"), (name: "User-Agent", value: "Spotter"),
                (name: "webhook-id", value: id), (name: "webhook-timestamp", value: "\(timestamp)"),
                (name: "webhook-signature", value: signature),
            ]
            if let run = Self.run(in: parcel.body), let parent = await traceOfRun(run, scope) {
                headers += parent.headers
            }
            FaultPoint.beforeHook.pass()
            return await transport.send(
                HookCall(
                    url: target.url, headers: headers, body: parcel.body, partition: parcel.hook.id.description))
        } catch {
            log.warning("a delivery could not be signed", ["hook": "\(parcel.hook.id)", "error": "\(error)"])
            return .interrupted("The secret cannot be used.")
        }
    }

    /// The run that a message is about, if it is about one.
    private static func run(in body: [UInt8]) -> ExecutionID? {
        (try? JSONParser.parse(body))?["execution_id"]?.string.flatMap { ExecutionID($0) }
    }
}
