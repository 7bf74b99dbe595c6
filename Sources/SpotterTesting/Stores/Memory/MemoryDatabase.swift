import Foundation
import SpotterDomain
import Synchronization

/// What the memory stores share: every organisation's records behind one lock.
///
/// Each organisation's records are a value of their own, and a store reaches only those of its scope: another
/// organisation's cannot be found by construction. Nothing is ever forgotten, so it is for tests and demonstrations.
final class MemoryDatabase: Sendable {
    /// Everything there is.
    struct State: Sendable {
        var organizations: [OrganizationID: OrganizationRecords] = [:]
        /// Versions of prices and markups.
        var prices: [String: ModelPrice] = [:]
        var markups: [String: Markup] = [:]
        /// Until when each worker is thought alive.
        var workers: [WorkerID: Date] = [:]

        /// When each worker last looked for schedules that are due.
        var looks: [WorkerID: Date] = [:]

        /// How often secrets were changed, of all organisations.
        var secretChanges: Int64 = 0

        func isAlive(_ worker: WorkerID, at now: Date) -> Bool { workers[worker].map { $0 > now } ?? false }
    }

    let clock: any WallClock
    private let state = Mutex(State())

    init(clock: any WallClock) { self.clock = clock }

    /// Reads the organisation's records; an organisation that does not exist has none.
    func read<Result>(
        _ scope: OrganizationScope, _ body: (OrganizationRecords) throws -> Result
    ) rethrows -> Result {
        let records = state.withLock { $0.organizations[scope.organization] } ?? OrganizationRecords()
        return try body(records)
    }

    /// Changes the organisation's records; when `body` throws, nothing was changed.
    ///
    /// - Throws: what `body` throws, or `notFound` when the organisation does not exist.
    func write<Result: Sendable>(
        _ scope: OrganizationScope, _ body: (inout OrganizationRecords) throws -> Result
    ) throws -> Result {
        try everything { state in
            guard var records = state.organizations[scope.organization] else {
                throw SpotterError.notFound("organization")
            }
            let result = try body(&records)
            state.organizations[scope.organization] = records
            return result
        }
    }

    /// Works on all organisations at once: for the operators' questions.
    func directory<Result: Sendable>(
        _ body: (inout [OrganizationID: OrganizationRecords]) throws -> Result
    ) rethrows -> Result {
        try everything { try body(&$0.organizations) }
    }

    /// Works on all there is: for the queue, which crosses organisations.
    func everything<Result: Sendable>(_ body: (inout State) throws -> Result) rethrows -> Result {
        try state.withLock { try body(&$0) }
    }
}
