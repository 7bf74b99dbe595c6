/// What an agent on its own means to do: a goal, and the phases on the way to it, one of which it is in.
///
/// Pure: the run's journal holds the calls that made it, and working them through again gives the same plan.
public struct RunPlan: Sendable, Codable, Hashable {
    /// One part of the way.
    public struct Phase: Sendable, Codable, Hashable {
        /// How far it is.
        public enum State: String, Sendable, Codable, CaseIterable, SchemaDescribed {
            case pending, active, completed
        }

        /// What is to be reached in it.
        public var title: String
        /// How far it is.
        public var state: State
        /// What came of it, in the agent's words; nil until it has completed.
        public var summary: String?

        /// A phase.
        public init(title: String, state: State = .pending, summary: String? = nil) {
            self.title = title
            self.state = state
            self.summary = summary
        }
    }

    /// What is to be reached.
    public private(set) var goal: String
    /// In their order; at least one. At most one is active; all before it have completed.
    public private(set) var phases: [Phase]

    /// The most phases of one plan.
    public static let mostPhases = 30

    /// A plan that begins with its first phase.
    ///
    /// - Throws: `ToolFailure` without phases, or with more than `mostPhases`.
    public init(goal: String, titles: [String]) throws {
        guard !titles.isEmpty else { throw ToolFailure("A plan needs at least one phase. Give phases with a title.") }
        guard titles.count <= Self.mostPhases else {
            throw ToolFailure("A plan has at most \(Self.mostPhases) phases. Make fewer, larger ones.")
        }
        self.goal = goal
        phases = titles.map { Phase(title: $0) }
        phases[0].state = .active
    }

    /// The plan in place of an older one: what was completed under the same title stays so.
    public func replacing(_ older: RunPlan) -> RunPlan {
        var plan = self
        for place in plan.phases.indices {
            let same = older.phases.first { $0.title == plan.phases[place].title && $0.state == .completed }
            // Only what comes before anything that is still to be done can have been completed.
            guard let same else { break }
            plan.phases[place] = same
            if place + 1 < plan.phases.count { plan.phases[place + 1].state = .active }
        }
        return plan
    }

    /// Ends the active phase and begins the next.
    ///
    /// - Throws: `ToolFailure` when every phase has completed already.
    public mutating func advance(summary: String?) throws {
        guard let place = current else {
            throw ToolFailure("Every phase of the plan has completed. Give the final answer, or make a new plan.")
        }
        phases[place].state = .completed
        phases[place].summary = summary
        if place + 1 < phases.count { phases[place + 1].state = .active }
    }

    /// The place of the active phase; nil when all have completed.
    public var current: Int? { phases.firstIndex { $0.state == .active } }

    /// How many have completed.
    public var completed: Int { phases.count { $0.state == .completed } }

    /// How much of the way is done, in whole percent of the phases, 0 to 100.
    public var percentage: Int { completed * 100 / phases.count }

    /// The plan as people and models read it, a line for each phase.
    public var text: String {
        let lines = phases.enumerated().map { place, phase in
            let mark =
                switch phase.state {
                case .completed: "x"
                case .active: ">"
                case .pending: " "
                }
            return "[\(mark)] \(place + 1). \(phase.title)" + (phase.summary.map { ": \($0)" } ?? "")
        }
        return (["Goal: \(goal)"] + lines).joined(separator: "\n")
    }
}
