import SpotterDomain
import Synchronization

/// What this process itself knows of the calls of one run: which it has begun, and what came of them and is to be paid.
///
/// The journal is what counts, but it may lag behind while the database is away. Without this a short outage would send
/// to a person what this process knows the outcome of.
final class PerformedCalls: Sendable {
    private enum Progress {
        case begun
        case ended(ToolResult)
    }

    /// What the next record has to say of calls of models.
    private struct Bill {
        var lines: [LedgerLine] = []
        var releases: [LedgerLine.Call] = []
        /// Of steps that are not known to be written yet: the execution's own figures count a step's calls with it.
        var uncounted: [LedgerLine] = []
        /// Something is set aside for it since the execution began.
        var foretold: LedgerLine.Call?
    }

    private let calls = Mutex<[StepID: Progress]>([:])
    private let bill = Mutex(Bill())

    func begin(_ step: StepID) {
        calls.withLock { if $0[step] == nil { $0[step] = .begun } }
    }

    func end(_ step: StepID, with result: ToolResult) { calls.withLock { $0[step] = .ended(result) } }

    /// A call of a model is to be put on the bill.
    func charge(_ line: LedgerLine) {
        bill.withLock { bill in
            bill.lines.append(line)
            bill.uncounted.append(line)
        }
    }

    /// A call of a model for which something may be set aside is not made.
    func release(_ call: LedgerLine.Call) { bill.withLock { $0.releases.append(call) } }

    /// Something was set aside for the run's first call when the execution began.
    func foretell(_ call: LedgerLine.Call) { bill.withLock { $0.foretold = call } }

    /// The call that something is set aside for, for whoever makes it; nil from then on.
    func takeForetold() -> LedgerLine.Call? {
        bill.withLock { bill in
            defer { bill.foretold = nil }
            return bill.foretold
        }
    }

    /// The run ends without that call, if it was not made.
    func releaseForetold() {
        if let call = takeForetold() { release(call) }
    }

    /// What the execution's own figures are not known to count yet: the lines of steps that may not be written.
    var uncounted: [LedgerLine] { bill.withLock(\.uncounted) }

    /// Has a record write what is not known to be written yet. To write it twice does no harm.
    func add(to record: inout ExecutionRecord) {
        (record.ledger, record.releases) = bill.withLock { ($0.lines, $0.releases) }
    }

    /// The record is written.
    @inline(never)
    func forget(_ pending: PendingRecord) {
        let record = pending.record
        guard !record.ledger.isEmpty || !record.releases.isEmpty else { return }
        let (ids, calls) = (Set(record.ledger.map(\.id)), Set(record.releases))
        let steps = Set(record.steps.map(\.id))
        bill.withLock { bill in
            bill.lines.removeAll { ids.contains($0.id) }
            bill.releases.removeAll { calls.contains($0) }
            bill.uncounted.removeAll { line in line.call.map { steps.contains($0.step) } ?? true }
        }
    }

    /// The call was begun by this process.
    func hasBegun(_ step: StepID) -> Bool { calls.withLock { $0[step] != nil } }

    /// What came of it; nil if that is not known.
    func result(of step: StepID) -> ToolResult? {
        calls.withLock { if case .ended(let result)? = $0[step] { result } else { nil } }
    }
}
