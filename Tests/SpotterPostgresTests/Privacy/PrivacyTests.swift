import Foundation
import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterPostgres

/// A member is forgotten everywhere, and is given everything.
@Suite(.timeLimit(.minutes(2)))
struct PrivacyTests {
    private static let name = "Zaphira Quillfeather"
    private static let email = "zaphira@quill.example"
    private static let phone = "+44 20 7946 0991"
    private static let canary = "\(name) of \(email), call 020 7946-0991 or zaphira  QUILLFEATHER"

    @Test func `every table says what becomes of members in it`() async throws {
        let stores = try await TestStores.shared
        let tables = try await Self.tables(stores)
        let known = Set(PrivacyPart.all.map(\.table)).union(PrivacyPart.harmless.keys)
        #expect(Set(tables).subtracting(known).sorted() == [], "say in PrivacyPart what is done with a new table")
        #expect(known.subtracting(tables).sorted() == [])
        #expect(Set(PrivacyPart.all.map(\.table)).isDisjoint(with: PrivacyPart.harmless.keys))
    }

    @Test func `every statement fits its table`() async throws {
        let stores = try await TestStores.shared
        let administrator = TestStores.connect(stores.administrator)
        defer { administrator.close() }
        for part in PrivacyPart.all {
            let columns = try await administrator.unscoped.query(
                Statement(
                    """
                    SELECT attname::text FROM pg_attribute WHERE attrelid = ('spotter.' || $1)::regclass AND attnum > 0
                    """, part.table)
            ).map { try $0.get(0, as: String.self) }
            #expect(Set(part.columns).subtracting(columns).sorted() == [], "columns of \(part.table)")
            for statement in [part.find] + part.erase {
                await #expect(throws: Never.self, "\(part.table): \(statement)") {
                    let script = "PREPARE privacy AS \(statement); DEALLOCATE privacy;"
                    try await Administration.run(script: script, on: stores.administrator)
                }
            }
        }
    }

    @Test func `who is forgotten is in no table any more, and was in the export of each`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TenancyTests.furnished(stores.stores)
        let member = gym.client(Self.name, email: Self.email, phone: Self.phone)
        try await stores.stores.clients.add([member], in: gym.scope)
        let planted = try await Self.plant(in: gym, member, stores)
        let amounts = try await Self.number("SELECT sum(amount)::bigint FROM spotter.payments", gym, stores)
        let administrator = TestStores.connect(stores.administrator)
        defer { administrator.close() }
        let desk = PostgresPrivacyDesk(administrator: administrator)
        let person = try await desk.person(Self.email.uppercased(), in: gym.scope)
        #expect(person.clients == [member.id])

        let exported = try await desk.export(person, in: gym.scope) { _, rows in #expect(!rows.isEmpty) }
        #expect(planted.isSuperset(of: ["outbound_deliveries", "connector_notes", "hook_deliveries", "events"]))
        #expect(planted.union(["connector_links"]).subtracting(exported.map(\.table)).sorted() == [])

        let before = try await Self.traces(gym, stores)
        let draft = AuditDraft(
            id: gym.id(), actor: AuditActor(.operator), action: "cli privacy erase", resource: member.id.description)
        let planned = try await desk.erase(person, isDryRun: true, draft: draft, in: gym.scope)
        #expect(try await Self.traces(gym, stores) == before)
        let done = try await desk.erase(person, isDryRun: false, draft: draft, in: gym.scope)
        #expect(done == planned)
        #expect(try await Self.traces(gym, stores) == [])
        #expect(try await Self.number("SELECT sum(amount)::bigint FROM spotter.payments", gym, stores) == amounts)
        // Who was deleted does not come back from the CRM, and nothing of him is compared with what it has.
        let links = try await Self.number(
            """
            SELECT count(*) FROM spotter.connector_links
            WHERE state = 'local_gone' AND local_marks::text = '{}' AND remote_marks::text = '{}'
            """, gym, stores)
        #expect(links == 1)
        let entries = try await stores.stores.audit.list(
            AuditFilter(action: "cli privacy erase"), PageRequest(), in: gym.scope)
        #expect(entries.items.map(\.resourceId) == [member.id.description])
        await #expect(throws: SpotterError.self) { try await desk.person(Self.email, in: gym.scope) }
    }

    @Test func `a person's numbers and names are found as people write them, and nothing else`() {
        let traces = PersonTraces(names: ["Jo"], emails: [], phones: ["12"])
        #expect(traces.words == "\\Zx")
        #expect(traces.numbers == "\\Zx")
        #expect(PersonTraces(names: ["Ana M."], emails: [], phones: []).words == "\\mAna\\s+M\\.\\M")
    }

    // MARK: Planting

    /// Writes the canary into every column that may hold a member's words. Returns the tables.
    private static func plant(
        in gym: TestOrganization, _ member: Client, _ stores: TestStores
    ) async throws -> Set<String> {
        var script = "SELECT set_config('app.organization', '\(gym.scope.organization.uuid.uuidString)', true);\n"
        // Only what has failed has a reason, and only what was answered an answer.
        script += """
            UPDATE spotter.hook_deliveries SET state = 'failed', reason = 'x'
                WHERE organization_id = app.organization();
            UPDATE spotter.receipts SET response_status = 200, response_body = 'x'
                WHERE organization_id = app.organization();

            """
        let json = "'{\"x\":\"\(canary)\",\"n\":2079460991}'"
        for part in PrivacyPart.all {
            for column in part.columns {
                // One row of each: some columns are unique.
                script += """
                    DO $plant$ DECLARE kind text := (SELECT format_type(atttypid, NULL) FROM pg_attribute
                        WHERE attrelid = 'spotter.\(part.table)'::regclass AND attname = '\(column)');
                    BEGIN
                        EXECUTE format('UPDATE spotter.\(part.table) SET \(column) = %s WHERE (tableoid, ctid) = '
                            '(SELECT tableoid, ctid FROM spotter.\(part.table) '
                            'WHERE organization_id = app.organization() ORDER BY \(column) IS NULL LIMIT 1)',
                            CASE WHEN kind IN ('json', 'jsonb') THEN quote_literal(\(json)) || '::' || kind
                                WHEN kind = 'bytea' THEN 'convert_to(' || quote_literal('\(canary)') || ', ''UTF8'')'
                                ELSE quote_literal('\(canary)') END);
                    END $plant$;

                    """
            }
        }
        script += """
            UPDATE spotter.payments SET client_id = '\(member.id.uuid.uuidString)'
                WHERE organization_id = app.organization();
            UPDATE spotter.check_ins SET client_id = '\(member.id.uuid.uuidString)'
                WHERE organization_id = app.organization();
            UPDATE spotter.connector_links SET client_id = '\(member.id.uuid.uuidString)', local_marks = '{"name":"9f"}'
                WHERE organization_id = app.organization();

            """
        try await Administration.run(script: script, on: stores.administrator)
        return Set(try await traces(gym, stores))
    }

    // MARK: Looking

    private static func tables(_ stores: TestStores) async throws -> [String] {
        let statement = Statement(
            """
            SELECT relname::text FROM pg_class WHERE relnamespace = 'spotter'::regnamespace AND relkind IN ('r', 'p')
                AND NOT relispartition ORDER BY 1
            """)
        return try await stores.database.unscoped.query(statement).map { try $0.get(0) }
    }

    /// The tables with a row of the organisation in which the canary is, as text or as bytes.
    private static func traces(_ gym: TestOrganization, _ stores: TestStores) async throws -> [String] {
        let administrator = TestStores.connect(stores.administrator)
        defer { administrator.close() }
        let statement = Statement(
            """
            WITH owned AS MATERIALIZED (
                SELECT c.relname::text AS name FROM pg_class c
                WHERE c.relnamespace = 'spotter'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                    AND EXISTS (
                        SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id'))
            SELECT name FROM owned
            WHERE (xpath('/row/n/text()', query_to_xml(format(
                'SELECT count(*) AS n FROM spotter.%I t WHERE organization_id = %L AND (t::text ~* %L)',
                name, $1::text, $2::text), false, true, '')))[1]::text::int > 0
            ORDER BY 1
            """, gym.scope.organization.uuid.uuidString,
            "zaphira|quill|7946|79460991|" + Data("zaphira".utf8).map { String(format: "%02x", $0) }.joined() + "|"
                + Data("Zaphira".utf8).map { String(format: "%02x", $0) }.joined())
        return try await administrator.unscoped.query(statement).map { try $0.get(0) }
    }

    private static func number(_ sql: StaticString, _ gym: TestOrganization, _ stores: TestStores) async throws -> Int64
    {
        try await stores.database.withOrganization(gym.scope.organization.uuid).query(Statement(sql)).exactlyOne().get(
            0)
    }
}
