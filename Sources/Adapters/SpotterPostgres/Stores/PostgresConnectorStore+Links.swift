import Foundation
import PostgresKit
import SpotterDomain

extension PostgresConnectorStore {
    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, remote ids: [String], in scope: OrganizationScope
    ) async throws -> [ConnectorLink] {
        guard !ids.isEmpty else { return [] }
        let statement = Statement(
            """
            SELECT connector, kind, remote_id, client_id, lead_id, local_marks, remote_marks, state, synced_at
            FROM spotter.connector_links WHERE connector = $1 AND kind = $2 AND remote_id = ANY ($3) ORDER BY remote_id
            """, connector, kind.rawValue, ids.map(StorableText.text))
        return try await door.read(scope, statement).decoded(ConnectorLink.init)
    }

    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, people: [MessagePerson], in scope: OrganizationScope
    ) async throws -> [ConnectorLink] {
        guard !people.isEmpty else { return [] }
        let statement = Statement(
            """
            SELECT connector, kind, remote_id, client_id, lead_id, local_marks, remote_marks, state, synced_at
            FROM spotter.connector_links
            WHERE connector = $1 AND kind = $2 AND (client_id = ANY ($3) OR lead_id = ANY ($4)) ORDER BY remote_id
            """, connector, kind.rawValue, people.compactMap { $0.clientID?.uuid },
            people.compactMap { $0.leadID?.uuid })
        return try await door.read(scope, statement).decoded(ConnectorLink.init)
    }

    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, after remote: String?, limit: Int, in scope: OrganizationScope
    ) async throws -> [ConnectorLink] {
        let statement = Statement(
            """
            SELECT connector, kind, remote_id, client_id, lead_id, local_marks, remote_marks, state, synced_at
            FROM spotter.connector_links WHERE connector = $1 AND kind = $2 AND remote_id > $3 ORDER BY remote_id LIMIT $4
            """, connector, kind.rawValue, remote ?? "", limit)
        return try await door.read(scope, statement).decoded(ConnectorLink.init)
    }

    func orphans(_ connector: String, limit: Int, in scope: OrganizationScope) async throws -> [ConnectorLink] {
        let statement = Statement(
            """
            SELECT connector, kind, remote_id, client_id, lead_id, local_marks, remote_marks, state, synced_at
            FROM spotter.connector_links l
            WHERE connector = $1 AND state = 'linked'
                AND NOT EXISTS (SELECT FROM spotter.clients c WHERE c.id = l.client_id)
                AND NOT EXISTS (SELECT FROM spotter.leads p WHERE p.id = l.lead_id)
            ORDER BY kind, remote_id LIMIT $2
            """, connector, limit)
        return try await door.read(scope, statement).decoded(ConnectorLink.init)
    }

    func save(_ link: ConnectorLink, in scope: OrganizationScope) async throws {
        let (client, lead) = (link.person.clientID?.uuid, link.person.leadID?.uuid)
        let remote = StorableText.text(of: link.remoteId)
        let others = Statement(
            """
            DELETE FROM spotter.connector_links
            WHERE connector = $1 AND kind = $2 AND remote_id <> $3 AND (client_id = $4 OR lead_id = $5)
            """, link.connector, link.kind.rawValue, remote, client, lead)
        let own = Statement(
            """
            INSERT INTO spotter.connector_links (
                organization_id, connector, kind, remote_id, client_id, lead_id, local_marks, remote_marks, state,
                synced_at)
            SELECT (SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9
            ON CONFLICT (organization_id, connector, kind, remote_id) DO UPDATE SET
                client_id = excluded.client_id, lead_id = excluded.lead_id, local_marks = excluded.local_marks,
                remote_marks = excluded.remote_marks, state = excluded.state, synced_at = excluded.synced_at
            """, link.connector, link.kind.rawValue, remote, client, lead,
            try PostgresValue.document(link.localMarks), try PostgresValue.document(link.remoteMarks),
            link.state.rawValue, link.syncedAt)
        _ = try await door.write(scope, [others, own])
    }
}

extension ConnectorLink {
    /// Reads connector, kind, remote_id, client_id, lead_id, local_marks, remote_marks, state, synced_at.
    fileprivate init(_ row: Row) throws {
        let client: ClientID? = try row.optionalID(3)
        let lead: LeadID? = try row.optionalID(4)
        guard let person = client.map({ MessagePerson.client($0) }) ?? lead.map({ .lead($0) }) else {
            throw UnknownCase(column: 3)
        }
        self.init(
            connector: try row.get(0), kind: try row.named(1), person: person, remoteId: try row.get(2),
            localMarks: try row.document(5), remoteMarks: try row.document(6), state: try row.named(7),
            syncedAt: try row.get(8))
    }
}
