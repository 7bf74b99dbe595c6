import SpotterDomain

/// What a request may have, and what its parts come to, in estimated tokens.
struct ContextBudget: Sendable, Hashable {
    /// Tokens of everything that is sent.
    let limit: Int
    /// What a summary may have.
    let summary: Int
    /// What the note of memory may have.
    let memory: Int
    /// Stored messages that are shown at most; more are summarised, however short they are.
    static let mostMessages = 200

    /// - Parameters:
    ///   - window: tokens of request and answer together.
    ///   - answer: the longest answer; at least half of the window is for what is sent.
    init(window: Int, answer: Int) { self.init(limit: max(window - answer, window / 2) - window / 32) }

    init(limit: Int) {
        self.limit = max(limit, 1)
        summary = min(1_500, limit / 8)
        memory = min(2_000, limit / 8)
    }

    /// What is aimed at when something has to go, so that the next turn does not have to make room again.
    var goal: Int { limit * 3 / 5 }
}

/// Decides what is left out of a view. Pure arithmetic over sizes.
struct ContextPlan: Hashable {
    /// How many of the view's exchanges go, oldest first.
    let exchanges: Int
    /// How many of the view's rounds go, oldest first.
    let rounds: Int
    /// Estimated tokens with what stays.
    let tokens: Int

    init(exchanges: Int, rounds: Int, tokens: Int) {
        self.exchanges = exchanges
        self.rounds = rounds
        self.tokens = tokens
    }

    /// What the parts of a view come to.
    struct Sizes: Hashable {
        /// Prompt, tools, notes.
        var fixed: Int
        /// The summaries that the view has.
        var summaries: Int
        var question: Int
        var exchanges: [Int]
        /// How many stored messages each exchange is.
        var counts: [Int]
        var rounds: [Int]

        var total: Int {
            fixed + summaries + question + exchanges.reduce(0, +) + rounds.reduce(0, +)
        }
    }

    /// Keeps what is newest: the question and the last round always, then the rounds before it, then earlier turns.
    ///
    /// - Returns: nil where nothing is left that could go.
    init?(_ sizes: Sizes, _ budget: ContextBudget) {
        let (rounds, isWhole, afterRounds) = Self.rounds(sizes, budget)
        // Earlier turns are of no use without what came between them and now.
        let kept = isWhole ? Self.exchanges(sizes, budget, used: afterRounds) : (count: 0, tokens: afterRounds)
        exchanges = sizes.exchanges.count - kept.count
        self.rounds = rounds
        tokens = kept.tokens
        guard exchanges > 0 || rounds > 0 else { return nil }
    }

    /// How many rounds go, and what has been used with those that stay.
    private static func rounds(
        _ sizes: Sizes, _ budget: ContextBudget
    ) -> (dropped: Int, isWhole: Bool, tokens: Int) {
        let least = sizes.fixed + budget.summary + sizes.question
        let all = least + sizes.rounds.reduce(0, +)
        if all <= budget.goal || sizes.rounds.count < 2 { return (0, true, all) }
        // Leaving rounds out takes a second summary.
        var used = least + budget.summary + (sizes.rounds.last ?? 0)
        var kept = 1
        for size in sizes.rounds.dropLast().reversed() {
            guard used + size <= budget.goal else { break }
            used += size
            kept += 1
        }
        return (sizes.rounds.count - kept, kept == sizes.rounds.count, used)
    }

    private static func exchanges(
        _ sizes: Sizes, _ budget: ContextBudget, used: Int
    ) -> (count: Int, tokens: Int) {
        var (used, messages, kept) = (used, 0, 0)
        for (size, count) in zip(sizes.exchanges, sizes.counts).reversed() {
            guard used + size <= budget.goal, messages + count <= ContextBudget.mostMessages / 2 else { break }
            used += size
            messages += count
            kept += 1
        }
        return (kept, used)
    }
}
