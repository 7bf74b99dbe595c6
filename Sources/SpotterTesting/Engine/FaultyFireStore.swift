public import Foundation
public import SpotterDomain
public import Synchronization

/// Fires as another store does, and fails where a test wants it to: as if the database were away, or the process were
/// killed before or after its transaction.
public final class FaultyFireStore: FireStore {
    /// Where it fails.
    public enum Point: Sendable, Equatable {
        /// Every look.
        case look
        /// A fire, before anything was written.
        case beforeFire
        /// A fire, after everything was.
        case afterFire
    }

    /// Where it fails now; nil for nowhere.
    public let failing = Mutex<Point?>(nil)
    /// In which organisation alone fires fail; nil for all.
    public let onlyIn = Mutex<OrganizationID?>(nil)
    private let store: any FireStore

    /// Passes everything on to `store`.
    public init(_ store: any FireStore) { self.store = store }

    private func fail(at point: Point, in scope: OrganizationScope? = nil) throws {
        let isHere = onlyIn.withLock { $0.map { $0 == scope?.organization } ?? true }
        guard isHere, failing.withLock({ $0 == point }) else { return }
        throw SpotterError(.unavailable, "The database is away.")
    }

    /// As the other store does.
    public func look(_ bounds: LookBounds, by worker: WorkerID?) async throws -> ScheduleLook {
        try fail(at: .look)
        return try await store.look(bounds, by: worker)
    }

    /// As the other store does.
    public func due(limit: Int, in scope: OrganizationScope) async throws -> [WorkItemID] {
        try await store.due(limit: limit, in: scope)
    }

    /// As the other store does.
    public func fire(
        _ tasks: [WorkItemID], in scope: OrganizationScope,
        plan: @escaping @Sendable (_ task: DueTask, _ agents: [Agent], _ now: Date) throws -> FirePlan
    ) async throws -> FireReport {
        try fail(at: .beforeFire, in: scope)
        let report = try await store.fire(tasks, in: scope, plan: plan)
        try fail(at: .afterFire, in: scope)
        return report
    }

    /// As the other store does.
    public func fires(
        of task: WorkItemID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<ScheduleFire> {
        try await store.fires(of: task, page, in: scope)
    }

    /// As the other store does.
    public func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
        try await store.forget(before: date, limit: limit, in: scope)
    }

    /// As the other store does.
    public func status(coming: Int, in scope: OrganizationScope) async throws -> SchedulerStatus {
        try await store.status(coming: coming, in: scope)
    }

    /// As the other store does.
    public func setState(_ state: SchedulerState, at now: Date, in scope: OrganizationScope) async throws {
        try await store.setState(state, at: now, in: scope)
    }
}
