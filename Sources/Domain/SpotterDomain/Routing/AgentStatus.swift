public import Foundation

/// Whether an agent can be called.
public enum AgentStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// It takes calls.
    case available
    /// It takes none until it says otherwise, or a call of it ends.
    case busy
    /// It has not given a sign of life in time, or has said so.
    case offline
    /// It has said that something is wrong with it.
    case error
}

/// What an agent has said of itself, or what follows from its silence.
public struct AgentPresence: Sendable, Codable, Hashable {
    /// Which agent.
    public let agentId: AgentID
    /// How it is now.
    public let status: AgentStatus
    /// What it said to that, for people.
    public let note: String?
    /// When it last gave a sign of life; nil if it never did.
    public let heardAt: Date?
    /// When it counts as offline unless it is heard before; nil if no sign of life is asked of it.
    public let expiresAt: Date?

    /// A presence.
    public init(agentId: AgentID, status: AgentStatus, note: String?, heardAt: Date?, expiresAt: Date?) {
        self.agentId = agentId
        self.status = status
        self.note = note
        self.heardAt = heardAt
        self.expiresAt = expiresAt
    }

    /// Tells of it.
    public var event: EventDraft {
        EventDraft(
            .agentStatus,
            data: [
                "agent_id": .string(agentId.description), "status": .string(status.rawValue),
                "note": note.map { .string($0) } ?? .null,
            ])
    }
}

/// What calls of an agent came to so far.
public struct AgentFigures: Sendable, Codable, Hashable {
    /// Calls that have ended, cancelled ones not among them.
    public var calls: Int
    /// Those of them that failed.
    public var failures: Int
    /// The share of calls that went well, the last ones counting most, from 0 to 1; nil before the first.
    public var recentSuccess: Double?
    /// How long a call takes, the last ones counting most, in milliseconds; nil before the first that went well.
    public var recentMs: Double?
    /// When the last one ended.
    public var lastActiveAt: Date?

    /// Figures; of no calls unless there were some.
    public init(
        calls: Int = 0, failures: Int = 0, recentSuccess: Double? = nil, recentMs: Double? = nil,
        lastActiveAt: Date? = nil
    ) {
        self.calls = calls
        self.failures = failures
        self.recentSuccess = recentSuccess
        self.recentMs = recentMs
        self.lastActiveAt = lastActiveAt
    }

    /// How much the newest call moves the recent figures.
    public static let weightOfNewest = 0.2

    /// With one more call.
    public mutating func add(isWell: Bool, milliseconds: Double, at time: Date) {
        func moved(_ old: Double?, to new: Double) -> Double {
            old.map { $0 + Self.weightOfNewest * (new - $0) } ?? new
        }
        calls += 1
        if !isWell { failures += 1 }
        recentSuccess = moved(recentSuccess, to: isWell ? 1 : 0)
        if isWell { recentMs = moved(recentMs, to: milliseconds) }
        lastActiveAt = time
    }
}
