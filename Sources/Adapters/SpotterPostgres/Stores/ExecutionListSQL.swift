import Foundation
import PostgresKit
import SpotterDomain

/// Lists of executions, newest first, as one statement: what is worked on and what is in the history lie among each
/// other, and what moves from one to the other between two pages is in neither page twice, nor in none.
///
/// A conversation is named in the history only while it is there.
///
/// Of the branches exactly one is run of each table, by its own index: the others' limit is 0, and they look for
/// `nobody`. A condition that is false, as `= NULL` is, would not do in its place: under row-level security it is planned
/// for as if it could hold, and a whole table were to be read for it by several processes.
enum ExecutionListSQL {
    /// One page.
    static func select(_ filter: ExecutionFilter, _ page: PageRequest) -> Statement {
        Statement(
            sql, filter.narrowest, page.before, filter.state?.rawValue ?? "", filter.agent?.uuid ?? nobody,
            filter.conversation?.uuid ?? nobody, filter.task?.uuid ?? nobody, filter.parent?.uuid ?? nobody,
            page.fetchLimit, !filter.isDead, nobody)
    }

    /// Stands for an id that is not asked for; nothing has it.
    fileprivate static let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    /// The bounds of the ids let the last look pass over all months but the page's.
    private static let sql: StaticString = """
        WITH page AS MATERIALIZED (
            SELECT id, is_old FROM (
                (SELECT id, false AS is_old FROM spotter.executions
                WHERE id < $2 AND ($3 = '' OR state = $3)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'all' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, false FROM spotter.executions
                WHERE id < $2 AND state = $3 AND state <> 'completed'
                ORDER BY id DESC LIMIT CASE $1 WHEN 'state' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, false FROM spotter.executions
                WHERE id < $2 AND agent_id = $4 AND ($3 = '' OR state = $3)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'agent' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, false FROM spotter.executions
                WHERE id < $2 AND dead_at IS NOT NULL AND ($4 = $10 OR agent_id = $4)
                    AND ($3 = '' OR state = $3)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'dead' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, false FROM spotter.executions
                WHERE id < $2 AND task_id = $6 AND ($4 = $10 OR agent_id = $4)
                    AND ($3 = '' OR state = $3) AND ($9 OR dead_at IS NOT NULL)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'task' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, false FROM spotter.executions
                WHERE id < $2 AND conversation_id = $5
                    AND ($4 = $10 OR agent_id = $4) AND ($6 = $10 OR task_id = $6)
                    AND ($3 = '' OR state = $3) AND ($9 OR dead_at IS NOT NULL)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'conversation' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, false FROM spotter.executions
                WHERE id < $2 AND parent_id = $7
                    AND ($5 = $10 OR conversation_id = $5) AND ($4 = $10 OR agent_id = $4)
                    AND ($6 = $10 OR task_id = $6) AND ($3 = '' OR state = $3)
                    AND ($9 OR dead_at IS NOT NULL)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'parent' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, true FROM spotter.executions_history
                WHERE id < $2 AND ($3 = '' OR state = $3)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'all' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, true FROM spotter.executions_history
                WHERE id < $2 AND state = $3 AND state <> 'completed'
                ORDER BY id DESC LIMIT CASE $1 WHEN 'state' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, true FROM spotter.executions_history
                WHERE id < $2 AND agent_id = $4 AND ($3 = '' OR state = $3)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'agent' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, true FROM spotter.executions_history
                WHERE id < $2 AND dead_at IS NOT NULL AND ($4 = $10 OR agent_id = $4)
                    AND ($3 = '' OR state = $3)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'dead' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, true FROM spotter.executions_history
                WHERE id < $2 AND task_id = $6 AND ($4 = $10 OR agent_id = $4)
                    AND ($3 = '' OR state = $3) AND ($9 OR dead_at IS NOT NULL)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'task' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, true FROM spotter.executions_history
                WHERE id < $2 AND conversation_id = $5
                    AND ($4 = $10 OR agent_id = $4) AND ($6 = $10 OR task_id = $6)
                    AND ($3 = '' OR state = $3) AND ($9 OR dead_at IS NOT NULL)
                    AND EXISTS (SELECT FROM spotter.conversations WHERE id = $5)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'conversation' THEN $8 ELSE 0 END)
                UNION ALL
                (SELECT id, true FROM spotter.executions_history
                WHERE id < $2 AND parent_id = $7
                    AND ($5 = $10 OR (conversation_id = $5
                        AND EXISTS (SELECT FROM spotter.conversations WHERE id = $5)))
                    AND ($4 = $10 OR agent_id = $4)
                    AND ($6 = $10 OR task_id = $6) AND ($3 = '' OR state = $3)
                    AND ($9 OR dead_at IS NOT NULL)
                ORDER BY id DESC LIMIT CASE $1 WHEN 'parent' THEN $8 ELSE 0 END)) AS found
            ORDER BY id DESC LIMIT $8)
        SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error, usage,
            cost, steps_total, steps_completed, current_step, task_id, parent_id, priority, retry_policy,
            deadline_at, unique_key, failures, crashes, wake_at, requested, dead_at, signals, created_at,
            started_at, completed_at
        FROM spotter.executions WHERE id = ANY (ARRAY(SELECT id FROM page WHERE NOT is_old))
        UNION ALL
        SELECT id, kind, state, attempt,
            (SELECT talk.id FROM spotter.conversations AS talk WHERE talk.id = executions_history.conversation_id),
            agent_id, agent_version, input, output, error, usage, cost, steps_total, steps_completed, current_step,
            task_id, parent_id, priority, retry_policy, deadline_at, unique_key, failures, crashes, NULL, NULL, dead_at,
            signals, created_at, started_at, completed_at
        FROM spotter.executions_history WHERE id = ANY (ARRAY(SELECT id FROM page WHERE is_old))
            AND id >= (SELECT id FROM page WHERE is_old ORDER BY id LIMIT 1)
            AND id <= (SELECT id FROM page WHERE is_old ORDER BY id DESC LIMIT 1)
        ORDER BY id DESC
        """
}

extension ExecutionFilter {
    /// The name of the index that serves this filter best, as the query knows it.
    fileprivate var narrowest: String {
        if [parent?.uuid, conversation?.uuid, task?.uuid, agent?.uuid].contains(ExecutionListSQL.nobody) {
            return "none"
        }
        if parent != nil { return "parent" }
        if conversation != nil { return "conversation" }
        if task != nil { return "task" }
        if isDead { return "dead" }
        if agent != nil { return "agent" }
        if let state, state != .completed { return "state" }
        return "all"
    }
}
