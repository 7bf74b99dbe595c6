import Foundation
import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

/// What somebody could try who got to run SQL as the application, short of naming another organisation's id.
struct TenancyTests {
    /// Counts the rows of every table that this transaction may see, and fails with the first that shows any.
    private static let expectNothing: StaticString = """
        DO $$
        DECLARE
            name regclass;
            shown bigint;
        BEGIN
            FOR name IN
                SELECT oid FROM pg_class WHERE relnamespace = 'spotter'::regnamespace AND relkind IN ('r', 'p')
                    AND NOT relispartition AND relname NOT IN (
                        'schema_migrations', 'workers', 'model_pricing', 'markups')
            LOOP
                EXECUTE format('SELECT count(*) FROM %s', name) INTO shown;
                IF shown > 0 THEN
                    RAISE EXCEPTION '% shows % rows', name, shown;
                END IF;
            END LOOP;
        END $$
        """

    /// An organisation with a row in every table.
    static func furnished(_ stores: StoreSet) async throws -> TestOrganization {
        let gym = try await TestOrganization.make(in: stores)
        let execution = try await gym.begunTurn(receipt: gym.receipt("key"))
        try await gym.record(
            ExecutionRecord(
                execution: execution, steps: [gym.step(0, of: execution, kind: .tool, state: .started)]))
        var ended = try await gym.begunTurn()
        ended.state = .completed
        ended.completedAt = TestOrganization.start
        try await gym.record(
            ExecutionRecord(
                execution: ended, steps: [gym.step(0, of: ended, kind: .tool, state: .completed)]))
        _ = try await stores.history.archive(
            .standard, after: nil, limit: 1, at: Date() + 90_000, in: gym.scope)
        try await stores.tokens.create(gym.token(), receipt: nil, in: gym.scope)
        let member = gym.client("Anna")
        let spin = gym.gymClass("Spin")
        let session = gym.session(of: spin, at: TestOrganization.start)
        try await stores.clients.add([member], in: gym.scope)
        try await stores.schedule.add(
            classes: [spin], sessions: [session],
            bookings: [Booking(id: gym.id(), sessionId: session.id, clientId: member.id)], in: gym.scope)
        try await GymFurniture.place(in: gym, TestStores.shared)
        _ = try await gym.budget(.organization, limit: 1)
        let line = gym.line(gym.charge(), of: execution, step: gym.id())
        try await gym.record(
            ExecutionRecord(
                execution: execution, ledger: [line], reservations: [gym.reservation(for: execution)]))
        _ = try await stores.ledger.apply(
            Correction(line.id, .reversal, note: "Wrong"), id: gym.id(), at: TestOrganization.start, in: gym.scope)
        _ = try await stores.ledger.close(BillingMonth(of: .init(timeIntervalSince1970: 0)), at: Date(), in: gym.scope)
        try await Self.remember(execution, gym)
        _ = try await stores.secrets.put(
            try #require(.provider("openai")), SealedBytes([1], keyID: "key"), hint: nil, at: TestOrganization.start,
            in: gym.scope)
        _ = try await stores.hooks.accept(
            gym.delivery(to: gym.hook(named: "Leads"), key: "1"), starting: nil, receipt: nil, in: gym.scope)
        let out = try await gym.sender("Out")
        let told = try await gym.tell("custom.a")
        _ = try await stores.outbound.queue(told.map { gym.sending($0, by: out) }, of: out.id, in: gym.scope)
        let agent = try await gym.agent(named: "Planner")
        _ = try await gym.workflowAction(by: agent, workflow: "new-lead")
        let task = try await gym.task("2", for: agent, after: [gym.task("1", for: agent).id])
        _ = try await TestStores.shared.database.withOrganization(gym.scope.organization.uuid).query(
            Statement(
                """
                INSERT INTO spotter.schedule_fires (organization_id, task_id, fire_at, outcome, reason)
                VALUES (app.organization(), $1, now(), 'skipped', 'missed')
                """, task.id.uuid))
        try await stores.fires.setState(.running, at: TestOrganization.start, in: gym.scope)
        try await Self.route(gym)
        _ = try await stores.rates.lease(.organization, balance: 0, atLeast: 1, in: gym.scope)
        try await gym.trigger("Leads")
        try await gym.session(about: "Ana")
        try await Self.watch(gym)
        return gym
    }

    /// A call that has its agent, one that has ended, what was said, and a message.
    private static func route(_ gym: TestOrganization) async throws {
        let (stores, now) = (gym.stores, TestOrganization.start)
        let agent = try await gym.callable("Called")
        let order = CallOrder(capability: "answer", parameters: ["content": "x"], writeContracts: true)
        for isEnded in [true, false] {
            let call = try await gym.begunCall()
            _ = try await stores.routing.reserve(gym.wish(call, agent, order: order), in: gym.scope)
            guard isEnded else { continue }
            _ = try await stores.executions.change(call.id, at: now, in: gym.scope) { journal in
                var execution = journal.execution
                execution.state = .completed
                execution.completedAt = now
                return ExecutionChange(execution: execution)
            }
        }
        _ = try await stores.routing.setStatus(.available, note: nil, of: agent.id, at: now, in: gym.scope)
        let block = SessionBlock(
            id: gym.id(), sessionId: "s", summary: "x", method: .extractive, model: nil, contracts: 1,
            throughContractId: gym.id(), executionId: gym.id(), createdAt: now)
        try await stores.contracts.keep(block, in: gym.scope)
        let message = AgentMessage(
            id: gym.id(), fromAgentId: agent.id, toAgentId: agent.id, topic: "note", content: 1, createdAt: now)
        _ = try await stores.agentMessages.send(message, key: "1", in: gym.scope)
        try await gym.workflow(named: "Follow-up")
    }

    /// An alert that fires, and a figure of its own.
    private static func watch(_ gym: TestOrganization) async throws {
        try await gym.firingAlert("Errors")
        _ = try await gym.stores.monitoring.record(
            CustomSample(name: "doors", kind: .counter, value: 1), at: TestOrganization.start, in: gym.scope)
    }

    /// A note, and a block of what was said in the turn.
    private static func remember(_ execution: Execution, _ gym: TestOrganization) async throws {
        let conversation = try #require(execution.conversationId)
        let (stores, now) = (gym.stores, TestOrganization.start)
        _ = try await stores.memory.put(
            MemoryEntry(
                id: gym.id(), scope: .conversation(conversation), key: "note", value: 1, createdAt: now, updatedAt: now),
            version: nil, in: gym.scope)
        let said = try await stores.conversations.messages(of: conversation, PageRequest(), in: gym.scope).items
        var record = ExecutionRecord(execution: execution)
        record.blocks = [
            MemoryBlock(
                id: gym.id(), conversationId: conversation, summary: "Hello", through: try #require(said.first).id,
                method: .extractive, model: nil, messages: 1, tokensBefore: 2, tokensAfter: 1,
                executionId: execution.id, createdAt: now)
        ]
        try await gym.record(record)
    }

    @Test func `without an organisation, or with one that has nothing, no table shows a row`() async throws {
        let stores = try await TestStores.shared
        let gym = try await Self.furnished(stores.stores)
        _ = try await stores.database.unscoped.query(Statement(Self.expectNothing))
        _ = try await stores.database.withOrganization(UUID()).query(Statement(Self.expectNothing))
        // The same look shows every table of the organisation itself, so that it would have seen something.
        await #expect(throws: PostgresError.self) {
            _ = try await stores.database.withOrganization(gym.scope.organization.uuid)
                .query(Statement(Self.expectNothing))
        }
        for empty in try await emptyTables(of: gym, in: stores) { Issue.record("\(empty) is not furnished") }
    }

    private func emptyTables(of gym: TestOrganization, in stores: TestStores) async throws -> [String] {
        let rows = try await stores.database.withOrganization(gym.scope.organization.uuid).query(
            Statement(
                """
                SELECT c.relname::text FROM pg_class c
                WHERE c.relnamespace = 'spotter'::regnamespace AND c.relkind IN ('r', 'p')
                        AND NOT c.relispartition AND c.relname NOT IN (
                        'schema_migrations', 'workers', 'model_pricing', 'markups')
                    AND (xpath('/row/n/text()', query_to_xml(
                        format('SELECT count(*) AS n FROM spotter.%I', c.relname), false, true, '')))[1]::text = '0'
                """))
        return try rows.map { try $0.get(0) }
    }

    @Test func `a row cannot be written for, nor moved to, another organisation`() async throws {
        let stores = try await TestStores.shared
        let mine = try await Self.furnished(stores.stores)
        let theirs = try await Self.furnished(stores.stores)
        let scoped = stores.database.withOrganization(mine.scope.organization.uuid)
        let other = theirs.scope.organization.uuid
        let attempts = [
            Statement(
                """
                INSERT INTO spotter.clients (organization_id, id, name, name_key, phone_digits, status,
                    tags, joined_on)
                VALUES ($1, gen_random_uuid(), 'x', 'x', '', 'active', '{}', now())
                """, other),
            Statement("UPDATE spotter.clients SET organization_id = $1", other),
            Statement("UPDATE spotter.agents SET organization_id = $1", other),
            Statement("UPDATE spotter.organizations SET organization_id = $1", other),
            Statement("INSERT INTO spotter.event_logs (organization_id) VALUES ($1)", other),
        ]
        for attempt in attempts {
            let error = await #expect(throws: PostgresError.self) { _ = try await scoped.query(attempt) }
            #expect(error?.sqlState == "42501")
        }
        #expect(try await stores.stores.clients.count(in: theirs.scope) == 1)
    }

    @Test func `changes and deletions reach no row of another organisation`() async throws {
        let stores = try await TestStores.shared
        let mine = try await TestOrganization.make(in: stores.stores)
        let theirs = try await Self.furnished(stores.stores)
        let scoped = stores.database.withOrganization(mine.scope.organization.uuid)
        for statement in [
            Statement("UPDATE spotter.agents SET model = 'stolen'"),
            Statement("DELETE FROM spotter.clients"),
            Statement("DELETE FROM spotter.conversations"),
            Statement("UPDATE spotter.tokens SET revoked_at = now()"),
            Statement("UPDATE spotter.executions SET state = 'failed'"),
        ] { #expect(try await scoped.query(statement).affected == 0) }
        #expect(try await stores.stores.clients.count(in: theirs.scope) == 1)
    }

    @Test func `another organisation's keys neither collide with mine nor can be referred to`() async throws {
        let stores = try await TestStores.shared
        let mine = try await Self.furnished(stores.stores)
        let theirs = try await Self.furnished(stores.stores)
        // The same idempotency key is in both already: no unique violation told of it. A reference is refused:
        let foreign = try await theirs.agent(named: "Theirs")
        let error = await #expect(throws: PostgresError.self) {
            _ = try await stores.database.withOrganization(mine.scope.organization.uuid).query(
                Statement(
                    """
                    INSERT INTO spotter.conversations (organization_id, id, agent_id, title, metadata, version,
                        created_at, updated_at)
                    VALUES (app.organization(), gen_random_uuid(), $1, '', '{}', 1, now(), now())
                    """, foreign.id.uuid))
        }
        #expect(error?.sqlState == "23503")
    }

    @Test func `the questions that cross organisations give out ids and nothing else`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        let database = stores.database.withOrganization(UUID())
        let bySlug = try await database.query(
            Statement("SELECT * FROM app.organization_id_by_slug($1)", gym.organization.slug))
        #expect(bySlug.columns == ["organization_id_by_slug"])
        #expect(try bySlug.exactlyOne().get(0, as: UUID.self) == gym.scope.organization.uuid)
        let all = try await database.query(Statement("SELECT * FROM app.organization_ids()"))
        #expect(all.columns == ["organization_ids"])
        let changed = try await database.query(Statement("SELECT * FROM app.changed_secrets(NULL)"))
        #expect(changed.columns == ["changed_secrets"])
        let hook = try await gym.hook(named: "Leads")
        let byHook = try await database.query(Statement("SELECT * FROM app.organization_id_by_hook($1)", hook.id.uuid))
        #expect(byHook.columns == ["organization_id_by_hook"])
        #expect(try byHook.exactlyOne().get(0, as: UUID.self) == gym.scope.organization.uuid)
        // Asking leaves nothing behind that would open the table itself.
        let rows = try await database.batch([
            Statement("SELECT app.organization_id_by_slug($1)", gym.organization.slug),
            Statement("SELECT slug FROM spotter.organizations"),
        ])
        #expect(rows[1].isEmpty)
    }

    @Test(arguments: [
        "SET ROLE spotter_owner", "SET SESSION AUTHORIZATION spotter_owner", "SET ROLE spotter_migrate",
        "TRUNCATE spotter.agents", "TRUNCATE spotter.events", "DROP TABLE spotter.agents",
        "ALTER TABLE spotter.agents DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE spotter.agents NO FORCE ROW LEVEL SECURITY", "DROP POLICY tenancy ON spotter.agents",
        "CREATE POLICY open ON spotter.agents USING (true)", "SET LOCAL row_security = off; SELECT FROM spotter.agents",
        "CREATE TABLE spotter.mine ()", "CREATE TABLE public.mine ()", "CREATE TABLE app.mine ()",
        "CREATE TEMPORARY TABLE mine ()", "CREATE SCHEMA mine", "CREATE EXTENSION file_fdw SCHEMA app",
        "CREATE FUNCTION app.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION app.organization() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
        "CREATE INDEX ON spotter.agents (model)", "CREATE ROLE mine", "ALTER ROLE spotter_app BYPASSRLS",
        "GRANT spotter_owner TO spotter_app", "GRANT spotter_app TO spotter_migrate WITH ADMIN OPTION",
        "UPDATE spotter.events SET data = '{}'", "DELETE FROM spotter.events",
        "UPDATE spotter.messages SET content = ''", "DELETE FROM spotter.messages",
        "UPDATE spotter.memory_blocks SET summary = ''", "DELETE FROM spotter.memory_blocks",
        "UPDATE spotter.workflow_versions SET definition = '{}'", "DELETE FROM spotter.workflows",
        "UPDATE spotter.agent_versions SET settings = '{}'", "DELETE FROM spotter.agent_versions",
        "DELETE FROM spotter.agents", "UPDATE spotter.tokens SET role = 'owner'",
        "UPDATE spotter.tokens SET expires_at = 'infinity'", "DELETE FROM spotter.tokens",
        "UPDATE spotter.receipts SET fingerprint = ''", "DELETE FROM spotter.organizations",
        "DELETE FROM spotter.secrets", "UPDATE spotter.hook_deliveries SET payload = '{}'",
        "INSERT INTO spotter.schema_migrations (version, name, checksum) VALUES (999, 'x', 'x')",
        "SELECT pg_read_file('postgresql.conf')", "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT rolpassword FROM pg_authid",
    ])
    func `the application may not`(_ script: String) async throws {
        let stores = try await TestStores.shared
        let error = await #expect(throws: PostgresError.self) {
            try await Administration.run(script: script, on: stores.configuration)
        }
        #expect(error?.sqlState == "42501", "\(error.map { String(reflecting: $0) } ?? "")")
    }
}
