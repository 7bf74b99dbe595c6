import PostgresKit

extension PrivacyPart {
    /// What the gym keeps of its members, and of those who may become members. A payment's amount stays: only its person goes.
    static let records: [PrivacyPart] = [
        PrivacyPart(
            "consents", columns: [],
            find: """
                SELECT row_to_json(t)::text FROM spotter.consents t WHERE t.organization_id = app.organization() AND
                (t.client_id = ANY (app.person_clients()) OR t.lead_id = ANY (app.person_leads()))
                """,
            erase: [
                """
                DELETE FROM spotter.consents t WHERE t.organization_id = app.organization() AND (t.client_id = ANY
                (app.person_clients()) OR t.lead_id = ANY (app.person_leads()))
                """
            ]),
        // The CRM's id stays, with nothing else: without it the next run would bring the person back.
        PrivacyPart(
            "connector_links", columns: [],
            find: """
                SELECT row_to_json(t)::text FROM spotter.connector_links t WHERE t.organization_id =
                app.organization() AND (t.client_id = ANY (app.person_clients()) OR t.lead_id = ANY
                (app.person_leads()))
                """,
            erase: [
                """
                UPDATE spotter.connector_links t SET local_marks = '{}', remote_marks = '{}', state = 'local_gone'
                WHERE t.organization_id = app.organization() AND (t.client_id = ANY (app.person_clients()) OR
                t.lead_id = ANY (app.person_leads()))
                """
            ]),
        PrivacyPart(
            "campaign_members", columns: [],
            find: """
                SELECT row_to_json(t)::text FROM spotter.campaign_members t WHERE t.organization_id =
                app.organization() AND (t.client_id = ANY (app.person_clients()) OR t.lead_id = ANY
                (app.person_leads()))
                """,
            erase: [
                """
                DELETE FROM spotter.campaign_members t WHERE t.organization_id = app.organization() AND (t.client_id =
                ANY (app.person_clients()) OR t.lead_id = ANY (app.person_leads()))
                """
            ]),
        PrivacyPart(
            "check_ins", columns: [],
            find: """
                SELECT row_to_json(t)::text FROM spotter.check_ins t WHERE t.organization_id = app.organization() AND
                t.client_id = ANY (app.person_clients())
                """,
            erase: [
                """
                DELETE FROM spotter.check_ins t WHERE t.organization_id = app.organization() AND t.client_id = ANY
                (app.person_clients())
                """
            ]),
        PrivacyPart(
            "calendar_events", columns: ["title", "description", "location"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.calendar_events t WHERE t.organization_id =
                app.organization() AND ((t.client_id = ANY (app.person_clients()) OR t.lead_id = ANY
                (app.person_leads())) OR app.names_person(t::text))
                """,
            erase: [
                """
                DELETE FROM spotter.calendar_events t WHERE t.organization_id = app.organization() AND (t.client_id =
                ANY (app.person_clients()) OR t.lead_id = ANY (app.person_leads()))
                """,
                """
                UPDATE spotter.calendar_events t SET title = app.without_person(title), description =
                app.without_person(description), location = app.without_person(location) WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            ]),
        PrivacyPart(
            "status_changes", columns: ["reason"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.status_changes t WHERE t.organization_id = app.organization()
                AND ((t.client_id = ANY (app.person_clients()) OR t.lead_id = ANY (app.person_leads())) OR
                app.names_person(t::text))
                """,
            erase: [
                """
                DELETE FROM spotter.status_changes t WHERE t.organization_id = app.organization() AND (t.client_id =
                ANY (app.person_clients()) OR t.lead_id = ANY (app.person_leads()))
                """,
                """
                UPDATE spotter.status_changes t SET reason = app.without_person(reason) WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            ]),
        PrivacyPart(
            "bookings", columns: [],
            find: """
                SELECT row_to_json(t)::text FROM spotter.bookings t WHERE t.organization_id = app.organization() AND
                (t.client_id = ANY (app.person_clients()) OR t.lead_id = ANY (app.person_leads()))
                """,
            erase: [
                """
                DELETE FROM spotter.bookings t WHERE t.organization_id = app.organization() AND (t.client_id = ANY
                (app.person_clients()) OR t.lead_id = ANY (app.person_leads()))
                """
            ]),
        PrivacyPart(
            "outbox_messages", columns: ["recipient", "subject", "body", "html", "reason", "attachments"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.outbox_messages t WHERE t.organization_id =
                app.organization() AND ((t.client_id = ANY (app.person_clients()) OR t.lead_id = ANY
                (app.person_leads())) OR app.names_person(t::text))
                """,
            erase: [
                """
                DELETE FROM spotter.outbox_messages t WHERE t.organization_id = app.organization() AND ((t.client_id =
                ANY (app.person_clients()) OR t.lead_id = ANY (app.person_leads())) OR app.names_person(t.recipient))
                """,
                """
                UPDATE spotter.outbox_messages t SET recipient = app.without_person(recipient), subject =
                app.without_person(subject), body = app.without_person(body), html = app.without_person(html), reason
                = app.without_person(reason), attachments = app.without_person(attachments::text)::json WHERE
                t.organization_id = app.organization() AND app.names_person(t::text)
                """,
            ]),
        PrivacyPart(
            "tickets", columns: ["subject", "body"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.tickets t WHERE t.organization_id = app.organization() AND
                ((t.client_id = ANY (app.person_clients()) OR t.lead_id = ANY (app.person_leads())) OR
                app.names_person(t::text))
                """,
            erase: [
                """
                DELETE FROM spotter.tickets t WHERE t.organization_id = app.organization() AND (t.client_id = ANY
                (app.person_clients()) OR t.lead_id = ANY (app.person_leads()))
                """,
                """
                UPDATE spotter.tickets t SET subject = app.without_person(subject), body = app.without_person(body)
                WHERE t.organization_id = app.organization() AND app.names_person(t::text)
                """,
            ]),
        PrivacyPart(
            "refunds", columns: ["reason"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.refunds t WHERE t.organization_id = app.organization() AND
                (app.names_person(t::text) OR EXISTS (SELECT FROM spotter.payments p WHERE p.organization_id =
                t.organization_id AND p.id = t.payment_id AND p.client_id = ANY (app.person_clients())))
                """,
            erase: [
                """
                UPDATE spotter.refunds t SET reason = NULL, external_id = NULL WHERE t.organization_id =
                app.organization() AND EXISTS (SELECT FROM spotter.payments p WHERE p.organization_id =
                t.organization_id AND p.id = t.payment_id AND p.client_id = ANY (app.person_clients()))
                """,
                """
                UPDATE spotter.refunds t SET reason = app.without_person(reason) WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            ]),
        PrivacyPart(
            "payments", columns: ["description", "failure_reason"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.payments t WHERE t.organization_id = app.organization() AND
                (t.client_id = ANY (app.person_clients()) OR app.names_person(t::text))
                """,
            erase: [
                """
                UPDATE spotter.payments t SET client_id = NULL, subscription_id = NULL, description = '',
                failure_reason = NULL, external_id = NULL WHERE t.organization_id = app.organization() AND t.client_id
                = ANY (app.person_clients())
                """,
                """
                UPDATE spotter.payments t SET description = app.without_person(description), failure_reason =
                app.without_person(failure_reason) WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            ]),
        PrivacyPart(
            "subscription_changes", columns: [],
            find: """
                SELECT row_to_json(t)::text FROM spotter.subscription_changes t WHERE t.organization_id =
                app.organization() AND t.client_id = ANY (app.person_clients())
                """,
            erase: [
                """
                DELETE FROM spotter.subscription_changes t WHERE t.organization_id = app.organization() AND
                t.client_id = ANY (app.person_clients())
                """
            ]),
        PrivacyPart(
            "subscriptions", columns: [],
            find: """
                SELECT row_to_json(t)::text FROM spotter.subscriptions t WHERE t.organization_id = app.organization()
                AND t.client_id = ANY (app.person_clients())
                """,
            erase: [
                """
                DELETE FROM spotter.subscriptions t WHERE t.organization_id = app.organization() AND t.client_id = ANY
                (app.person_clients())
                """
            ]),
        PrivacyPart(
            "leads", columns: ["notes", "interest", "lost_reason", "metadata"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.leads t WHERE t.organization_id = app.organization() AND
                (t.id = ANY (app.person_leads()) OR t.client_id = ANY (app.person_clients()) OR
                app.names_person(t::text))
                """,
            erase: [
                """
                DELETE FROM spotter.leads t WHERE t.organization_id = app.organization() AND (t.id = ANY
                (app.person_leads()) OR t.client_id = ANY (app.person_clients()))
                """,
                """
                UPDATE spotter.leads t SET notes = app.without_person(notes), interest = app.without_person(interest),
                lost_reason = app.without_person(lost_reason), metadata = app.without_person(metadata::text)::json
                WHERE t.organization_id = app.organization() AND app.names_person(t::text)
                """,
            ]),
        PrivacyPart(
            "clients", columns: ["notes"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.clients t WHERE t.organization_id = app.organization() AND
                (t.id = ANY (app.person_clients()) OR app.names_person(t::text))
                """,
            erase: [
                """
                DELETE FROM spotter.clients t WHERE t.organization_id = app.organization() AND t.id = ANY
                (app.person_clients())
                """,
                """
                UPDATE spotter.clients t SET notes = app.without_person(notes) WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            ]),
        PrivacyPart(
            "notifications", columns: ["title", "body"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.notifications t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.notifications t SET title = app.without_person(title), body = app.without_person(body)
                WHERE t.organization_id = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "campaigns", columns: ["name", "audience", "steps"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.campaigns t WHERE t.organization_id = app.organization() AND
                app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.campaigns t SET name = app.without_person(name), audience =
                app.without_person(audience::text)::json, steps = app.without_person(steps::text)::json WHERE
                t.organization_id = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "social_posts", columns: ["content", "error"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.social_posts t WHERE t.organization_id = app.organization()
                AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.social_posts t SET content = app.without_person(content), error =
                app.without_person(error) WHERE t.organization_id = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "message_templates", columns: ["subject", "body"],
            find: """
                SELECT row_to_json(t)::text FROM spotter.message_templates t WHERE t.organization_id =
                app.organization() AND app.names_person(t::text)
                """,
            erase: [
                """
                UPDATE spotter.message_templates t SET subject = app.without_person(subject), body =
                app.without_person(body) WHERE t.organization_id = app.organization() AND app.names_person(t::text)
                """
            ]),
        PrivacyPart(
            "record_words", columns: [],
            find: """
                SELECT row_to_json(t)::text FROM spotter.record_words t WHERE t.organization_id = app.organization()
                AND (t.record_id = ANY (app.person_clients() || app.person_leads()) OR EXISTS (SELECT FROM
                unnest(pg_catalog.current_setting('person.groups')::text[]) AS phrase WHERE
                tsvector_to_array(t.words) @> ARRAY(SELECT app.organization()::text || ' ' || part FROM
                unnest(string_to_array(phrase, ' ')) AS part)))
                """,
            erase: [
                """
                DELETE FROM spotter.record_words t WHERE t.organization_id = app.organization() AND t.record_id = ANY
                (app.person_clients() || app.person_leads())
                """,
                """
                UPDATE spotter.record_words t SET words = app.without_person(t.words) WHERE t.organization_id =
                app.organization() AND EXISTS (SELECT FROM
                unnest(pg_catalog.current_setting('person.groups')::text[]) AS phrase WHERE
                tsvector_to_array(t.words) @> ARRAY(SELECT app.organization()::text || ' ' || part FROM
                unnest(string_to_array(phrase, ' ')) AS part))
                """,
            ]),
    ]
}
