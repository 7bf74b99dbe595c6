public import Foundation
public import SpotterDomain
import Synchronization

/// A store of executions that fails where a test says.
///
/// Like a database it does nothing for a task that is cancelled. Its writes (`begin`, `enqueue`, `record`, `change`) are
/// counted from 1.
public final class FaultyExecutionStore: ExecutionStore {
    /// What goes wrong.
    public enum Fault: Sendable, Hashable {
        /// It is not reached.
        case outage
        /// It has written, but nobody hears of it.
        case outcomeUnknown
        /// It says that the execution is somebody else's.
        case leaseLost
        /// It fails in a way that nobody has foreseen.
        case broken
        /// The process dies before the write.
        case deathBefore
        /// The process dies after the write.
        case deathAfter

        /// The place of the fault, for the names of tests.
        fileprivate var isBefore: Bool { self != .outcomeUnknown && self != .deathAfter }
    }

    /// Something that nobody has foreseen.
    public struct Broken: Error {
        /// It tells no more than that.
        public init() {}
    }

    private struct State {
        var faults: [Int: Fault] = [:]
        var writes = 0
        var batches: [Int] = []
        var isDead = false
        var failingReads: [any Error] = []
    }

    private let store: any ExecutionStore
    private let state = Mutex(State())
    private let gate: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - faults: by the number of the write.
    ///   - gate: waited for before each write.
    public init(
        _ store: any ExecutionStore, faults: [Int: Fault] = [:],
        gate: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.store = store
        self.gate = gate
        state.withLock { $0.faults = faults }
    }

    /// Writes that were tried.
    public var writes: Int { state.withLock(\.writes) }
    /// How many records were in each `record`, in order.
    public var batches: [Int] { state.withLock(\.batches) }

    /// From now on nothing reaches the store: the process is gone.
    public func die() { state.withLock { $0.isDead = true } }

    /// Makes the write after the next `count - 1` fail.
    public func fail(_ fault: Fault, inWrites count: Int = 1) {
        state.withLock { $0.faults[$0.writes + count] = fault }
    }

    /// Makes the next reads fail, one with each.
    public func failReads(_ errors: [any Error]) { state.withLock { $0.failingReads += errors } }

    private func write<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        let number = state.withLock { state in
            state.writes += 1
            return state.writes
        }
        await gate(number)
        try Task.checkCancellation()
        let fault = try state.withLock { state in
            // Whatever a dead process does is never heard of.
            if state.isDead { throw LeaseLost() }
            return state.faults[number]
        }
        if let fault, fault.isBefore { throw error(of: fault) }
        let result = try await work()
        if let fault { throw error(of: fault) }
        return result
    }

    private func error(of fault: Fault) -> any Error {
        switch fault {
        case .outage, .outcomeUnknown: return SpotterError(.unavailable, "The database does not answer.")
        case .broken: return Broken()
        case .leaseLost: return LeaseLost()
        case .deathBefore, .deathAfter:
            die()
            return LeaseLost()
        }
    }

    private func read() throws {
        try Task.checkCancellation()
        try state.withLock { state in
            if state.isDead { throw LeaseLost() }
            if !state.failingReads.isEmpty { throw state.failingReads.removeFirst() }
        }
    }

    // MARK: ExecutionStore

    /// As the store, or as a test says.
    public func begin(
        _ opening: TurnOpening, worker: WorkerID, in scope: OrganizationScope
    ) async throws -> TurnStart {
        try await write { try await store.begin(opening, worker: worker, in: scope) }
    }

    /// As the store, or as a test says.
    public func enqueue(
        _ executions: [Execution], receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> [ExecutionID] {
        try await write { try await store.enqueue(executions, receipt: receipt, in: scope) }
    }

    /// As the store, or as a test says.
    public func record(
        _ records: [ExecutionRecord], at now: Date, in scope: OrganizationScope
    ) async throws -> RecordReport {
        state.withLock { $0.batches.append(records.count) }
        return try await write { try await store.record(records, at: now, in: scope) }
    }

    /// As the store, or as a test says.
    public func change(
        _ id: ExecutionID, at now: Date, receipt: ExecutionReceipt?, in scope: OrganizationScope,
        _ decide: @escaping @Sendable (Journal) throws -> ExecutionChange?
    ) async throws -> Execution {
        try await write { try await store.change(id, at: now, receipt: receipt, in: scope, decide) }
    }

    /// As the store, or as a test says.
    public func execution(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Execution {
        try read()
        return try await store.execution(id, in: scope)
    }

    /// As the store, or as a test says.
    public func journal(of id: ExecutionID, in scope: OrganizationScope) async throws -> Journal {
        try read()
        return try await store.journal(of: id, in: scope)
    }

    /// As the store, or as a test says.
    public func journals(of ids: [ExecutionID], in scope: OrganizationScope) async throws -> [Journal] {
        try read()
        return try await store.journals(of: ids, in: scope)
    }

    /// As the store, or as a test says.
    public func ended(of ids: [ExecutionID], in scope: OrganizationScope) async throws -> [Execution] {
        try read()
        return try await store.ended(of: ids, in: scope)
    }

    /// As the store, or as a test says.
    public func list(
        _ filter: ExecutionFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Execution> {
        try read()
        return try await store.list(filter, page, in: scope)
    }
}
