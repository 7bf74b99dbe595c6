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

    private let calls = Mutex<[StepID: Progress]>([:])
    private let charges = Mutex<[LedgerLine]>([])

    func begin(_ step: StepID) {
        calls.withLock { if $0[step] == nil { $0[step] = .begun } }
    }

    func end(_ step: StepID, with result: ToolResult) { calls.withLock { $0[step] = .ended(result) } }

    /// A call of a model is to be put on the bill.
    func charge(_ line: LedgerLine) { charges.withLock { $0.append(line) } }

    /// What is not known to be on the bill yet. To write it twice does no harm.
    var unwrittenCharges: [LedgerLine] { charges.withLock { $0 } }

    /// These are on the bill.
    func forget(_ lines: [LedgerLine]) {
        guard !lines.isEmpty else { return }
        let ids = Set(lines.map(\.id))
        charges.withLock { $0.removeAll { ids.contains($0.id) } }
    }

    /// The call was begun by this process.
    func hasBegun(_ step: StepID) -> Bool { calls.withLock { $0[step] != nil } }

    /// What came of it; nil if that is not known.
    func result(of step: StepID) -> ToolResult? {
        calls.withLock { if case .ended(let result)? = $0[step] { result } else { nil } }
    }
}
