/// The statements behind the busiest requests about agents, apart so that a benchmark runs the very same.
enum AgentSQL {
    /// Goes before an insert. Stops the transaction where the organisation has as many agents as it may.
    static let requireRoom: StaticString = "SELECT app.require_room_for_agent()"

    static let insert: StaticString = """
        INSERT INTO spotter.agents (
            organization_id, id, version, name, description, role, system_prompt, model, tools, capabilities,
            priority, temperature, max_output_tokens, max_steps, timeout_seconds, enabled, metadata, template,
            created_at, updated_at, name_key, search_key, context, max_cost,
            max_tokens, actions, max_concurrent, external)
        VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
            $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
        """

    static let insertVersion: StaticString = """
        INSERT INTO spotter.agent_versions (organization_id, agent_id, version, settings, created_at)
        VALUES ((SELECT app.organization()), $1, $2, $3, $4)
        """

    static let read: StaticString = """
        SELECT id, version, name, description, role, system_prompt, model, tools, capabilities, priority,
            temperature, max_output_tokens, max_steps, timeout_seconds, enabled, metadata, template, created_at,
            updated_at, context, max_cost, max_tokens, actions, max_concurrent, external
        FROM spotter.agents WHERE id = $1 AND deleted_at IS NULL
        """

    static let list: StaticString = """
        SELECT id, version, name, description, role, system_prompt, model, tools, capabilities, priority,
            temperature, max_output_tokens, max_steps, timeout_seconds, enabled, metadata, template, created_at,
            updated_at, context, max_cost, max_tokens, actions, max_concurrent, external
        FROM spotter.agents
        WHERE id < $1 AND deleted_at IS NULL AND search_key LIKE ALL ($2::text[])
            AND ($3::boolean IS NULL OR enabled = $3) AND ($4::text IS NULL OR role = $4)
        ORDER BY id DESC LIMIT $5
        """
}
