import Foundation
import PostgresKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterPostgres

/// An organisation that leaves is given everything, and nothing of it stays.
@Suite(.timeLimit(.minutes(2)))
struct OffboardingTests {
    /// How many rows of the organisation each table has, those that have any.
    private static func counts(_ id: OrganizationID, _ stores: TestStores) async throws -> [String: Int] {
        let administrator = TestStores.connect(stores.administrator)
        defer { administrator.close() }
        let statement = Statement(
            """
            WITH owned AS MATERIALIZED (SELECT name FROM app.organization_tables() AS name),
            counted AS (
                SELECT name, (xpath('/row/n/text()', query_to_xml(format(
                    'SELECT count(*) AS n FROM spotter.%I WHERE organization_id = %L', name, $1::text), false, true,
                    '')))[1]::text::int AS n
                FROM owned)
            SELECT name, n FROM counted WHERE n > 0
            """, id.uuid.uuidString)
        let rows = try await administrator.unscoped.query(statement)
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get(0), Int(try $0.get(1, as: Int.self))) })
    }

    private static func desk(
        _ administrator: Database, for gym: TestOrganization
    ) -> (PostgresOffboardingDesk, AuditDraft) {
        let draft = AuditDraft(
            id: gym.id(), actor: AuditActor(.operator), action: "cli tenants offboard",
            resource: gym.organization.id.description)
        return (PostgresOffboardingDesk(administrator: administrator), draft)
    }

    @Test func `who leaves is in no table any more but for one entry, has everything, and others are as they were`()
        async throws
    {
        let stores = try await TestStores.shared
        let (gym, other) = (
            try await TenancyTests.furnished(stores.stores), try await TestOrganization.make(in: stores.stores)
        )
        _ = try await other.begunTurn()
        let running = try await gym.begunTurn()
        let token = gym.token()
        try await stores.stores.tokens.create(token, receipt: nil, in: gym.scope)
        let administrator = TestStores.connect(stores.administrator)
        defer { administrator.close() }
        let (desk, draft) = Self.desk(administrator, for: gym)
        let (before, others) = (
            try await Self.counts(gym.organization.id, stores), try await Self.counts(other.organization.id, stores)
        )
        let planned = try await desk.takeOut(
            gym.scope, isDryRun: true, draft: draft, write: { _, _ in Issue.record("a dry run gives nothing out") },
            finish: { _ in Issue.record("a dry run ends nothing") })
        #expect(try await Self.counts(gym.organization.id, stores) == before)
        #expect(Dictionary(uniqueKeysWithValues: planned.map { ($0.table, $0.rows) }) == before)
        struct Full: Error {}
        await #expect(throws: Full.self) {
            _ = try await desk.takeOut(
                gym.scope, isDryRun: false, draft: draft, write: { _, _ in }, finish: { _ in throw Full() })
        }
        #expect(try await Self.counts(gym.organization.id, stores) == before)

        let given = Mutex<[String: Int]>([:])
        let done = try await desk.takeOut(
            gym.scope, isDryRun: false, draft: draft,
            write: { table, rows in
                #expect(rows.allSatisfy { $0.contains(gym.organization.id.uuid.uuidString.lowercased()) })
                given.withLock { $0[table, default: 0] += rows.count }
            }, finish: { _ in })
        #expect(given.withLock { $0 } == before)
        #expect(done == planned)
        #expect(try await Self.counts(gym.organization.id, stores) == ["audit_entries": 1])
        #expect(try await Self.counts(other.organization.id, stores) == others)
        #expect(try await desk.sweep(gym.scope, keeping: draft.id) == 0)

        // Nobody is let in, and what was under way has lost its lease.
        #expect(try await stores.stores.tokens.use(token.id, in: gym.scope) == nil)
        await #expect(throws: LeaseLost.self) {
            _ = try await stores.stores.executions.record(
                [ExecutionRecord(execution: running)], at: Date(), in: gym.scope)
        }
        #expect(try await stores.stores.organizations.id(ofSlug: gym.organization.slug) == nil)
    }

    @Test func `what is changed while an organisation is given out makes that fail, and its tokens are refused`()
        async throws
    {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        try await stores.stores.clients.add([gym.client("Ana")], in: gym.scope)
        let token = gym.token()
        try await stores.stores.tokens.create(token, receipt: nil, in: gym.scope)
        let administrator = TestStores.connect(stores.administrator)
        defer { administrator.close() }
        let (desk, draft) = Self.desk(administrator, for: gym)
        try await desk.shut(gym.scope)
        #expect(try await stores.stores.tokens.use(token.id, in: gym.scope)?.revokedAt != nil)
        let before = try await Self.counts(gym.organization.id, stores)
        await #expect(throws: SpotterError.self) {
            _ = try await desk.takeOut(gym.scope, isDryRun: false, draft: draft, write: { _, _ in }) { _ in
                let late = Statement(
                    "UPDATE spotter.clients SET name = 'Anna' WHERE organization_id = app.organization()")
                _ = try await stores.database.withOrganization(gym.organization.id.uuid).query(late)
            }
        }
        #expect(try await Self.counts(gym.organization.id, stores) == before)
        _ = try await desk.takeOut(gym.scope, isDryRun: false, draft: draft, write: { _, _ in }, finish: { _ in })
        #expect(try await desk.sweep(gym.scope, keeping: draft.id) == 0)
        #expect(try await Self.counts(gym.organization.id, stores) == ["audit_entries": 1])
    }

    @Test func `the application can neither read nor delete an organisation by these functions`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        let database = stores.database.withOrganization(gym.organization.id.uuid)
        await #expect(throws: PostgresError.self) {
            _ = try await database.query(Statement("SELECT app.delete_organization()"))
        }
        await #expect(throws: PostgresError.self) {
            _ = try await database.query(Statement("SELECT app.open_organization_rows('clients')"))
        }
    }
}
