import PostgresKit

extension PrivacyPart {
    /// What was said, and what was kept of it.
    static let talk: [PrivacyPart] = [
        PrivacyPart(
            "conversation_words", columns: [],
            find: """
                SELECT row_to_json(t)::text FROM spotter.conversation_words t WHERE t.organization_id =
                app.organization() AND EXISTS (SELECT FROM spotter.messages m WHERE m.organization_id =
                t.organization_id AND m.conversation_id = t.conversation_id AND app.names_person(m.content) UNION ALL
                SELECT FROM spotter.conversations c WHERE c.organization_id = t.organization_id AND c.id =
                t.conversation_id AND app.names_person(c.title))
                """,
            erase: [
                """
                UPDATE spotter.conversation_words t SET words = app.without_person(t.words) WHERE t.organization_id =
                app.organization() AND EXISTS (SELECT FROM spotter.messages m WHERE m.organization_id =
                t.organization_id AND m.conversation_id = t.conversation_id AND app.names_person(m.content) UNION ALL
                SELECT FROM spotter.conversations c WHERE c.organization_id = t.organization_id AND c.id =
                t.conversation_id AND app.names_person(c.title))
                """
            ]),
        PrivacyPart(
            "conversations", columns: ["title", "metadata"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.conversations t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.conversations t SET title = app.without_person(title), metadata =
                app.without_person(metadata::text)::jsonb WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "messages", columns: ["content", "transcript"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.messages t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.messages t SET content = app.without_person(content), transcript =
                app.without_person(transcript::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "memory_blocks", columns: ["summary"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.memory_blocks t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.memory_blocks t SET summary = app.without_person(summary) WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "memory_entries", columns: ["key", "value"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.memory_entries t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.memory_entries t SET key = app.without_person(key), value =
                app.without_person(value::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "session_blocks", columns: ["summary", "session_id"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.session_blocks t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.session_blocks t SET summary = app.without_person(summary), session_id =
                app.without_person(session_id) WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "sessions", columns: ["subject", "data"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.sessions t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.sessions t SET subject = app.without_person(subject), data =
                app.without_person(data::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "agent_messages", columns: ["topic", "content"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.agent_messages t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.agent_messages t SET topic = app.without_person(topic), content =
                app.without_person(content::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "contracts", columns: ["session_id", "payload"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.contracts t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.contracts t SET session_id = app.without_person(session_id), payload =
                app.without_person(payload::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "agent_calls", columns: ["session_id", "reasons"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.agent_calls t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.agent_calls t SET session_id = app.without_person(session_id), reasons =
                app.without_person(reasons::text)::json WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """
            ]),
    ]
}
