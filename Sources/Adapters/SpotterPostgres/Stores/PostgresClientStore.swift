import Foundation
import PostgresKit
import SpotterDomain

/// Members in PostgreSQL.
struct PostgresClientStore: ClientStore {
    let door: StoreDoor

    func search(
        _ query: String, status: Client.Status?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Client] {
        let words = FoldedText.words(query)
        // A phone number holds digits only, so that the letter stands for "no part of a phone number".
        let digits = words.map { LikePattern.containing(FoldedText.phoneDigits(ofWord: $0) ?? "x") }
        let statement = Statement(
            """
            SELECT id, name, email, phone, status, tags, joined_on FROM spotter.clients
            WHERE ($1::text IS NULL OR status = $1)
                AND NOT EXISTS (
                    SELECT FROM unnest($2::text[], $3::text[]) AS word (text, digits)
                    WHERE search_key NOT LIKE word.text AND phone_digits NOT LIKE word.digits)
            ORDER BY name_key = $4 DESC, name_key, id LIMIT $5
            """, status?.rawValue, words.map(LikePattern.containing), digits, words.joined(separator: " "),
            max(limit, 0))
        return try await door.read(scope, statement).decoded(Client.init)
    }

    func add(_ clients: [Client], in scope: OrganizationScope) async throws {
        guard !clients.isEmpty else { return }
        let statement = Statement(
            """
            INSERT INTO spotter.clients (
                organization_id, id, name, name_key, search_key, email, phone, phone_digits, status, tags, joined_on)
            SELECT (SELECT app.organization()), id, name, name_key, search_key, email, phone, phone_digits, status,
                tags, joined_on
            FROM json_to_recordset($1::json) AS client (
                id uuid, name text, name_key text, search_key text, email text, phone text, phone_digits text,
                status text, tags text[], joined_on timestamptz)
            ON CONFLICT (organization_id, id) DO NOTHING
            """, try PostgresValue.document(clients.map(ClientRow.init)))
        _ = try await door.write(scope, statement)
    }

    func count(in scope: OrganizationScope) async throws -> Int {
        let rows = try await door.read(scope, Statement("SELECT count(*) FROM spotter.clients"))
        return try rows.firstDecoded { try $0.get(0) } ?? 0
    }
}

/// A member as the insert reads it.
private struct ClientRow: Encodable {
    let id: String
    let name: String
    let nameKey: String
    let searchKey: String
    let email: String?
    let phone: String?
    let phoneDigits: String
    let status: Client.Status
    let tags: [String]
    let joinedOn: Date

    init(_ client: Client) {
        id = client.id.uuid.uuidString
        name = client.name
        nameKey = FoldedText.fold(client.name)
        searchKey = FoldedText.searchKey(client.name, client.email, client.phone)
        email = client.email
        phone = client.phone
        phoneDigits = FoldedText.digits(client.phone)
        status = client.status
        tags = client.tags
        joinedOn = client.joinedOn
    }
}

extension Client {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), name: try row.get(1), email: try row.get(2), phone: try row.get(3),
            status: try row.named(4), tags: try row.get(5), joinedOn: try row.get(6))
    }
}
