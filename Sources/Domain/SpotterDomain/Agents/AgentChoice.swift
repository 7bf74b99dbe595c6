extension Agent {
    /// The best of `agents` for work that needs all of `capabilities`; nil if none is enabled and has them.
    ///
    /// The most specific one, that is the one with the fewest capabilities in all; of those the one with the highest
    /// priority; of those the oldest, by id.
    public static func best(for capabilities: [String], among agents: some Sequence<Agent>) -> Agent? {
        let wanted = Set(capabilities)
        return
            agents
            .filter { ($0.settings.enabled ?? true) && wanted.isSubset(of: $0.settings.capabilities ?? []) }
            .min { ($0.breadth, $0.urgency, $0.id) < ($1.breadth, $1.urgency, $1.id) }
    }

    private var breadth: Int { Set(settings.capabilities ?? []).count }

    private var urgency: Int {
        switch settings.priority ?? .medium {
        case .critical: 0
        case .high: 1
        case .medium: 2
        case .low: 3
        }
    }
}
