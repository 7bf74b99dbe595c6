import SpotterDomain

/// Sees when an agent on its own goes round in circles: first it is told, then it is stopped.
struct ProgressGuard {
    /// What is to be done about it.
    enum Verdict: Hashable {
        case fine
        /// Told to the model.
        case warning(String)
        /// Ends the run.
        case stop(String)
    }

    /// Repeats after which it is told, and after which it is stopped.
    static let (warned, stopped) = (3, 6)

    /// - Parameter rounds: what was called with what result, oldest first.
    static func verdict(on rounds: [AutonomousState.Round]) -> Verdict {
        let same = run(of: 1, in: rounds, by: { ($0.calls, $0.results) == ($1.calls, $1.results) })
        let called = run(of: 1, in: rounds, by: { $0.calls == $1.calls })
        let pingPong = run(of: 2, in: rounds, by: { ($0.calls, $0.results) == ($1.calls, $1.results) }) / 2
        let names = rounds.last.map { $0.names.joined(separator: ", ") } ?? ""
        if same >= stopped {
            return .stop("It made the same call (\(names)) \(same) times in a row, with the same result each time.")
        }
        // A tool that is asked again and again for something that changes has more patience, but no end of it.
        if called >= 4 * stopped { return .stop("It made the same call (\(names)) \(called) times in a row.") }
        if pingPong >= stopped {
            return .stop("It went back and forth between the same two calls \(pingPong) times, with the same results.")
        }
        if same >= warned {
            return .warning(
                "You have made the same call (\(names)) \(same) times with the same result. It will not change: do "
                    + "something else, or give the final answer. After \(stopped) times the task is stopped.")
        }
        if called >= 2 * stopped {
            return .warning("You have made the same call (\(names)) \(called) times in a row. Do something else.")
        }
        if pingPong >= warned {
            return .warning(
                "You go back and forth between the same two calls, with the same results. Do something else, or give "
                    + "the final answer. After \(stopped) times the task is stopped.")
        }
        return .fine
    }

    /// How many of the last rounds repeat with a period, the first of them counted.
    private static func run(
        of period: Int, in rounds: [AutonomousState.Round],
        by isSame: (AutonomousState.Round, AutonomousState.Round) -> Bool
    ) -> Int {
        guard rounds.count > period else { return rounds.count }
        var length = period
        for place in rounds.indices.reversed() where place >= period {
            guard isSame(rounds[place], rounds[place - period]) else { break }
            length += 1
        }
        return length
    }
}
