/// What a lost connection means for each request that was in flight on it.
struct LossVerdict {
    /// One expected result.
    struct Part {
        let request: Request?
        let isSync: Bool
    }

    /// Requests that have failed, and how.
    private(set) var failed: [(Request, PostgresError)] = []
    /// Requests that the server provably did not begin or rolled back whole, and reads; they can be sent again.
    private(set) var notBegun: [Request] = []

    /// - Parameters:
    ///   - steps: the results still expected, in order.
    ///   - serverEndedSession: the server's farewell. It answers the first step, and the server did nothing after
    ///     it; without one, anything that was sent may have been done.
    init(steps: [Part], serverEndedSession farewell: PostgresError?) {
        var judged: Request?
        for (index, step) in steps.enumerated() {
            guard let request = step.request, request !== judged else { continue }
            judged = request
            if request.isDone { continue }
            // At its Sync, or during COMMIT, the transaction may just have been committed.
            let isCommitting = index == 0 && (step.isSync || request.purpose == .commit)
            if let farewell, !isCommitting {
                judgeUndone(request, wasRunning: index == 0, farewell)
            } else if request.mayHaveWritten {
                let reason = "the connection was lost after the write was sent"
                failed.append((request, PostgresError(.outcomeUnknown, reason)))
            } else {
                // A read may be sent again, whatever became of it.
                judgeUndone(request, wasRunning: index == 0, farewell ?? Self.lost)
            }
        }
    }

    /// What the server never got to can go to another connection. What it was at may be the very thing that ended the
    /// session: a write does not, a read does once. And a step's transaction is gone with its connection.
    private mutating func judgeUndone(_ request: Request, wasRunning: Bool, _ farewell: PostgresError) {
        // The answers before the farewell may not be read yet: a read that looks like the one that was running may not be
        // it, so being it is counted by itself.
        let isSuspect = wasRunning && (request.mayHaveWritten || request.lossesAtWork > 0)
        if wasRunning { request.lossesAtWork += 1 }
        if request.purpose == .single, !isSuspect, request.repetitions < 2 {
            notBegun.append(request)
        } else {
            failed.append((request, farewell))
        }
    }

    static let lost = PostgresError(.unavailable, "the connection was lost")
}
