import Foundation
import PostgresKit
import SpotterDomain

/// An organisation's figures in PostgreSQL: what its own rows say, and what it has recorded itself.
struct PostgresMonitoringStore: MonitoringStore {
    let door: StoreDoor

    // MARK: From its rows

    func report(over range: MetricRange, in scope: OrganizationScope) async throws -> MonitoringReport {
        let rows = try await door.read(
            scope,
            [MonitoringSQL.buckets(range), MonitoringSQL.p95(range), MonitoringSQL.calls(range), MonitoringSQL.gauges])
        var buckets: [Int: RunBucket] = [:]
        for (bucket, isFlow, figures) in try rows[0].decoded({ row in
            (try row.get(0, as: Int.self), try row.get(1, as: Bool.self), try RunFigures(row, from: 2))
        }) {
            var part = buckets[bucket] ?? RunBucket(bucket: bucket)
            if isFlow { part.flows = figures } else { part.agents = figures }
            buckets[bucket] = part
        }
        return MonitoringReport(
            buckets: buckets.values.sorted { $0.bucket < $1.bucket },
            p95: try rows[1].firstDecoded { try $0.get(0, as: Double?.self) } ?? nil,
            calls: try rows[2].firstDecoded(CallFigures.init) ?? CallFigures(),
            gauges: try rows[3].firstDecoded(WorkGauges.init) ?? WorkGauges())
    }

    func agents(over range: MetricRange, in scope: OrganizationScope) async throws -> [AgentRunFigures] {
        try await door.read(scope, MonitoringSQL.agents(range)).decoded { row in
            AgentRunFigures(
                agent: try row.id(0), name: try row.get(1), isEnabled: try row.get(2), maxConcurrent: try row.get(3),
                runs: try RunFigures(row, from: 5), running: try row.get(4))
        }
    }

    func deployment() async throws -> DeploymentFigures {
        try await door.ask(
            Statement("SELECT ready, running, waiting, oldest_seconds, alive, overdue FROM app.work_figures()")
        )
        .firstDecoded { row in
            DeploymentFigures(
                ready: try row.get(0), running: try row.get(1), waiting: try row.get(2),
                oldestReadySeconds: try row.get(3), workers: try row.get(4), outboxOverdue: try row.get(5))
        } ?? DeploymentFigures()
    }

    func origins(
        of executions: [ExecutionID], in scope: OrganizationScope
    ) async throws -> [ExecutionID: TraceOrigin] {
        let rows = try await door.read(scope, MonitoringSQL.origins(executions))
        let pairs = try rows.decoded { row in
            (
                try row.id(0) as ExecutionID,
                TraceOrigin(
                    root: try row.id(1), parent: try row.get(2, as: String?.self).flatMap { TraceParent(kept: $0) })
            )
        }
        return Dictionary(pairs) { first, _ in first }
    }

    // MARK: Recorded by itself

    func record(
        _ sample: CustomSample, at now: Date, in scope: OrganizationScope
    ) async throws -> [String: String] {
        let known = try await door.write(scope, try MetricSQL.add(sample, labels: sample.labels, at: now))
        if known.first != nil { return sample.labels }
        return try await door.transaction(scope) { transaction in
            let facts = try await transaction.batch([
                Statement("SELECT FROM spotter.organizations FOR NO KEY UPDATE"), MetricSQL.facts(sample.name),
            ])[1].firstDecoded { (count: try $0.get(0, as: Int.self), kind: try $0.get(1, as: String?.self)) }
            if let kind = facts?.kind, kind != sample.kind.rawValue {
                throw SpotterError.invalid("/kind", "must be \(kind), as \(sample.name) is already")
            }
            let hasRoom = (facts?.count ?? 0) < CustomMetric.mostSeries
            let labels = hasRoom ? sample.labels : CustomMetric.other
            _ = try await transaction.batch([
                try MetricSQL.open(sample, labels: labels, at: now),
                try MetricSQL.add(sample, labels: labels, at: now),
            ])
            return labels
        }
    }

    func series(
        named name: String?, over range: MetricRange, in scope: OrganizationScope
    ) async throws -> [CustomSeries] {
        try await door.read(scope, MetricSQL.series(name, range)).decoded { row in
            CustomSeries(
                name: try row.get(0), kind: try row.named(1), labels: try row.labels(2),
                figures: SampleFigures(
                    count: try row.get(3), sum: try row.get(4), minimum: try row.get(5), maximum: try row.get(6)),
                value: try row.get(7), updatedAt: try row.get(8))
        }
    }

    func minutes(
        of name: String, labels: [String: String], over range: MetricRange, in scope: OrganizationScope
    ) async throws -> [SampleFigures] {
        try await door.read(scope, try MetricSQL.minutes(name, labels, range)).decoded { row in
            SampleFigures(count: try row.get(0), sum: try row.get(1), minimum: try row.get(2), maximum: try row.get(3))
        }
    }

    func values(
        of name: String, labels: [String: String], over range: MetricRange, in scope: OrganizationScope
    ) async throws -> [Double] {
        let statement = try MetricSQL.values(name, labels, range, most: CustomMetric.mostValues)
        return try await door.read(scope, statement).decoded { try $0.get(0) }
    }

    func forgetMeasurements(before date: Date, in scope: OrganizationScope) async throws -> Int {
        let minutes = Statement("DELETE FROM spotter.metric_minutes WHERE minute < $1", date)
        let series = Statement(
            """
            DELETE FROM spotter.metric_series s WHERE updated_at < $1 AND NOT EXISTS (
                SELECT FROM spotter.metric_minutes m WHERE m.organization_id = s.organization_id AND m.series_id = s.id)
            """, date)
        return try await door.write(scope, [minutes, series])[0].affected
    }
}

extension RunFigures {
    /// Reads completed, failed, cancelled, sum, least and most of their milliseconds.
    fileprivate init(_ row: Row, from column: Int) throws {
        let counts = try (0..<3).map { try row.get(column + $0, as: Int.self) }
        self.init(
            completed: counts[0], failed: counts[1], cancelled: counts[2],
            durations: SampleFigures(
                count: counts.reduce(0, +), sum: try row.get(column + 3), minimum: try row.get(column + 4),
                maximum: try row.get(column + 5)))
    }
}

extension CallFigures {
    fileprivate init(_ row: Row) throws {
        self.init(
            calls: try row.get(0), failed: try row.get(1), inputTokens: try row.get(2), outputTokens: try row.get(3),
            billed: Money(try row.get(4), Cost.zero.billed.currency))
    }
}

extension WorkGauges {
    fileprivate init(_ row: Row) throws {
        self.init(
            queued: try row.get(0), oldestReadySeconds: try row.get(1), running: try row.get(2),
            waiting: try row.get(3), flows: try row.get(4), dead: try row.get(5), approvals: try row.get(6),
            oldestApprovalSeconds: try row.get(7), workers: try row.get(8), outboxFailed: try row.get(9))
    }
}
