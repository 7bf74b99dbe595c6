import Foundation
public import PostgresKit
public import SpotterDomain

/// Finds everything about one person in an organisation's tables, and forgets it.
///
/// On an administrator's connection: what happened cannot be changed by the application, not even for this.
public struct PostgresPrivacyDesk: Sendable {
    private let database: Database

    /// - Parameter administrator: connected as a superuser or as the role that migrates.
    public init(administrator: Database) { database = administrator }

    /// The person whom `text` means: the id of a client or a lead, or an e-mail address. With everybody who has the same
    /// address or number and the same name: a lead that became a member is one person.
    ///
    /// - Throws: `notFound`.
    public func person(_ text: String, in scope: OrganizationScope) async throws -> PrivacyPerson {
        let id = ClientID(text)?.uuid ?? LeadID(text)?.uuid
        let statement = Statement(
            """
            WITH people AS (
                SELECT 'client' AS kind, id, name, email, phone, phone_digits FROM spotter.clients
                WHERE organization_id = $1
                UNION ALL
                SELECT 'lead', id, name, email, phone, phone_digits FROM spotter.leads WHERE organization_id = $1),
            named AS (SELECT * FROM people WHERE id = $2 OR lower(email) = lower($3))
            SELECT DISTINCT p.kind, p.id, p.name, p.email, p.phone FROM people p JOIN named n
                ON p.id = n.id OR lower(p.email) = lower(n.email)
                OR (lower(p.name) = lower(n.name) AND p.phone_digits = n.phone_digits AND p.phone_digits <> '')
            ORDER BY 1, 2
            """, scope.organization.uuid, id, text)
        let rows = try await run(scope) { try await $0.query(statement) }
        var found = PrivacyPerson(clients: [], leads: [], traces: PersonTraces(names: [], emails: [], phones: []))
        var (names, emails, phones) = ([String](), [String](), [String]())
        for row in rows {
            let id: UUID = try row.get(1)
            if try row.get(0, as: String.self) == "client" {
                found.clients.append(ClientID(id))
            } else {
                found.leads.append(LeadID(id))
            }
            names.append(try row.get(2))
            if let email = try row.get(3, as: String?.self) { emails.append(email) }
            if let phone = try row.get(4, as: String?.self) { phones.append(phone) }
        }
        guard !rows.isEmpty else { throw SpotterError.notFound("member") }
        found.traces = PersonTraces(names: names, emails: emails, phones: phones)
        return found
    }

    /// Everything there is about the person, table by table, as one JSON object a row.
    public func export(
        _ person: PrivacyPerson, in scope: OrganizationScope,
        _ write: @Sendable (_ table: String, _ rows: [String]) async throws -> Void
    ) async throws -> [PrivacyFinding] {
        var findings: [PrivacyFinding] = []
        for part in PrivacyPart.all {
            let rows = try await run(scope, person) { try await $0.query(Statement(part.find)) }
            let texts = try rows.map { try $0.get(0, as: String.self) }
            if !texts.isEmpty { try await write(part.table, texts) }
            findings.append(PrivacyFinding(table: part.table, rows: texts.count))
        }
        return findings.filter { $0.rows > 0 }
    }

    /// Forgets the person, all or nothing. Returns how many rows of each table were changed or removed.
    ///
    /// - Parameters:
    ///   - isDryRun: undoes everything at the end.
    ///   - draft: what the audit log is told.
    public func erase(
        _ person: PrivacyPerson, isDryRun: Bool, draft: AuditDraft, in scope: OrganizationScope
    ) async throws -> [PrivacyFinding] {
        do {
            return try await run(scope, person) { transaction in
                var findings: [PrivacyFinding] = []
                for part in PrivacyPart.all {
                    let found = try await transaction.query(Statement(part.find)).count
                    _ = try await transaction.batch(part.erase.map { Statement($0) })
                    findings.append(PrivacyFinding(table: part.table, rows: found))
                }
                _ = try await transaction.query(AuditSQL.append(draft))
                findings.removeAll { $0.rows == 0 }
                if isDryRun { throw Undone(findings: findings) }
                return findings
            }
        } catch let undone as Undone { return undone.findings }
    }

    private struct Undone: Error { let findings: [PrivacyFinding] }

    private func run<Value: Sendable>(
        _ scope: OrganizationScope, _ person: PrivacyPerson? = nil,
        _ work: (Transaction) async throws -> Value
    ) async throws -> Value {
        do {
            return try await database.withOrganization(scope.organization.uuid).transaction { transaction in
                // The tables' owner, who is under row-level security like everybody, and may call what finds a person.
                let settings = Statement(
                    """
                    SELECT set_config('role', 'spotter_owner', true), set_config('statement_timeout', '0', true),
                        set_config('person.clients', $1::text, true), set_config('person.leads', $2::text, true),
                        set_config('person.words', $3, true), set_config('person.numbers', $4, true),
                        set_config('person.names', $5::text, true), set_config('person.parts', $6::text, true),
                        set_config('person.groups', $7::text, true)
                    """, Self.array(person?.clients.map(\.uuid.uuidString)),
                    Self.array(person?.leads.map(\.uuid.uuidString)), person?.traces.words ?? "",
                    person?.traces.numbers ?? "", Self.array(person?.traces.texts), Self.array(person?.traces.parts),
                    Self.array(person.map { Self.phrases($0.traces) }))
                _ = try await transaction.query(settings)
                return try await work(transaction)
            }
        } catch let undone as Undone { throw undone } catch { throw StoreFailure.translate(error) }
    }

    /// The words of each name and address: an index that has all of one names him, one that has some names others too.
    private static func phrases(_ traces: PersonTraces) -> [String] {
        let phrases = traces.texts.map { text in
            text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
        }
        return phrases.filter { !$0.isEmpty }
    }

    /// An array as PostgreSQL writes it.
    private static func array(_ texts: [String]?) -> String {
        let quoted = (texts ?? []).map { text in
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }
}
