import ServiceKit
import SpotterDomain

/// Carries a run over a database that goes away in the middle: reads the journal again and goes on from there.
///
/// That also settles a commit whose outcome is not known: either it is in the journal or it is not.
struct RunAttempts: Sendable {
    private let assignment: Assignment
    private let handle: RunHandle
    private let environment: ExecutionRun.Environment

    /// Errors that are no outage and come again are this process's own fault; then the execution fails.
    private static let faultsAllowed = 3

    init(_ assignment: Assignment, _ handle: RunHandle, _ environment: ExecutionRun.Environment) {
        self.assignment = assignment
        self.handle = handle
        self.environment = environment
    }

    func run() async -> Result<RunOutcome, any Error> {
        var assignment = assignment
        var faults = 0
        var outages = 0
        while true {
            do {
                var run = ExecutionRun(assignment, handle: handle, in: environment)
                return .success(try await run.run())
            } catch let error as LeaseLost {
                return .failure(error)
            } catch {
                let id = assignment.journal.execution.id
                environment.log.warning("run interrupted", ["execution": "\(id)", "error": String(reflecting: error)])
                if error.isOutage { outages += 1 } else { faults += 1 }
                guard !Task.isCancelled else { return .failure(error) }
                if faults > Self.faultsAllowed { assignment = assignment.failing }
                guard faults <= Self.faultsAllowed + 1 else { return .failure(error) }
                do {
                    assignment.journal = try await journal(of: assignment, afterOutages: outages)
                } catch { return .failure(error) }
            }
        }
    }

    /// The journal as it is when the database answers again.
    ///
    /// - Throws: `LeaseLost` when the execution is not this process's any more; `CancellationError`.
    private func journal(of assignment: Assignment, afterOutages outages: Int) async throws -> Journal {
        let held = assignment.journal.execution
        var outages = outages
        while true {
            let longest = min(Double(1 << min(outages, 5)) * 0.1, 2)
            try await Task.sleep(for: .seconds(longest * (0.5 + environment.random() / 2)))
            do {
                let journal = try await environment.store.journal(of: held.id, in: assignment.scope)
                guard journal.execution.state == .running, journal.execution.attempt == held.attempt else {
                    throw LeaseLost()
                }
                return journal
            } catch where error.isOutage { outages += 1 }
        }
    }
}

extension Assignment {
    /// The same execution, to be ended because this process cannot run it.
    fileprivate var failing: Assignment {
        let error = ExecutionError(code: "internal", message: "Something went wrong on our side.")
        return Assignment(
            journal: journal, program: FailingProgram(error: error), scope: scope, organization: organization,
            agent: agent, timeout: timeout)
    }
}
