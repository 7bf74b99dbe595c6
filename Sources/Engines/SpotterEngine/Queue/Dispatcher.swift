import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Takes executions from the queue and sets them running, as long as there is room.
///
/// Looking at the queue about every half second is what makes it sure; signals only make it quick.
public final class Dispatcher: Service {
    /// The name in logs.
    public let serviceName = "dispatcher"
    private let queue: any WorkQueue
    private let store: any ExecutionStore
    private let programs: ProgramCatalog
    private let pool: WorkerPool
    private let heart: Heart
    private let environment: ExecutionRun.Environment
    private let bell = Bell()
    private let signals: Signals
    private let log: Log
    private let monotonic: @Sendable () -> ContinuousClock.Instant
    private let lastTurn: Mutex<ContinuousClock.Instant>
    private let isStopping = Atomic<Bool>(false)

    /// The most that is taken at once.
    public static let batch = 200
    /// The longest wait between two looks.
    private static let interval = Duration.milliseconds(500)
    /// The wait of what could not be started because something here failed.
    private static let pauseAfterFailure: TimeInterval = 5

    /// - Parameters:
    ///   - signals: tell when something was put into the queue.
    ///   - monotonic: the time that only goes on.
    public init(
        queue: any WorkQueue, store: any ExecutionStore, programs: ProgramCatalog, pool: WorkerPool, heart: Heart,
        environment: ExecutionRun.Environment, signals: Signals,
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }, log: Log
    ) {
        self.monotonic = monotonic
        lastTurn = Mutex(monotonic())
        self.queue = queue
        self.store = store
        self.programs = programs
        self.pool = pool
        self.heart = heart
        self.environment = environment
        self.signals = signals
        self.log = log
        environment.recorder.onRelief { [bell] in bell.ring() }
    }

    /// Whether the queue was looked at lately: false tells of a wedged process.
    public var isTurning: Bool { monotonic() - lastTurn.withLock { $0 } < Self.interval * 10 }

    /// Takes and starts, until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [bell] in await Self.tick(bell) }
            group.addTask { [bell, signals] in for await _ in signals.subscribe(to: .work) { bell.ring() } }
            var after: OrganizationID?
            for await _ in bell.rings {
                if isStopping.load(ordering: .relaxed) { break }
                _ = await takeAll(after: &after)
            }
            group.cancelAll()
        }
    }

    /// Takes nothing more.
    public func shutDown() {
        isStopping.store(true, ordering: .relaxed)
        bell.close()
    }

    /// Rings from time to time, each process at its own.
    private static func tick(_ bell: Bell) async {
        while !Task.isCancelled {
            bell.ring()
            try? await Task.sleep(for: interval * Double.random(in: 0.5...1))
        }
    }

    /// Takes until nothing is to be had or there is no room; a round that `run()` makes by itself.
    ///
    /// - Returns: what was started.
    @discardableResult
    public func takeOnce() async -> [RunHandle] {
        var after: OrganizationID?
        return await takeAll(after: &after)
    }

    private func takeAll(after: inout OrganizationID?) async -> [RunHandle] {
        var started: [RunHandle] = []
        while !isStopping.load(ordering: .relaxed) {
            do {
                let wanted = min(pool.free, Self.batch)
                // The recorder rings when it has caught up.
                guard wanted > 0, !environment.recorder.isBehind, let worker = heart.worker else { break }
                let claims = try await queue.claim(wanted, for: worker, after: after)
                noteTurn()
                if !claims.isEmpty {
                    let gyms = Set(claims.map(\.organization)).count
                    log.debug("claimed", ["runs": "\(claims.count)", "organizations": "\(gyms)"])
                }
                FaultPoint.afterClaim.pass()
                after = claims.last?.organization ?? after
                started += await start(claims)
                if claims.count < wanted { break }
            } catch {
                log.warning("queue not read", ["error": String(reflecting: error)])
                // No turn: a process that cannot claim is not ready, however often it tries.
                return started
            }
        }
        noteTurn()
        return started
    }

    private func noteTurn() {
        let now = monotonic()
        lastTurn.withLock { $0 = now }
    }

    private func start(_ claims: [Claim]) async -> [RunHandle] {
        guard !claims.isEmpty else { return [] }
        do { try pool.reserve(claims.count) } catch {
            await handBack(claims)
            return []
        }
        let byOrganization = Dictionary(grouping: claims, by: \.organization)
        return await withTaskGroup(of: [RunHandle].self) { group in
            for (organization, claims) in byOrganization {
                group.addTask { [self] in await start(claims, in: OrganizationScope(organization)) }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func start(_ claims: [Claim], in scope: OrganizationScope) async -> [RunHandle] {
        var waiting = Dictionary(uniqueKeysWithValues: claims.map { ($0.execution, $0.attempt) })
        var started: [RunHandle] = []
        var hasFailed = false
        for journal in await journals(of: claims, in: scope, &hasFailed) {
            let id = journal.execution.id
            // Somebody else has it by now, if this process was slow.
            guard journal.execution.attempt == waiting[id] else { continue }
            do {
                let assignment = try await assignment(for: journal, in: scope)
                waiting[id] = nil
                started.append(pool.start(assignment, in: environment))
            } catch {
                hasFailed = true
                log.warning("claim not started", ["execution": "\(id)", "error": String(reflecting: error)])
            }
        }
        guard !waiting.isEmpty else { return started }
        pool.release(waiting.count)
        await handBack(claims.filter { waiting[$0.execution] != nil }, afterFailure: hasFailed)
        return started
    }

    private func journals(
        of claims: [Claim], in scope: OrganizationScope, _ hasFailed: inout Bool
    ) async -> [Journal] {
        do {
            return try await store.journals(of: claims.map(\.execution), in: scope)
        } catch {
            hasFailed = true
            log.warning("claims not read", ["count": "\(claims.count)", "error": String(reflecting: error)])
            return []
        }
    }

    private func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        do {
            return try await programs.assignment(for: journal, in: scope)
        } catch let error as ExecutionError {
            return Assignment(
                journal: journal, program: FailingProgram(error: error), scope: scope, organization: nil, agent: nil,
                timeout: .seconds(60))
        }
    }

    /// Back into the queue, if they are still as they were taken; after a failure they come again a little later.
    private func handBack(_ claims: [Claim], afterFailure hasFailed: Bool = false) async {
        for claim in claims {
            let now = environment.clock.now()
            let wakeAt = hasFailed ? now.addingTimeInterval(Self.pauseAfterFailure) : nil
            do {
                _ = try await store.change(claim.execution, at: now, in: OrganizationScope(claim.organization)) {
                    guard $0.execution.state == .running, $0.execution.attempt == claim.attempt else { return nil }
                    var execution = $0.execution
                    execution.state = .queued
                    execution.wakeAt = wakeAt
                    return ExecutionChange(execution: execution)
                }
            } catch {
                log.warning(
                    "claim not handed back yet",
                    ["execution": "\(claim.execution)", "error": String(reflecting: error)])
                pool.handBack(claim, in: environment)
            }
        }
    }
}
