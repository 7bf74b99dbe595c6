public import Foundation
public import SpotterDomain

/// An organisation's figures, as dashboards draw them.
public struct MonitoringService: Sendable {
    private let store: any MonitoringStore
    private let presence: @Sendable (OrganizationScope) async throws -> Int

    /// Stretches of time that figures are given of.
    public enum Range: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case hour = "1h"
        case day = "24h"
        case week = "7d"

        /// How long it is, and how long its parts are, in seconds.
        var seconds: (whole: Int, part: Int) {
            switch self {
            case .hour: (3_600, 60)
            case .day: (86_400, 1_800)
            case .week: (604_800, 10_800)
            }
        }

        /// The stretch that ends with the part in which `now` is: so the parts of two looks are the same.
        func range(at now: Date) -> MetricRange {
            let (whole, part) = seconds
            let end = ((now.timeIntervalSince1970 / Double(part)).rounded(.down) + 1) * Double(part)
            return MetricRange(
                from: Date(timeIntervalSince1970: end - Double(whole)), to: Date(timeIntervalSince1970: end),
                bucketSeconds: part)
        }
    }

    /// All of an organisation's figures.
    public struct Report: Sendable {
        /// Of which stretch.
        public let range: MetricRange
        /// What was done in it.
        public let work: MonitoringReport
        /// By agent.
        public let agents: [AgentRunFigures]
        /// What the organisation recorded itself.
        public let custom: [CustomSeries]
        /// Agents that could be given work now.
        public let available: Int
    }

    /// - Parameter available: how many agents could be given work now.
    public init(
        store: any MonitoringStore, available: @escaping @Sendable (OrganizationScope) async throws -> Int
    ) {
        self.store = store
        presence = available
    }

    /// The figures of a stretch of time that ends now.
    public func report(_ range: Range, at now: Date, in scope: OrganizationScope) async throws -> Report {
        let range = range.range(at: now)
        async let work = store.report(over: range, in: scope)
        async let agents = store.agents(over: range, in: scope)
        async let custom = store.series(named: nil, over: range, in: scope)
        async let available = presence(scope)
        return try await Report(range: range, work: work, agents: agents, custom: custom, available: available)
    }

    /// What the organisation has recorded itself within the last day.
    public func recorded(at now: Date, in scope: OrganizationScope) async throws -> [CustomSeries] {
        try await store.series(named: nil, over: Range.day.range(at: now), in: scope)
    }

    /// Keeps a value of the organisation's own. Returns the labels under which it was kept.
    ///
    /// - Throws: `invalid` with each field's issue.
    public func record(
        _ sample: CustomSample, at now: Date, in scope: OrganizationScope
    ) async throws -> [String: String] {
        let issues = sample.issues
        guard issues.isEmpty else {
            throw SpotterError(.invalid, "The value cannot be kept as it is.", issues: issues)
        }
        return try await store.record(sample, at: now, in: scope)
    }
}
