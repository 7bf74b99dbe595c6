import Foundation
import PostgresKit
import SpotterDomain

/// Figures of tools, from the journals in PostgreSQL.
struct PostgresToolStatistics: ToolStatisticsStore {
    let door: StoreDoor

    /// Steps are made at the time that their ids begin with, so that the primary key finds the latest.
    func statistics(since date: Date, in scope: OrganizationScope) async throws -> [ToolStatistics] {
        let statement = Statement(
            """
            SELECT name AS tool, count(*) FILTER (WHERE state = 'completed') AS calls,
                count(*) FILTER (WHERE is_error) AS errors,
                count(*) FILTER (WHERE state = 'needs_review') AS unknown,
                coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY milliseconds), 0) AS p50_ms,
                coalesce(percentile_disc(0.95) WITHIN GROUP (ORDER BY milliseconds), 0) AS p95_ms,
                coalesce(max(milliseconds), 0) AS max_ms, max(started_at) AS last_called_at
            FROM (
                SELECT name, state, started_at, (output ->> 'is_error')::boolean AS is_error,
                    (output ->> 'duration_ms')::integer AS milliseconds
                FROM spotter.steps WHERE id >= $1 AND started_at >= $2 AND kind = 'tool') call
            GROUP BY name ORDER BY name
            """, RandomIDGenerator.least(at: date.addingTimeInterval(-60)), date)
        return try await door.read(scope, statement).views()
    }
}
