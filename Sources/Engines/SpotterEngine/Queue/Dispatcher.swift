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
    private let lastTurn = Mutex(ContinuousClock.now)
    private let isStopping = Atomic<Bool>(false)

    /// The most that is taken at once.
    private static let batch = 200
    /// The longest wait between two looks.
    private static let interval = Duration.milliseconds(500)

    /// - Parameter signals: tell when something was put into the queue.
    public init(
        queue: any WorkQueue, store: any ExecutionStore, programs: ProgramCatalog, pool: WorkerPool, heart: Heart,
        environment: ExecutionRun.Environment, signals: Signals, log: Log
    ) {
        self.queue = queue
        self.store = store
        self.programs = programs
        self.pool = pool
        self.heart = heart
        self.environment = environment
        self.signals = signals
        self.log = log
    }

    /// Whether the queue was looked at lately: false tells of a wedged process.
    public var isTurning: Bool { ContinuousClock.now - lastTurn.withLock { $0 } < Self.interval * 10 }

    /// Takes and starts, until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [bell] in await Self.tick(bell) }
            group.addTask { [bell, signals] in for await _ in signals.subscribe(to: .work) { bell.ring() } }
            var after: OrganizationID?
            for await _ in bell.rings {
                if isStopping.load(ordering: .relaxed) { break }
                await takeAll(after: &after)
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

    /// Takes until nothing is to be had or there is no room.
    private func takeAll(after: inout OrganizationID?) async {
        while !isStopping.load(ordering: .relaxed) {
            do {
                let wanted = min(pool.free, Self.batch)
                guard wanted > 0, let worker = heart.worker else { break }
                let claims = try await queue.claim(wanted, for: worker, after: after)
                lastTurn.withLock { $0 = .now }
                FaultPoint.afterClaim.pass()
                after = claims.last?.organization ?? after
                try await start(claims)
                if claims.count < wanted { break }
            } catch {
                log.warning("queue not read", ["error": "\(error)"])
                break
            }
        }
        lastTurn.withLock { $0 = .now }
    }

    private func start(_ claims: [Claim]) async throws {
        guard !claims.isEmpty else { return }
        do { try pool.reserve(claims.count) } catch { return await handBack(claims) }
        let byOrganization = Dictionary(grouping: claims, by: \.organization)
        await withTaskGroup(of: Void.self) { group in
            for (organization, claims) in byOrganization {
                group.addTask { [self] in await start(claims, in: OrganizationScope(organization)) }
            }
        }
    }

    private func start(_ claims: [Claim], in scope: OrganizationScope) async {
        var waiting = Dictionary(uniqueKeysWithValues: claims.map { ($0.execution, $0.attempt) })
        do {
            for journal in try await store.journals(of: claims.map(\.execution), in: scope) {
                // Somebody else has it by now, if this process was slow.
                guard journal.execution.attempt == waiting[journal.execution.id] else { continue }
                let assignment = try await assignment(for: journal, in: scope)
                waiting[journal.execution.id] = nil
                pool.start(assignment, in: environment)
            }
        } catch {
            log.warning("claims not started", ["error": "\(error)", "count": "\(waiting.count)"])
        }
        guard !waiting.isEmpty else { return }
        pool.release(waiting.count)
        await handBack(claims.filter { waiting[$0.execution] != nil })
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

    /// Back into the queue, if they are still as they were taken.
    private func handBack(_ claims: [Claim]) async {
        for claim in claims {
            do {
                _ = try await store.change(
                    claim.execution, at: environment.clock.now(), in: OrganizationScope(claim.organization)
                ) { journal in
                    guard journal.execution.state == .running, journal.execution.attempt == claim.attempt else {
                        return nil
                    }
                    var execution = journal.execution
                    execution.state = .queued
                    execution.wakeAt = nil
                    return ExecutionChange(execution: execution)
                }
            } catch {
                // The lease of this process keeps it: it is rescued when the process ends.
                log.error("claim not handed back", ["execution": "\(claim.execution)", "error": "\(error)"])
            }
        }
    }
}
