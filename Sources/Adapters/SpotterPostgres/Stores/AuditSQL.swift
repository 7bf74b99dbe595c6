import Foundation
import PostgresKit
import SpotterDomain

/// How entries of the audit log get into transactions.
enum AuditSQL {
    /// Appends the entry if the transaction has changed anything: then, and only then, it has a number by now.
    static func appendIfChanged(_ draft: AuditDraft) -> Statement {
        Statement(
            """
            INSERT INTO spotter.audit_entries (organization_id, id, actor_kind, actor, role, action, resource, request_id,
                execution_id, agent_id, outcome, fields)
            SELECT (SELECT app.organization()), $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text,
                $8::uuid, $9::uuid, $10::text, $11::text[]
            WHERE pg_current_xact_id_if_assigned() IS NOT NULL
            ON CONFLICT DO NOTHING
            """, parameters: values(of: draft))
    }

    /// Appends the entry. One that is there already stays as it is.
    static func append(_ draft: AuditDraft) -> Statement {
        Statement(
            """
            INSERT INTO spotter.audit_entries (organization_id, id, actor_kind, actor, role, action, resource, request_id,
                execution_id, agent_id, outcome, fields)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT DO NOTHING
            """, parameters: values(of: draft))
    }

    private static func values(of draft: AuditDraft) -> [PostgresValue] {
        func text(_ value: String?) -> PostgresValue { value.map { StorableText.text(of: $0) }.postgresValue }
        return [
            draft.id.uuid.postgresValue, draft.actor.kind.rawValue.postgresValue, text(draft.actor.id),
            (draft.actor.role?.rawValue).postgresValue, text(draft.action), text(draft.resource), text(draft.requestId),
            (draft.executionId?.uuid).postgresValue, (draft.agentId?.uuid).postgresValue,
            draft.outcome.rawValue.postgresValue, draft.fields.map { StorableText.text(of: $0) }.postgresValue,
        ]
    }
}
