import Synchronization

/// What the customers of one organisation were promised.
final class Ledger: Sendable {
    private let state = Mutex<(accepted: [Accepted], unanswered: [String])>(([], []))

    func accept(_ accepted: Accepted) { state.withLock { $0.accepted.append(accepted) } }
    func miss(_ request: String) { state.withLock { $0.unanswered.append(request) } }

    var accepted: [Accepted] { state.withLock(\.accepted) }
    var unanswered: [String] { state.withLock(\.unanswered) }
}
