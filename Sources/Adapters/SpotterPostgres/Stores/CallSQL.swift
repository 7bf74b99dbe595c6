import PostgresKit
import SpotterDomain

/// What goes with the end of calls of agents, in the transaction that writes it.
enum CallSQL {
    /// Gives back the places of those of `ids` that have ended, counts them in their agents' figures, writes their
    /// RESPONSEs, and lets as many calls look again that wait for an agent. None for no ids.
    static func end(_ ids: [ExecutionID]) -> [Statement] {
        guard !ids.isEmpty else { return [] }
        let ids = ids.map(\.uuid)
        return [
            Statement(
                """
                WITH over AS (
                    DELETE FROM spotter.agent_calls c USING spotter.executions e
                    WHERE c.execution_id = ANY ($1::uuid[]) AND e.organization_id = c.organization_id
                        AND e.id = c.execution_id AND e.state IN ('completed', 'failed', 'cancelled')
                    RETURNING c.organization_id, c.execution_id, c.agent_id, c.session_id, c.capability, c.action,
                        c.request_id, c.response_id, e.state, e.output, e.error,
                        coalesce(e.completed_at, now()) AS ended_at,
                        greatest(0, extract(epoch FROM coalesce(e.completed_at, now()) - c.chosen_at) * 1000)
                            ::double precision AS ms),
                counted AS (
                    INSERT INTO spotter.agent_figures AS known (
                        organization_id, agent_id, calls, failures, recent_success, recent_ms, last_active_at)
                    SELECT organization_id, agent_id, count(*), count(*) FILTER (WHERE state = 'failed'),
                        avg(CASE state WHEN 'completed' THEN 1 ELSE 0 END)::double precision,
                        avg(ms) FILTER (WHERE state = 'completed'), max(ended_at)
                    FROM over WHERE state <> 'cancelled' GROUP BY organization_id, agent_id ORDER BY agent_id
                    ON CONFLICT (organization_id, agent_id) DO UPDATE SET
                        calls = known.calls + excluded.calls, failures = known.failures + excluded.failures,
                        recent_success = coalesce(
                            known.recent_success + (1 - power(0.8::double precision, excluded.calls))
                                * (excluded.recent_success - known.recent_success), excluded.recent_success),
                        recent_ms = coalesce(
                            known.recent_ms + (1 - power(0.8::double precision, excluded.calls - excluded.failures))
                                * (excluded.recent_ms - known.recent_ms), excluded.recent_ms, known.recent_ms),
                        last_active_at = greatest(known.last_active_at, excluded.last_active_at))
                INSERT INTO spotter.contracts (
                    organization_id, id, session_id, type, correlation_id, execution_id, capability, action, agent_id,
                    payload, status, created_at)
                SELECT organization_id, response_id, session_id, 'RESPONSE', request_id, execution_id, capability,
                    action, agent_id,
                    CASE state
                        WHEN 'completed' THEN json_build_object('success', true, 'data', output -> 'data')
                        ELSE json_build_object('success', false, 'error', json_build_object(
                            'code', coalesce(error ->> 'code', 'cancelled'),
                            'message', coalesce(error ->> 'message', 'The call was cancelled.'))) END,
                    state, ended_at
                FROM over WHERE response_id IS NOT NULL
                ON CONFLICT (organization_id, id) DO NOTHING
                """, ids),
            Statement(
                """
                UPDATE spotter.executions SET wake_at = now() WHERE id = ANY (ARRAY(
                    SELECT id FROM spotter.executions
                    WHERE kind = 'call' AND state = 'waiting' AND current_step LIKE 'free-agent-%' AND wake_at > now()
                        -- They wait for one that cannot be called, and look by themselves.
                        AND coalesce(input ->> 'is_patient', 'false') <> 'true'
                    ORDER BY id LIMIT cardinality($1::uuid[]) FOR NO KEY UPDATE SKIP LOCKED))
                """, ids),
        ]
    }
}
