public import SpotterDomain
import Synchronization

/// Writes the records of many runs together: while one transaction of an organisation is under way, what comes meanwhile
/// waits and then goes into the next one. A single record is written at once.
public final class RecordWriter: Sendable {
    private typealias Waiting = CheckedContinuation<Turn, Never>

    /// What somebody who waits is told.
    private enum Turn {
        /// It is written, or never will be.
        case done(Result<RecordAnswer, any Error>)
        /// It is their turn to write for everybody.
        case lead
    }

    private struct Lane {
        var entries: [(record: PendingRecord, waiting: Waiting)] = []
    }

    private let store: any ExecutionStore
    private let bus: EventBus
    private let clock: any WallClock
    private let onWork: @Sendable () -> Void
    private let executor: @Sendable () -> (any TaskExecutor)?
    /// The organisations for which somebody is writing, with those who wait.
    private let lanes = Mutex<[OrganizationID: Lane]>([:])
    /// What is written at once at most.
    private static let largestBatch = 200
    /// Those who wait until their record is written.
    private let waiting = Atomic<Int>(0)
    /// From how many on new work would only wait in memory instead of in the queue: what the transaction under way and
    /// the next one can take.
    private static let backlog = 2 * largestBatch
    private let reliefAction = Mutex<(@Sendable () -> Void)?>(nil)
    private let observer = Mutex<(@Sendable ([ExecutionRecord], OrganizationScope) -> Void)?>(nil)

    /// A writer into `store` that wakes the readers on `bus`.
    ///
    /// - Parameters:
    ///   - executor: where the next write prefers to run.
    ///   - onWork: called when something of what was written may be taken up now.
    public init(
        store: any ExecutionStore, bus: EventBus, clock: any WallClock,
        executor: @escaping @Sendable () -> (any TaskExecutor)? = { nil },
        onWork: @escaping @Sendable () -> Void = {}
    ) {
        self.executor = executor
        self.store = store
        self.bus = bus
        self.clock = clock
        self.onWork = onWork
    }

    /// Tells readers of events that somebody else has written here, in one transaction.
    func announce(_ events: [Event], in scope: OrganizationScope) {
        bus.wake(scope.organization, with: events)
    }

    /// Whether so much is to be written that it is no time to begin new work.
    var isBehind: Bool { waiting.load(ordering: .sequentiallyConsistent) >= Self.backlog }

    /// Called each time when it is not behind any more.
    func onRelief(_ action: @escaping @Sendable () -> Void) { reliefAction.withLock { $0 = action } }

    /// Has `action` told of what was written, after it was. It must not wait.
    func observe(_ action: @escaping @Sendable ([ExecutionRecord], OrganizationScope) -> Void) {
        observer.withLock { $0 = action }
    }

    /// How many of an organisation's records wait for the transaction under way.
    func waiting(in scope: OrganizationScope) -> Int {
        lanes.withLock { $0[scope.organization]?.entries.count ?? 0 }
    }

    /// Returns when the record is written, with what there is to say to it. Cancelling the task does not
    /// break off the write: what is recorded has happened, and others' records may be in the same transaction.
    ///
    /// - Throws: `LeaseLost`, or the store's error.
    func write(_ record: PendingRecord, in scope: OrganizationScope) async throws -> RecordAnswer {
        FaultPoint.beforeRecord.pass()
        waiting.add(1, ordering: .sequentiallyConsistent)
        defer {
            let left = waiting.subtract(1, ordering: .sequentiallyConsistent).newValue
            if left == Self.backlog - 1 { reliefAction.withLock(\.self)?() }
        }
        let isLeader = lanes.withLock { lanes in
            if lanes[scope.organization] != nil { return false }
            lanes[scope.organization] = Lane()
            return true
        }
        guard !isLeader else { return try await lead(with: record, in: scope) }
        let turn = await withCheckedContinuation { (waiting: Waiting) in
            let isAlone = lanes.withLock { lanes in
                guard lanes[scope.organization] != nil else {
                    lanes[scope.organization] = Lane()
                    return true
                }
                lanes[scope.organization]?.entries.append((record, waiting))
                return false
            }
            // The leader left between the two looks.
            if isAlone { waiting.resume(returning: .lead) }
        }
        switch turn {
        case .done(let result): return try result.get()
        case .lead: return try await lead(with: record, in: scope)
        }
    }

    /// Writes this record and what waits with it, then hands the lead to the next in line.
    ///
    /// Unstructured, so that the cancellation of one run reaches nobody's record, and so that a run that led does not
    /// keep the memory that this took.
    private func lead(with own: PendingRecord, in scope: OrganizationScope) async throws -> RecordAnswer {
        try await Task(executorPreference: executor()) { await self.writeBatch(from: own, in: scope) }.value.get()
    }

    private func writeBatch(
        from own: PendingRecord, in scope: OrganizationScope
    ) async -> Result<RecordAnswer, any Error> {
        let others = lanes.withLock { lanes in
            let batch = lanes[scope.organization]?.entries.prefix(Self.largestBatch - 1) ?? []
            lanes[scope.organization]?.entries.removeFirst(batch.count)
            return Array(batch)
        }
        let results = await write([own.record] + others.map(\.record.record), in: scope)
        for (entry, result) in zip(others, results.dropFirst()) { entry.waiting.resume(returning: .done(result)) }
        let heir: Waiting? = lanes.withLock { lanes in
            if lanes[scope.organization]?.entries.isEmpty ?? true {
                lanes[scope.organization] = nil
                return nil
            }
            return lanes[scope.organization]?.entries.removeFirst().waiting
        }
        heir?.resume(returning: .lead)
        return results[0]
    }

    private func write(
        _ records: [ExecutionRecord], in scope: OrganizationScope
    ) async -> [Result<RecordAnswer, any Error>] {
        do {
            let report = try await store.record(records, at: clock.now(), in: scope)
            FaultPoint.afterRecord.pass()
            bus.wake(scope.organization, with: report.events)
            observer.withLock(\.self)?(records, scope)
            // An end may also let runs of other tasks go on.
            let released = report.events.contains { $0.type == EventType.executionQueued.rawValue }
            if released || !report.released.isEmpty || records.contains(where: \.makesWork) { onWork() }
            return records.map { .success(RecordAnswer(to: $0, report)) }
        } catch  where records.count > 1 && !error.isOutage {
            // One that was lost must not take the others with it: each on its own.
            return await writeEach(records, in: scope)
        } catch {
            return records.map { _ in .failure(error) }
        }
    }

    private func writeEach(
        _ records: [ExecutionRecord], in scope: OrganizationScope
    ) async -> [Result<RecordAnswer, any Error>] {
        var results: [Result<RecordAnswer, any Error>] = []
        for record in records {
            let result = await write([record], in: scope)
            results += result
            // The others would wait for the same database, one after another.
            if case .failure(let error)? = result.first, error.isOutage {
                results += records[results.count...].map { _ in .failure(error) }
                break
            }
        }
        return results
    }
}

/// A record on its way to the store.
///
/// A class, because everybody who waits for it keeps room for it, and afterwards for as long as they wait for anything.
final class PendingRecord: Sendable {
    let record: ExecutionRecord

    init(_ record: ExecutionRecord) { self.record = record }
}

/// What somebody who has written a record is told.
struct RecordAnswer: Sendable {
    /// What somebody asked of the execution; nil if nobody did, or it does not run any more.
    let requested: ControlRequest?
    /// What the budgets say to the record's reservations.
    let verdicts: [LedgerLine.Call: ReservationVerdict]
    /// Whether a budget has a say in what was spent or set aside, by this record or another that was written with it.
    let isBudgeted: Bool

    init(to record: ExecutionRecord, _ report: RecordReport) {
        requested = report.requested[record.execution.id]
        let calls = Set(record.reservations.map(\.call))
        isBudgeted = report.isBudgeted
        verdicts = calls.isEmpty ? [:] : report.verdicts.filter { calls.contains($0.key) }
    }
}

extension Error {
    /// Whether the store could not be reached, or did not say what became of it.
    var isOutage: Bool { (self as? SpotterError)?.code == .unavailable }
}

extension ExecutionRecord {
    /// Whether something became ready: children, what was handed back, those that waited for this one.
    fileprivate var makesWork: Bool {
        !children.isEmpty || execution.state == .queued
            || (execution.state.isTerminal && (execution.parentId != nil || execution.taskId != nil))
    }
}
