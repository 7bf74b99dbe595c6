import PostgresKit

extension PrivacyPart {
    /// What was done, and what it is done by.
    static let work: [PrivacyPart] = [
        PrivacyPart(
            "executions", columns: ["current_step", "input", "output", "error"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.executions t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.executions t SET current_step = app.without_person(current_step), input =
                app.without_person(input::text)::json, output = app.without_person(output::text)::json, error =
                app.without_person(error::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "steps", columns: ["name", "input", "output", "error"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.steps t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.steps t SET name = app.without_person(name), input =
                app.without_person(input::text)::json, output = app.without_person(output::text)::json, error =
                app.without_person(error::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "executions_history", columns: ["current_step", "input", "output", "error"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.executions_history t WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.executions_history t SET current_step = app.without_person(current_step), input =
                app.without_person(input::text)::json, output = app.without_person(output::text)::json, error =
                app.without_person(error::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "steps_history", columns: ["name", "input", "output", "error"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.steps_history t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.steps_history t SET name = app.without_person(name), input =
                app.without_person(input::text)::json, output = app.without_person(output::text)::json, error =
                app.without_person(error::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "events", columns: ["data"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.events t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.events t SET data = app.without_person(data::text)::json WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "tasks", columns: ["title", "description", "search_key", "input", "metadata"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.tasks t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.tasks t SET title = app.without_person(title), description =
                app.without_person(description), search_key = app.without_person(search_key), input =
                app.without_person(input::text)::json, metadata = app.without_person(metadata::text)::jsonb WHERE
                t.organization_id = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "budgets", columns: ["about"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.budgets t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.budgets t SET about = app.without_person(about::text)::jsonb WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "ledger", columns: ["note"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.ledger t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.ledger t SET note = app.without_person(note) WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "hooks", columns: ["settings"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.hooks t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.hooks t SET settings = app.without_person(settings::text)::json WHERE t.organization_id
                = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "hook_deliveries", columns: ["reason", "external_id", "payload", "headers"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.hook_deliveries t WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.hook_deliveries t SET reason = app.without_person(reason), external_id =
                app.without_person(external_id), payload = app.without_person(payload::text)::json, headers =
                app.without_person(headers::text)::jsonb WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "outbound_deliveries", columns: ["reason", "attempts"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.outbound_deliveries t WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.outbound_deliveries t SET reason = app.without_person(reason), attempts =
                app.without_person(attempts::text)::jsonb WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "connector_notes", columns: ["note"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.connector_notes t WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            erase: [
                """
                DELETE FROM spotter.connector_notes t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "triggers", columns: ["name", "condition", "input", "target"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.triggers t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.triggers t SET name = app.without_person(name), condition =
                app.without_person(condition), input = app.without_person(input::text)::json, target =
                app.without_person(target::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "workflows", columns: ["search_key", "definition"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.workflows t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.workflows t SET search_key = app.without_person(search_key), definition =
                app.without_person(definition::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "workflow_versions", columns: ["definition"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.workflow_versions t WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.workflow_versions t SET definition = app.without_person(definition::text)::json WHERE
                t.organization_id = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "agents", columns: ["description", "system_prompt", "search_key", "context", "metadata"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.agents t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.agents t SET description = app.without_person(description), system_prompt =
                app.without_person(system_prompt), search_key = app.without_person(search_key), context =
                app.without_person(context::text)::json, metadata = app.without_person(metadata::text)::jsonb WHERE
                t.organization_id = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "agent_versions", columns: ["settings"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.agent_versions t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.agent_versions t SET settings = app.without_person(settings::text)::json WHERE
                t.organization_id = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "agent_presence", columns: ["note"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.agent_presence t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.agent_presence t SET note = app.without_person(note) WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "tokens", columns: ["name", "subject"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.tokens t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.tokens t SET name = app.without_person(name), subject = app.without_person(subject)
                WHERE t.organization_id = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "receipts", columns: ["response_body"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.receipts t WHERE t.organization_id = app.organization() AND
                app.names_person(t.response_body)
                """,
            erase: [
                """
                DELETE FROM spotter.receipts t WHERE t.organization_id = app.organization() AND
                app.names_person(t.response_body)
                """
            ]),
        PrivacyPart(
            "documents", columns: ["name", "content"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.documents t WHERE t.organization_id = app.organization() AND
                (app.names_person(t.name) OR app.names_person(t.content))
                """,
            erase: [
                """
                DELETE FROM spotter.documents t WHERE t.organization_id = app.organization() AND
                (app.names_person(t.name) OR app.names_person(t.content))
                """
            ]),
    ]
}
