import Foundation
import PostgresKit
import SpotterDomain

/// What is asked of an organisation's rows to know how its work goes.
///
/// Runs are found by their ids, which carry the time at which they were made: those that end in a stretch of time were
/// made at most a day before it, but for few that waited longer and are left out. Probes and the making of memory blocks
/// are nobody's work.
enum MonitoringSQL {
    /// Runs that ended, by part of the stretch and by whether they are plans or workflows.
    static func buckets(_ range: MetricRange) -> Statement {
        Statement(
            """
            WITH ended AS (
                SELECT kind, state, completed_at,
                    extract(epoch FROM completed_at - coalesce(started_at, created_at)) * 1000 AS ms
                FROM spotter.executions
                WHERE id >= app.first_id_at($1::timestamptz - interval '1 day') AND completed_at >= $1
                    AND completed_at < $2 AND kind NOT IN ('probe', 'compression')
                UNION ALL
                SELECT kind, state, completed_at,
                    extract(epoch FROM completed_at - coalesce(started_at, created_at)) * 1000
                FROM spotter.executions_history
                WHERE id >= app.first_id_at($1::timestamptz - interval '1 day') AND completed_at >= $1
                    AND completed_at < $2 AND kind NOT IN ('probe', 'compression'))
            SELECT floor(extract(epoch FROM completed_at - $1) / $3::integer)::integer AS bucket,
                kind IN ('plan', 'workflow') AS is_flow,
                count(*) FILTER (WHERE state = 'completed'), count(*) FILTER (WHERE state = 'failed'),
                count(*) FILTER (WHERE state = 'cancelled'), coalesce(sum(ms), 0)::double precision,
                min(ms)::double precision, max(ms)::double precision
            FROM ended GROUP BY bucket, is_flow ORDER BY bucket, is_flow
            """, range.from, range.to, range.bucketSeconds)
    }

    /// How long 95 of 100 runs of agents took at most: the nearest rank.
    static func p95(_ range: MetricRange) -> Statement {
        Statement(
            """
            WITH ended AS (
                SELECT extract(epoch FROM completed_at - coalesce(started_at, created_at)) * 1000 AS ms
                FROM spotter.executions
                WHERE id >= app.first_id_at($1::timestamptz - interval '1 day') AND completed_at >= $1
                    AND completed_at < $2 AND kind NOT IN ('probe', 'compression', 'plan', 'workflow')
                UNION ALL
                SELECT extract(epoch FROM completed_at - coalesce(started_at, created_at)) * 1000
                FROM spotter.executions_history
                WHERE id >= app.first_id_at($1::timestamptz - interval '1 day') AND completed_at >= $1
                    AND completed_at < $2 AND kind NOT IN ('probe', 'compression', 'plan', 'workflow'))
            SELECT (percentile_disc(0.95) WITHIN GROUP (ORDER BY ms))::double precision FROM ended
            """, range.from, range.to)
    }

    /// Calls of models by the ledger.
    static func calls(_ range: MetricRange) -> Statement {
        Statement(
            """
            SELECT count(*) FILTER (WHERE step_id IS NOT NULL), count(*) FILTER (WHERE outcome = 'failed'),
                coalesce(sum(input_tokens), 0)::bigint, coalesce(sum(output_tokens), 0)::bigint,
                coalesce(sum(billed), 0)
            FROM spotter.ledger WHERE at >= $1 AND at < $2
            """, range.from, range.to)
    }

    /// How it stands now. When a run became ready is its place in the queue without what its priority moved it by.
    static let gauges = Statement(
        """
        SELECT
            (SELECT count(*) FROM spotter.executions WHERE place_at IS NOT NULL),
            (SELECT max(extract(epoch FROM now()
                    - (place_at + ('epoch'::timestamptz - app.place('epoch', priority, attempt)))))::double precision
                FROM spotter.executions WHERE place_at IS NOT NULL),
            (SELECT count(*) FROM spotter.executions
                WHERE worker_id IS NOT NULL AND kind NOT IN ('plan', 'workflow', 'probe', 'compression')),
            (SELECT count(*) FROM spotter.executions WHERE state = 'waiting'),
            (SELECT count(*) FROM spotter.executions
                WHERE state IN ('queued', 'running', 'waiting', 'paused') AND kind IN ('plan', 'workflow')),
            (SELECT count(*) FROM spotter.executions WHERE dead_at IS NOT NULL),
            (SELECT count(*) FROM spotter.steps WHERE kind = 'approval' AND state = 'waiting'),
            (SELECT extract(epoch FROM now() - min(started_at))::double precision
                FROM spotter.steps WHERE kind = 'approval' AND state = 'waiting'),
            (SELECT count(*) FROM spotter.workers WHERE lease_until > now()),
            (SELECT count(*) FROM spotter.outbox_messages
                WHERE status IN ('failed', 'needs_review') AND created_at > now() - interval '1 day')
        """)

    /// Each agent with its runs that ended in the stretch, and those under way now.
    static func agents(_ range: MetricRange) -> Statement {
        Statement(
            """
            WITH ended AS (
                SELECT agent_id, state,
                    extract(epoch FROM completed_at - coalesce(started_at, created_at)) * 1000 AS ms
                FROM spotter.executions
                WHERE id >= app.first_id_at($1::timestamptz - interval '1 day') AND completed_at >= $1
                    AND completed_at < $2 AND agent_id IS NOT NULL AND kind NOT IN ('probe', 'compression')
                UNION ALL
                SELECT agent_id, state,
                    extract(epoch FROM completed_at - coalesce(started_at, created_at)) * 1000
                FROM spotter.executions_history
                WHERE id >= app.first_id_at($1::timestamptz - interval '1 day') AND completed_at >= $1
                    AND completed_at < $2 AND agent_id IS NOT NULL AND kind NOT IN ('probe', 'compression')),
            done AS (
                SELECT agent_id, count(*) FILTER (WHERE state = 'completed') AS completed,
                    count(*) FILTER (WHERE state = 'failed') AS failed,
                    count(*) FILTER (WHERE state = 'cancelled') AS cancelled, sum(ms)::double precision AS total,
                    min(ms)::double precision AS least, max(ms)::double precision AS most
                FROM ended GROUP BY agent_id),
            busy AS (
                SELECT agent_id, count(*) AS running FROM spotter.executions
                WHERE worker_id IS NOT NULL AND agent_id IS NOT NULL GROUP BY agent_id)
            SELECT a.id, a.name, a.enabled, a.max_concurrent, coalesce(busy.running, 0), coalesce(done.completed, 0),
                coalesce(done.failed, 0), coalesce(done.cancelled, 0), coalesce(done.total, 0), done.least, done.most
            FROM spotter.agents a LEFT JOIN done ON done.agent_id = a.id LEFT JOIN busy ON busy.agent_id = a.id
            WHERE a.deleted_at IS NULL ORDER BY a.name_key, a.id
            """, range.from, range.to)
    }

    /// The first of those that began each, and where in a trace that was asked for.
    static func origins(_ ids: [ExecutionID]) -> Statement {
        Statement(
            """
            WITH RECURSIVE line AS (
                SELECT wanted.id AS wanted, known.*, 0 AS depth
                FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
                    SELECT e.id, e.parent_id, e.traceparent FROM spotter.executions e WHERE e.id = wanted.id
                    UNION ALL
                    SELECT h.id, h.parent_id, h.traceparent FROM spotter.executions_history h
                    WHERE h.id = wanted.id) AS known
                UNION ALL
                SELECT line.wanted, known.*, line.depth + 1
                FROM line CROSS JOIN LATERAL (
                    SELECT e.id, e.parent_id, e.traceparent FROM spotter.executions e WHERE e.id = line.parent_id
                    UNION ALL
                    SELECT h.id, h.parent_id, h.traceparent FROM spotter.executions_history h
                    WHERE h.id = line.parent_id) AS known
                WHERE line.depth < 20)
            SELECT DISTINCT ON (wanted) wanted, id, traceparent FROM line ORDER BY wanted, depth DESC
            """, ids.map(\.uuid))
    }
}

/// What keeps and reads the figures that an organisation records itself.
enum MetricSQL {
    /// Adds a value to a series that is there already, of the same kind; returns nothing where there is none.
    static func add(_ sample: CustomSample, labels: [String: String], at now: Date) throws -> Statement {
        Statement(
            """
            WITH series AS (
                UPDATE spotter.metric_series SET
                    value = CASE kind WHEN 'counter' THEN value + $4 ELSE $4 END,
                    updated_at = greatest(updated_at, $5)
                WHERE name = $1 AND labels_key = $2 AND kind = $3
                RETURNING organization_id, id)
            INSERT INTO spotter.metric_minutes AS stored (
                organization_id, series_id, minute, count, sum, minimum, maximum, samples)
            SELECT organization_id, id, date_trunc('minute', $5::timestamptz), 1, $4::double precision, $4, $4,
                ARRAY[$4::double precision]
            FROM series
            ON CONFLICT (organization_id, series_id, minute) DO UPDATE SET
                count = stored.count + 1, sum = stored.sum + excluded.sum,
                samples = CASE WHEN cardinality(stored.samples) < 100 THEN stored.samples || excluded.samples
                    ELSE stored.samples[2:] || excluded.samples END,
                minimum = least(stored.minimum, excluded.minimum), maximum = greatest(stored.maximum, excluded.maximum)
            RETURNING series_id
            """, sample.name, CustomMetric.key(of: labels), sample.kind.rawValue, sample.value, now)
    }

    /// How many series there are, and of which kind this metric is; NULL where it is new.
    static func facts(_ name: String) -> Statement {
        Statement(
            """
            SELECT count(*), min(kind) FILTER (WHERE name = $1) FROM spotter.metric_series
            WHERE labels_key <> 'other=4:true'
            """, name)
    }

    /// Makes a series without a value, unless it is there.
    static func open(_ sample: CustomSample, labels: [String: String], at now: Date) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.metric_series (organization_id, name, kind, labels, labels_key, value, updated_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, 0, $5)
            ON CONFLICT ON CONSTRAINT metric_series_labels_key DO NOTHING
            """, sample.name, sample.kind.rawValue, try PostgresValue.document(labels), CustomMetric.key(of: labels),
            now)
    }

    /// Series with values in a stretch of time.
    static func series(_ name: String?, _ range: MetricRange) -> Statement {
        Statement(
            """
            SELECT s.name, s.kind, s.labels, sum(m.count)::bigint, sum(m.sum)::double precision, min(m.minimum),
                max(m.maximum), s.value, s.updated_at
            FROM spotter.metric_series s
                JOIN spotter.metric_minutes m ON m.organization_id = s.organization_id AND m.series_id = s.id
            WHERE ($1::text IS NULL OR s.name = $1) AND m.minute >= date_trunc('minute', $2::timestamptz)
                AND m.minute < $3
            GROUP BY s.organization_id, s.id ORDER BY s.name, s.labels_key
            """, name, range.from, range.to)
    }

    /// The single values that are kept of a metric's series with these labels, the newest first.
    static func values(_ name: String, _ labels: [String: String], _ range: MetricRange, most: Int) throws -> Statement
    {
        Statement(
            """
            SELECT held.sample
            FROM spotter.metric_series s
                JOIN spotter.metric_minutes m ON m.organization_id = s.organization_id AND m.series_id = s.id,
                unnest(m.samples) AS held (sample)
            WHERE s.name = $1 AND s.labels @> $2::jsonb AND m.minute >= date_trunc('minute', $3::timestamptz)
                AND m.minute < $4
            ORDER BY m.minute DESC LIMIT $5
            """, name, try PostgresValue.document(labels), range.from, range.to, most)
    }

    /// What the values of a metric's series with these labels came to, minute by minute.
    static func minutes(_ name: String, _ labels: [String: String], _ range: MetricRange) throws -> Statement {
        Statement(
            """
            SELECT sum(m.count)::bigint, sum(m.sum)::double precision, min(m.minimum), max(m.maximum)
            FROM spotter.metric_series s
                JOIN spotter.metric_minutes m ON m.organization_id = s.organization_id AND m.series_id = s.id
            WHERE s.name = $1 AND s.labels @> $2::jsonb AND m.minute >= date_trunc('minute', $3::timestamptz)
                AND m.minute < $4
            GROUP BY m.minute ORDER BY m.minute
            """, name, try PostgresValue.document(labels), range.from, range.to)
    }
}
