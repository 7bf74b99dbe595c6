/// What Ctrl-C does in a chat: the first one cancels the answer that is being given, a second one before that has come
/// about, or one while nobody answers, leaves.
struct ChatInterrupts: Sendable {
    enum Action: Sendable, Equatable { case cancel, leave }

    private enum State { case idle, answering, cancelling }

    private var state = State.idle

    /// An answer is being given.
    mutating func begin() { state = .answering }

    /// It has ended.
    mutating func end() { state = .idle }

    /// Somebody has pressed Ctrl-C.
    mutating func receive() -> Action {
        guard state == .answering else { return .leave }
        state = .cancelling
        return .cancel
    }
}
