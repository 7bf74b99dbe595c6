import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Clears away what has had its time:
/// - receipts of requests with an `Idempotency-Key`, a day after the request, are forgotten;
/// - messages that came to hooks are forgotten after 80 hours, and those that were sent after seven days, unless the
///   organisation wants them kept for longer;
/// - what became of schedules' slots is forgotten after three months;
/// - conversations, executions, events and messages are forgotten that are older than the organisation wants them kept;
/// - executions that have ended go to the history when their `Retention` is over;
/// - calls that were reserved by processes long gone, and that nobody will hear of again, are put on the bill;
/// - sessions of agents of which nothing was heard for long are ended;
/// - processes that have been dead for a day and hold nothing are forgotten.
///
/// It looks every hour, give or take a tenth, and a few minutes after the start; each process does so for itself, and
/// those that meet do no harm. It goes round the organisations one batch each, so that none waits for another's
/// hundred thousand, and an organisation that fails is tried again the next hour.
public final class Housekeeping: Service {
    /// The name in logs.
    public let serviceName = "housekeeping"
    private let organizations: any OrganizationStore
    private let receipts: any ReceiptStore
    private let history: any ExecutionHistory
    private let budgets: any BudgetStore
    private let queue: any WorkQueue
    private let fires: any FireStore
    private let hooks: (any HookStore)?
    private let outbound: (any OutboundStore)?
    private let sessions: any AgentSessionStore
    private let past: (any RetentionStore)?
    private let retention: Retention
    private let clock: any WallClock
    private let log: Log
    private let batches: Batches
    private let interval: Duration
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    /// How much goes in one transaction.
    public struct Batches: Sendable {
        /// Receipts, and slots of schedules.
        public let receipts: Int
        /// Executions, each with its journal.
        public let executions: Int

        /// Sizes that keep a transaction short.
        public init(receipts: Int = 1_000, executions: Int = 500) {
            self.receipts = receipts
            self.executions = executions
        }
    }

    /// - Parameters:
    ///   - retention: how long executions that have ended stay where the queue works.
    ///   - hooks: whose deliveries are forgotten; with nil, nobody's.
    ///   - outbound: has what was sent.
    ///   - past: knows for how long organisations keep what they have; with nil, for good.
    ///   - interval: between two rounds.
    public init(
        organizations: any OrganizationStore, receipts: any ReceiptStore, history: any ExecutionHistory,
        budgets: any BudgetStore, queue: any WorkQueue, fires: any FireStore, hooks: (any HookStore)? = nil,
        outbound: (any OutboundStore)? = nil,
        sessions: any AgentSessionStore, past: (any RetentionStore)? = nil,
        retention: Retention = .standard,
        clock: any WallClock, log: Log,
        batches: Batches = Batches(), interval: Duration = .seconds(3_600)
    ) {
        self.organizations = organizations
        self.receipts = receipts
        self.history = history
        self.budgets = budgets
        self.queue = queue
        self.fires = fires
        self.hooks = hooks
        self.outbound = outbound
        self.sessions = sessions
        self.past = past
        self.retention = retention
        self.clock = clock
        self.log = log
        self.batches = batches
        self.interval = interval
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// Works until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await keepHouse() }
            group.addTask { [stopped] in for await _ in stopped {} }
            // A stop, or the cancellation of both, ends the other.
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the work after the batch that is under way.
    public func shutDown() { stop.finish() }

    private func keepHouse() async {
        // Processes that were started together do not all come at once.
        var pause = interval * Double.random(in: 0.01...0.1)
        while (try? await Task.sleep(for: pause)) != nil {
            do {
                let cleared = try await runOnce()
                if cleared != Cleared() {
                    log.info(
                        "cleared away what is old",
                        [
                            "receipts": "\(cleared.receipts)", "executions": "\(cleared.executions)",
                            "fires": "\(cleared.fires)", "past": "\(cleared.past)",
                            "deliveries": "\(cleared.deliveries)",
                            "calls": "\(cleared.calls)",
                            "workers": "\(cleared.workers)", "sessions": "\(cleared.sessions)",
                        ])
                }
            } catch  where !(error is CancellationError) {
                log.warning("housekeeping failed; the next round tries again", ["error": String(reflecting: error)])
            } catch {}
            pause = interval * Double.random(in: 0.9...1.1)
        }
    }

    /// One round over all organisations. Returns what was cleared away.
    ///
    /// - Throws: the first failure, after everything else had its turn; `CancellationError` at once.
    @discardableResult
    public func runOnce() async throws -> Cleared {
        let now = clock.now()
        var round = Round(organizations: try await organizations.ids())
        round.cleared.receipts = try await round.go { [receipts, batches] organization in
            let count = try await receipts.forget(
                before: now - Receipt.lifetime, limit: batches.receipts, in: OrganizationScope(organization))
            return (count, hasMore: count == batches.receipts)
        }
        round.cleared.fires = try await round.go { [fires, batches] organization in
            let count = try await fires.forget(
                before: now - ScheduleFire.lifetime, limit: batches.receipts, in: OrganizationScope(organization))
            return (count, hasMore: count == batches.receipts)
        }
        try await forgetPast(&round, at: now)
        round.cleared.sessions = try await round.go { [sessions, batches] organization in
            let count = try await sessions.endIdle(
                limit: batches.receipts, at: now, in: OrganizationScope(organization))
            return (count, hasMore: count == batches.receipts)
        }
        round.cleared.calls = try await round.go { [budgets, batches] organization in
            let count = try await budgets.chargeLost(
                limit: batches.executions, at: now, in: OrganizationScope(organization))
            return (count, hasMore: count == batches.executions)
        }
        try await round.attempt { [history] _ in try await history.prepare() }
        var places: [OrganizationID: ExecutionID] = [:]
        round.cleared.executions = try await round.go { [history, retention, batches] organization in
            let batch = try await history.archive(
                retention, after: places[organization], limit: batches.executions, at: now,
                in: OrganizationScope(organization))
            places[organization] = batch.last
            return (batch.count, hasMore: batch.count == batches.executions)
        }
        try await round.attempt { [queue] cleared in cleared.workers = try await queue.forgetWorkers() }
        if let failure = round.failure { throw failure }
        return round.cleared
    }

    /// What each organisation keeps for a time of its own.
    private func forgetPast(_ round: inout Round, at now: Date) async throws {
        var wanted: [OrganizationID: TenantRetention] = [:]
        for organization in round.organizations {
            try await round.attempt { [past] _ in
                wanted[organization] = try await past?.retention(in: OrganizationScope(organization))
            }
        }
        let kept = wanted
        func times(of organization: OrganizationID) -> TenantRetention? {
            // What could not be asked for is left alone.
            past == nil ? TenantRetention() : kept[organization]
        }
        if let hooks {
            round.cleared.deliveries = try await round.go { [batches] organization in
                guard let times = times(of: organization) else { return (0, hasMore: false) }
                let count = try await hooks.forgetDeliveries(
                    before: now - times.hookDeliveries, limit: batches.receipts, in: OrganizationScope(organization))
                return (count, hasMore: count == batches.receipts)
            }
        }
        if let outbound {
            round.cleared.deliveries += try await round.go { [batches] organization in
                guard let times = times(of: organization) else { return (0, hasMore: false) }
                let count = try await outbound.forget(
                    before: now - times.sentDeliveries, limit: batches.receipts, in: OrganizationScope(organization))
                return (count, hasMore: count == batches.receipts)
            }
        }
        guard let past else { return }
        round.cleared.past = try await round.go { [batches] organization in
            guard let times = times(of: organization), times != TenantRetention() else { return (0, hasMore: false) }
            let gone = try await past.forgetPast(limit: batches.executions, in: OrganizationScope(organization))
            return (gone.total, hasMore: gone.most == batches.executions)
        }
    }
}
