/// An agent as routing sees it.
public struct RoutingCandidate: Sendable, Hashable {
    /// Which agent.
    public let id: AgentID
    /// Its name, for people.
    public let name: String
    /// Everything that it can be called for.
    public let offers: Set<String>
    /// How urgent its work is.
    public let priority: Priority
    /// Whether it is enabled.
    public let isEnabled: Bool
    /// Whether it is reached over HTTP.
    public let isExternal: Bool
    /// How many calls of it may be under way; nil for any number.
    public let maxConcurrent: Int?
    /// What it has said of itself, or what follows from its silence.
    public var status: AgentStatus
    /// Calls of it that are under way.
    public var active: Int
    /// What calls of it came to.
    public var figures: AgentFigures
    /// Whether the last of its calls ended less than ``breakerSeconds`` ago, by the store's clock.
    public var wasActiveJustNow: Bool

    /// For how long an agent is left alone whose last calls have failed.
    public static let breakerSeconds = 30
    /// After how many calls their outcome says something about an agent.
    private static let callsToJudge = 5
    /// Below this share of recent successes the circuit breaker is open: eight failures in a row after successes alone,
    /// and none any more after a single success, which counts for as much as this.
    private static let leastSuccess = AgentFigures.weightOfNewest * 0.99

    /// A candidate; with the defaults one that is free and was never called.
    public init(
        id: AgentID, name: String, offers: Set<String>, priority: Priority = .medium, isEnabled: Bool = true,
        isExternal: Bool = false, maxConcurrent: Int? = nil, status: AgentStatus = .available, active: Int = 0,
        figures: AgentFigures = AgentFigures(), wasActiveJustNow: Bool = false
    ) {
        self.wasActiveJustNow = wasActiveJustNow
        self.id = id
        self.name = name
        self.offers = offers
        self.priority = priority
        self.isEnabled = isEnabled
        self.isExternal = isExternal
        self.maxConcurrent = maxConcurrent
        self.status = status
        self.active = active
        self.figures = figures
    }

    /// Why an agent cannot be called now.
    public enum Hindrance: String, Sendable, Codable, CaseIterable {
        case disabled, offline, error, busy, full
        /// Its last calls have failed: it is left alone for a while, and then tried with one call at a time.
        case failing
    }

    /// Whether what calls of it came to lately says that others would fail, too.
    public var isFailing: Bool {
        figures.calls >= Self.callsToJudge && (figures.recentSuccess ?? 1) < Self.leastSuccess
    }

    /// Why it cannot be called now; nil if it can.
    public var hindrance: Hindrance? {
        guard isEnabled else { return .disabled }
        switch status {
        case .offline: return .offline
        case .error: return .error
        case .busy: return .busy
        case .available:
            if isFailing, wasActiveJustNow || active > 0 { return .failing }
            return maxConcurrent.map { active >= $0 } ?? false ? .full : nil
        }
    }

    /// How it is, as others see it.
    public var shownStatus: AgentStatus {
        switch hindrance {
        case nil: .available
        case .busy, .full: .busy
        case .disabled, .offline: .offline
        case .error, .failing: .error
        }
    }

    /// Why it cannot be called, for people.
    public var excuse: String? {
        switch hindrance {
        case nil: nil
        case .disabled: "\(name) is disabled"
        case .offline: "\(name) is offline"
        case .error: "\(name) has reported an error"
        case .busy: "\(name) has said that it is busy"
        case .failing: "the last calls of \(name) have failed: it is tried again after \(Self.breakerSeconds) seconds"
        case .full: "\(name) has \(active) calls under way and takes no more than \(maxConcurrent ?? active)"
        }
    }
}
