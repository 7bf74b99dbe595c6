public import ServiceKit
public import SpotterDomain
public import SpotterEngine
import Synchronization

/// Starts what triggers say when events happen, once for each event and trigger.
///
/// It looks when this process has committed something in an organisation with triggers, and every second or so. Each
/// trigger has its own place in the log, which moves in the transaction that starts what it starts: of several
/// processes that look at once one succeeds, and after a kill the look begins where the last one ended. In a round each
/// organisation's triggers have a bounded turn, so that none waits for another's flood.
public final class TriggerDispatcher: Service {
    /// The name in logs.
    public let serviceName = "triggers"
    private let store: any TriggerStore
    private let look: TriggerLook
    private let clock: any WallClock
    private let log: Log
    private let interval: Duration
    private let onStart: @Sendable (OrganizationScope) -> Void
    private let onEvents: @Sendable (OrganizationScope) -> Void
    /// Organisations that have triggers, as far as it has come across them.
    private let known = Mutex<Set<OrganizationID>>([])
    private let rings: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    /// How many triggers of an organisation have their turn in a round.
    private static let turns = 20
    /// Between two looks, however much happens.
    private static let rest = Duration.milliseconds(50)

    /// - Parameters:
    ///   - interval: between two looks where nothing is heard.
    ///   - onStart: told of every organisation in which something was started.
    ///   - onEvents: told of those in which something was told of triggers alone.
    public init(
        store: any TriggerStore, events: any EventStore, executions: any ExecutionStore,
        receipts: any ReceiptStore, workflows: WorkflowService, plans: PlanService, tasks: TaskService,
        clock: any WallClock, log: Log, interval: Duration = .seconds(1),
        onStart: @escaping @Sendable (OrganizationScope) -> Void = { _ in },
        onEvents: @escaping @Sendable (OrganizationScope) -> Void = { _ in }
    ) {
        self.store = store
        look = TriggerLook(
            events: events, executions: executions, receipts: receipts, workflows: workflows, plans: plans,
            tasks: tasks)
        self.clock = clock
        self.log = log
        self.interval = interval
        self.onStart = onStart
        self.onEvents = onEvents
        (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// Something has happened in an organisation. Returns at once.
    public func note(_ organization: OrganizationID) {
        if known.withLock({ $0.contains(organization) }) { bell.yield() }
    }

    /// Looks until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                while (try? await Task.sleep(for: interval * Double.random(in: 0.8...1.2))) != nil { bell.yield() }
            }
            group.addTask { [self] in await keepLooking() }
            group.addTask { [stopped] in for await _ in stopped {} }
            // A stop, or the cancellation of all, ends the others.
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the looking after the trigger whose turn it is.
    public func shutDown() { stop.finish() }

    private func keepLooking() async {
        for await _ in rings {
            do {
                while try await lookOnce().isBehind { try Task.checkCancellation() }
            } catch  where !(error is CancellationError) {
                log.warning("events were not looked at for triggers", ["error": String(reflecting: error)])
            } catch {}
            guard (try? await Task.sleep(for: Self.rest)) != nil else { return }
        }
    }

    /// What came of a round.
    public struct Round: Sendable, Hashable {
        /// Runs that were started.
        public var started = 0
        /// Whether there is more to look at already.
        public var isBehind = false
    }

    /// One round over all organisations in which something has happened.
    ///
    /// - Throws: when it could not be asked which those are; an organisation that fails is logged, and looked at again in
    ///   the next round.
    @discardableResult
    public func lookOnce() async throws -> Round {
        let organizations = try await store.organizationsWithNews()
        known.withLock { $0.formUnion(organizations) }
        var round = Round()
        // Processes that look at once begin with different ones.
        for organization in organizations.shuffled() {
            let scope = OrganizationScope(organization)
            let triggers = try await attempt(organization) {
                try await self.store.behind(limit: Self.turns, in: scope)
            }
            for trigger in triggers ?? [] {
                try Task.checkCancellation()
                guard let outcome = try await attempt(organization, { try await self.turn(of: trigger, in: scope) })
                else { continue }
                round.started += outcome.started
                round.isBehind = round.isBehind || outcome.isBehind
            }
        }
        return round
    }

    private func turn(of trigger: Trigger, in scope: OrganizationScope) async throws -> Round {
        let now = clock.now()
        let (pass, hasMore) = try await look.pass(of: trigger, at: now, in: scope)
        guard try await store.advance(pass, at: now, in: scope) else { return Round() }
        let started = pass.events.count { $0.type == EventType.triggerFired.rawValue }
        if started > 0 { onStart(scope) } else if !pass.events.isEmpty { onEvents(scope) }
        return Round(started: started, isBehind: hasMore)
    }

    /// A failure is noted; only a stop goes through.
    private func attempt<Value: Sendable>(
        _ organization: OrganizationID, _ work: @Sendable () async throws -> Value
    ) async throws -> Value? {
        do {
            return try await work()
        } catch let error as CancellationError {
            throw error
        } catch {
            log.warning(
                "a trigger's events could not be looked at; the next round tries again",
                ["organization": organization.description, "error": String(reflecting: error)])
            return nil
        }
    }
}
