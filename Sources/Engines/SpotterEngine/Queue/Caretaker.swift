public import ServiceKit
public import SpotterDomain

/// What keeps the queue going beside the work itself; every process does it, and none needs to be the one.
///
/// - Every quarter of a second: what is due becomes ready.
/// - Every second: what somebody asked of this process's runs is passed on to them.
/// - Every two seconds: what a dead process held is put back, or given up.
/// - Every fifteen seconds: what was begun by a run that has ended, and was not ended with it, is cancelled.
public final class Caretaker: Service {
    /// The name in logs.
    public let serviceName = "caretaker"
    private let queue: any WorkQueue
    private let store: any ExecutionStore
    private let pool: WorkerPool
    private let heart: Heart
    private let control: ExecutionControl
    private let signals: Signals
    private let bus: EventBus
    private let clock: any WallClock
    private let log: Log
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - control: cancels what those had begun that were given up.
    ///   - signals: to those who take work, and from those who ask something of it.
    public init(
        queue: any WorkQueue, store: any ExecutionStore, pool: WorkerPool, heart: Heart, control: ExecutionControl,
        signals: Signals, bus: EventBus, clock: any WallClock, log: Log
    ) {
        self.control = control
        self.queue = queue
        self.store = store
        self.pool = pool
        self.heart = heart
        self.signals = signals
        self.bus = bus
        self.clock = clock
        self.log = log
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// Looks after the queue until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await every(.milliseconds(250), "wake") { try await wakeOnce() } }
            group.addTask { [self] in await every(.seconds(1), "requests") { try await passRequestsOnce() } }
            group.addTask { [self] in await every(.seconds(2), "rescue") { try await rescueOnce() } }
            group.addTask { [self] in await every(.seconds(15), "orphans") { try await endOrphansOnce() } }
            group.addTask { [self] in
                for await _ in signals.subscribe(to: .control, onlyFromOthers: true) {
                    await attempt("requests") { try await passRequestsOnce() }
                }
            }
            group.addTask { [stopped] in for await _ in stopped {} }
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the rounds.
    public func shutDown() { stop.finish() }

    /// Makes ready what is due; a round that `run()` makes by itself.
    public func wakeOnce() async throws {
        let woken = try await queue.wakeDue()
        if woken.ready > 0 { signals.send(.work) }
        for organization in woken.toJudge {
            await attempt("judging") { try await judge(in: OrganizationScope(organization)) }
        }
    }

    private func judge(in scope: OrganizationScope) async throws {
        while try await queue.judgeDue(limit: Self.batch, at: clock.now(), in: scope) > 0 {
            bus.wake(scope.organization)
            signals.send(.work)
        }
    }

    /// Passes on what was asked of runs of this process; a round that `run()` makes by itself.
    public func passRequestsOnce() async throws {
        guard pool.running > 0, let worker = heart.worker else { return }
        for name in try await queue.requested(of: worker) {
            let execution = try await store.execution(name.execution, in: OrganizationScope(name.organization))
            if let request = execution.requested { pool.pass(request, to: execution.id) }
        }
    }

    /// Puts back what dead processes held; a round that `run()` makes by itself.
    public func rescueOnce() async throws {
        for organization in try await queue.organizationsToRescue() {
            // One organisation's trouble is not another's.
            await attempt("rescue") { try await rescue(in: OrganizationScope(organization)) }
        }
    }

    private func rescue(in scope: OrganizationScope) async throws {
        var rescued = 0
        repeat {
            let rescue = try await queue.rescue(limit: Self.batch, at: clock.now(), in: scope)
            rescued = rescue.requeued.count + rescue.dead.count + rescue.cancelled.count
            guard rescued > 0 else { return }
            log.warning(
                "executions rescued",
                [
                    "organization": "\(scope.organization)", "requeued": "\(rescue.requeued.count)",
                    "given_up": "\(rescue.dead.count)",
                ])
            bus.wake(scope.organization)
            signals.send(.work)
            for id in rescue.dead + rescue.cancelled {
                await attempt("cancelling children") { try await control.cancelChildren(of: id, in: scope) }
            }
        } while rescued == Self.batch
    }

    /// Ends what nobody waits for any more because whoever began it has ended: its process died before it could tell.
    /// A round that `run()` makes by itself.
    public func endOrphansOnce() async throws {
        var last: Claim.Name?
        repeat {
            let orphans = try await queue.orphans(limit: Self.batch, after: last)
            for orphan in orphans {
                await attempt("cancelling an orphan") {
                    try await control.cancelOrphan(orphan.execution, in: OrganizationScope(orphan.organization))
                }
            }
            if !orphans.isEmpty { log.warning("executions without a parent cancelled", ["count": "\(orphans.count)"]) }
            last = orphans.count < Self.batch ? nil : orphans.last
        } while last != nil
    }

    private static let batch = 500

    private func every(_ interval: Duration, _ name: String, _ work: () async throws -> Void) async {
        while !Task.isCancelled {
            await attempt(name, work)
            try? await Task.sleep(for: interval * Double.random(in: 0.7...1))
        }
    }

    private func attempt(_ name: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            if !Task.isCancelled { log.warning("\(name) failed", ["error": "\(error)"]) }
        }
    }
}
