public import Foundation

/// How a tool has done lately, from the journals of executions: calls by hand are in none of them.
public struct ToolStatistics: Sendable, Codable, Hashable {
    /// The tool.
    public let tool: String
    /// Calls that have ended.
    public let calls: Int
    /// Those that answered an error.
    public let errors: Int
    /// Calls whose outcome is not known: a person has to look into them.
    public let unknown: Int
    /// Half took at most this long.
    public let p50Ms: Int
    /// Nineteen in twenty took at most this long.
    public let p95Ms: Int
    /// The longest took this.
    public let maxMs: Int
    /// When it was last called.
    public let lastCalledAt: Date

    /// Figures of one tool.
    public init(
        tool: String, calls: Int, errors: Int, unknown: Int, p50Ms: Int, p95Ms: Int, maxMs: Int, lastCalledAt: Date
    ) {
        self.tool = tool
        self.calls = calls
        self.errors = errors
        self.unknown = unknown
        self.p50Ms = p50Ms
        self.p95Ms = p95Ms
        self.maxMs = maxMs
        self.lastCalledAt = lastCalledAt
    }
}

/// Where the figures of tools are read.
public protocol ToolStatisticsStore: Sendable {
    /// Of every tool that was called since then, by name.
    func statistics(since date: Date, in scope: OrganizationScope) async throws -> [ToolStatistics]
}

extension IDGenerator {
    /// The least id that can have been made at a time or after it: ids begin with their time.
    public static func least(at date: Date) -> UUID {
        let milliseconds = UInt64(max(0, date.timeIntervalSince1970 * 1000))
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { bytes in
            bytes.storeBytes(of: (milliseconds << 16).bigEndian, toByteOffset: 0, as: UInt64.self)
        }
        return UUID(uuid: bytes)
    }
}
