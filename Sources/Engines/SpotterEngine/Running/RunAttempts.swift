import ServiceKit
import SpotterDomain

/// Carries a run over a database that goes away in the middle: reads the journal again and goes on from there.
///
/// That also settles a commit whose outcome is not known: either it is in the journal or it is not. It does not leave
/// an execution behind that this living process holds and nobody works on: it tries until the execution is let go of,
/// or is not this process's any more, or the process ends.
struct RunAttempts: Sendable {
    private let assignment: Assignment
    private let handle: RunHandle
    private let environment: ExecutionRun.Environment
    private let isBeginInDoubt: Bool

    /// Errors that are no outage and come again are this process's own fault; then the execution fails.
    private static let faultsAllowed = 3
    /// How often a process that ends tries to hand back; then others take over what it held.
    private static let farewellsAllowed = 4

    /// What has gone wrong so far.
    private struct Troubles {
        var outages = 0
        var faults = 0

        var count: Int { outages + faults }
        /// The longest wait before the next try, in seconds.
        var wait: Double { min(Double(1 << min(count, 10)) * 0.1, faults > faultsAllowed ? 30 : 2) }
    }

    /// - Parameter isBeginInDoubt: whether it is not known that the execution was stored at all.
    init(
        _ assignment: Assignment, _ handle: RunHandle, _ environment: ExecutionRun.Environment,
        isBeginInDoubt: Bool = false
    ) {
        self.assignment = assignment
        self.handle = handle
        self.environment = environment
        self.isBeginInDoubt = isBeginInDoubt
    }

    func run() async -> Result<RunOutcome, any Error> {
        var troubles = Troubles()
        do {
            var assignment = assignment
            if isBeginInDoubt {
                troubles.outages += 1
                assignment = try await reread(assignment, &troubles)
                // A turn that was put in line begins when its turn has come, and elsewhere perhaps.
                if let outcome = notRunning(assignment) { return .success(outcome) }
            }
            let performed = newCalls()
            var isContinued = false
            while true {
                let run = newRun(assignment, performed, isContinued)
                do { return .success(try await run.run()) } catch { try take(error, &troubles) }
                assignment = try await reread(assignment, &troubles)
                if let outcome = outcome(of: run, asNow: assignment) { return .success(outcome) }
                if troubles.faults > Self.faultsAllowed { assignment = failing(assignment) }
                isContinued = true
            }
        } catch {
            return .failure(error)
        }
    }

    // None of these is inlined: ten thousand runs that wait for models would keep room for all that they hold.

    @inline(never)
    private func newCalls() -> PerformedCalls {
        let performed = PerformedCalls()
        guard let foretold = assignment.foretold else { return performed }
        // Where it is not known what was stored, or a budget has a say that nobody knew of, what may be set aside is
        // given up, and set aside anew.
        if isBeginInDoubt || assignment.isBudgeted { performed.release(foretold) } else { performed.foretell(foretold) }
        return performed
    }

    @inline(never)
    private func newRun(
        _ assignment: Assignment, _ performed: PerformedCalls, _ isContinued: Bool
    ) -> ExecutionRun {
        ExecutionRun(assignment, handle: handle, in: environment, performed: performed, isContinued: isContinued)
    }

    @inline(never)
    private func reread(_ assignment: Assignment, _ troubles: inout Troubles) async throws -> Assignment {
        assignment.with(try await journal(troubles: &troubles))
    }

    /// The same execution, to be ended because this process cannot run it.
    @inline(never)
    private func failing(_ assignment: Assignment) -> Assignment {
        Assignment(
            journal: assignment.journal, program: FailingProgram(error: .unexpected), scope: assignment.scope,
            organization: assignment.organization, agent: assignment.agent, timeout: assignment.timeout)
    }

    /// How an execution stands that this process does not hold after all.
    @inline(never)
    private func notRunning(_ assignment: Assignment) -> RunOutcome? {
        let execution = assignment.journal.execution
        return execution.state == .running ? nil : RunOutcome(execution: execution, message: nil)
    }

    /// How the run ended if what it wrote last let go of it after all.
    @inline(never)
    private func outcome(of run: ExecutionRun, asNow assignment: Assignment) -> RunOutcome? {
        let execution = assignment.journal.execution
        return execution.state == .running ? nil : RunOutcome(execution: execution, message: run.answer)
    }

    /// Counts the error, unless nothing can be done any more.
    @inline(never)
    private func take(_ error: any Error, _ troubles: inout Troubles) throws {
        if error is LeaseLost || handle.reason == .leaseLost { throw LeaseLost() }
        if error.isOutage { troubles.outages += 1 } else { troubles.faults += 1 }
        environment.log.warning(
            "run interrupted",
            ["execution": "\(assignment.journal.execution.id)", "error": String(reflecting: error)])
        if handle.isShuttingDown, troubles.count > Self.farewellsAllowed { throw error }
    }

    /// The journal as it is when the database answers again; of an execution that runs, or that this process has let
    /// go of. It is waited for also by a run that was told to stop: it has to say how it stopped.
    ///
    /// - Throws: `LeaseLost` when the execution is not this process's any more, or was never stored; the error when
    ///   the process ends.
    private func journal(troubles: inout Troubles) async throws -> Journal {
        let (held, scope, environment) = (assignment.journal.execution, assignment.scope, environment)
        while true {
            let wait = Duration.seconds(troubles.wait * (0.5 + environment.random() / 2))
            do {
                let journal = try await withoutCancellation {
                    try await environment.sleep(wait)
                    return try await environment.store.journal(of: held.id, in: scope)
                }
                guard journal.execution.attempt == held.attempt else { throw LeaseLost() }
                return journal
            } catch let error as SpotterError where error.code == .notFound {
                throw LeaseLost()
            } catch {
                try take(error, &troubles)
            }
        }
    }
}

extension ExecutionError {
    /// What people read of a fault of this program's own; the log has the whole story.
    static let unexpected = ExecutionError(code: "internal", message: "Something went wrong on our side.")
}
