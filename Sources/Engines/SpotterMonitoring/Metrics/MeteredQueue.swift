public import Foundation
import MetricsKit
public import SpotterDomain

/// A queue that tells how long taking from it took.
public struct MeteredQueue: WorkQueue {
    private let queue: any WorkQueue
    private let meters: Meters

    /// The same queue, measured.
    public init(_ queue: any WorkQueue, _ meters: Meters) {
        self.queue = queue
        self.meters = meters
    }

    /// Takes, and notes how long that took and how many there were.
    public func claim(_ wanted: Int, for worker: WorkerID, after: OrganizationID?) async throws -> [Claim] {
        let start = ContinuousClock.now
        let claims = try await queue.claim(wanted, for: worker, after: after)
        meters.claimDuration.record(start.duration(to: .now))
        if !claims.isEmpty { meters.claimed.add(claims.count) }
        return claims
    }

    /// As the queue does.
    public func register(_ worker: WorkerID, lease: Duration) async throws {
        try await queue.register(worker, lease: lease)
    }
    /// As the queue does.
    public func beat(_ worker: WorkerID, lease: Duration) async throws -> Bool {
        try await queue.beat(worker, lease: lease)
    }
    /// As the queue does.
    public func leave(_ worker: WorkerID) async throws { try await queue.leave(worker) }
    /// As the queue does.
    public func forgetWorkers() async throws -> Int { try await queue.forgetWorkers() }
    /// As the queue does.
    public func wakeDue() async throws -> Woken { try await queue.wakeDue() }
    /// As the queue does.
    public func judgeDue(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int {
        try await queue.judgeDue(limit: limit, at: now, in: scope)
    }
    /// As the queue does.
    public func organizationsToRescue() async throws -> [OrganizationID] { try await queue.organizationsToRescue() }
    /// As the queue does.
    public func rescue(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Rescue {
        try await queue.rescue(limit: limit, at: now, in: scope)
    }
    /// As the queue does.
    public func orphans(limit: Int, after: Claim.Name?) async throws -> [Claim.Name] {
        try await queue.orphans(limit: limit, after: after)
    }
    /// As the queue does.
    public func requested(of worker: WorkerID) async throws -> [Claim.Name] { try await queue.requested(of: worker) }
    /// As the queue does.
    public func statistics(in scope: OrganizationScope) async throws -> QueueStatistics {
        try await queue.statistics(in: scope)
    }
    /// As the queue does.
    public func setPaused(_ isPaused: Bool, at now: Date, in scope: OrganizationScope) async throws {
        try await queue.setPaused(isPaused, at: now, in: scope)
    }
    /// As the queue does.
    public func setLimits(maxRunning: Int, startsPerMinute: Int?, in scope: OrganizationScope) async throws {
        try await queue.setLimits(maxRunning: maxRunning, startsPerMinute: startsPerMinute, in: scope)
    }
}
