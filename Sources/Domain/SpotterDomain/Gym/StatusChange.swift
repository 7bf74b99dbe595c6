public import Foundation

/// A step of a member's or a lead's status, as it happened.
public struct StatusChange: Sendable, Codable, Hashable {
    /// What it was before; nil for a new record.
    public let fromStatus: String?
    /// What it is from then on.
    public let toStatus: String
    /// Why, where somebody said so.
    public let reason: String?
    /// Who changed it: a token's subject, an agent's id, or `import`.
    public let changedBy: String
    /// When.
    public let changedAt: Date

    /// The shortest time between two steps of one record: as fine as JSON tells times.
    public static let shortestStep = 0.001

    /// A step; see the members.
    public init(fromStatus: String?, toStatus: String, reason: String? = nil, changedBy: String, changedAt: Date) {
        self.fromStatus = fromStatus
        self.toStatus = toStatus
        self.reason = reason
        self.changedBy = changedBy
        self.changedAt = changedAt
    }
}
