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
    }

    private let calls = Mutex<[StepID: Progress]>([:])
    private let bill = Mutex(Bill())

    func begin(_ step: StepID) {
        calls.withLock { if $0[step] == nil { $0[step] = .begun } }
    }

    func end(_ step: StepID, with result: ToolResult) { calls.withLock { $0[step] = .ended(result) } }

    /// A call of a model is to be put on the bill.
    func charge(_ line: LedgerLine) { bill.withLock { $0.lines.append(line) } }

    /// A call of a model for which something may be set aside is not made.
    func release(_ call: LedgerLine.Call) { bill.withLock { $0.releases.append(call) } }

    /// What is not known to be on the bill yet.
    var unwrittenCharges: [LedgerLine] { bill.withLock(\.lines) }

    /// Has a record write what is not known to be written yet. To write it twice does no harm.
    func add(to record: inout ExecutionRecord) {
        (record.ledger, record.releases) = bill.withLock { ($0.lines, $0.releases) }
    }

    /// The record is written.
    func forget(_ record: ExecutionRecord) {
        guard !record.ledger.isEmpty || !record.releases.isEmpty else { return }
        let (ids, calls) = (Set(record.ledger.map(\.id)), Set(record.releases))
        bill.withLock { bill in
            bill.lines.removeAll { ids.contains($0.id) }
            bill.releases.removeAll { calls.contains($0) }
        }
    }

    /// The call was begun by this process.
    func hasBegun(_ step: StepID) -> Bool { calls.withLock { $0[step] != nil } }

    /// What came of it; nil if that is not known.
    func result(of step: StepID) -> ToolResult? {
        calls.withLock { if case .ended(let result)? = $0[step] { result } else { nil } }
    }
}
