import PostgresKit
import SpotterTesting
import Testing

struct CatalogTests {
    @Test func `every object of the schema keeps the rules of tenancy`() async throws {
        let database = TestStores.connect(try await TestStores.shared.administrator)
        defer { database.close() }
        let breaches = try await CatalogRule.breaches(in: database)
        #expect(breaches == [])
        // The walk sees the schema at all.
        let tables = try await database.unscoped.query(
            Statement("SELECT count(*) FROM pg_class WHERE relnamespace = 'spotter'::regnamespace AND relkind = 'r'"))
        #expect(try tables.exactlyOne().get(0, as: Int.self) >= 16)
    }

    @Test func `the walk finds each way to break a rule`() async throws {
        let stores = try await TestStores.fresh()
        try await Administration.run(script: Self.breaches, on: stores.administrator)
        let database = TestStores.connect(stores.administrator)
        let breaches = Set(try await CatalogRule.breaches(in: database))
        database.close()
        for expected in Self.expected { #expect(breaches.contains(expected), "\(expected)") }
        try await stores.close()
    }

    private static let breaches = """
        CREATE TABLE public.stray (organization_id uuid PRIMARY KEY);
        CREATE VIEW spotter.everything AS SELECT * FROM spotter.agents;
        CREATE SEQUENCE spotter.numbers;
        SET LOCAL ROLE spotter_owner;
        CREATE TABLE spotter.forgotten (id uuid, organization_id uuid);
        CREATE INDEX agents_model_idx ON spotter.agents (model);
        ALTER TABLE spotter.bookings ADD CONSTRAINT loose
            FOREIGN KEY (organization_id) REFERENCES spotter.organizations NOT VALID;
        ALTER TABLE spotter.clients NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE spotter.classes DISABLE ROW LEVEL SECURITY;
        ALTER POLICY tenancy ON spotter.tokens USING (true);
        CREATE POLICY open ON spotter.agents USING (true);
        CREATE FUNCTION spotter.misplaced() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION app.leak() RETURNS SETOF spotter.agents LANGUAGE sql SECURITY DEFINER
            AS 'SELECT * FROM spotter.agents';
        GRANT EXECUTE ON FUNCTION app.leak() TO PUBLIC;
        CREATE FUNCTION app.any_table(name text) RETURNS void LANGUAGE plpgsql
            AS 'BEGIN EXECUTE format(''TABLE %I'', name); END';
        CREATE FUNCTION app.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
        CREATE TRIGGER watch BEFORE INSERT ON spotter.agents FOR EACH ROW EXECUTE FUNCTION app.watch();
        ALTER FUNCTION app.organization() VOLATILE;
        GRANT TRUNCATE ON spotter.agents TO spotter_app;
        GRANT UPDATE ON spotter.events TO spotter_app;
        GRANT SELECT ON spotter.agents TO PUBLIC;
        GRANT CREATE ON SCHEMA spotter TO spotter_app;
        RESET ROLE;
        GRANT USAGE ON SCHEMA public TO PUBLIC;
        DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database()); END $$;
        """

    private static let expected = [
        "only plain tables, indexes and their TOAST live in our schemas: spotter.everything",
        "only plain tables, indexes and their TOAST live in our schemas: spotter.numbers",
        "tables live in the schema spotter: stray",
        "the first column is organization_id, a uuid that is never null: spotter.forgotten",
        "row-level security is enabled and forced: spotter.clients",
        "row-level security is enabled and forced: spotter.classes",
        "row-level security is enabled and forced: spotter.forgotten",
        "the tenancy policy holds for everybody, for reading and for writing: spotter.tokens",
        "the tenancy policy holds for everybody, for reading and for writing: spotter.forgotten",
        "no other policy opens a table: spotter.agents open",
        "every table has a primary key: spotter.forgotten",
        "every index, and so every key, begins with organization_id: spotter.agents_model_idx",
        "every constraint is validated: spotter.bookings loose",
        "functions live in the schema app: spotter.misplaced()",
        "only the reviewed functions cross tenants, and they return ids, counts and a time alone: app.leak()",
        "the policies' function is looked at once a statement: app.organization()",
        "nobody may run a function merely for being there: app.leak()",
        "functions run no SQL that they put together: app.any_table(text)",
        "no trigger, rule or event trigger acts behind the stores' back: spotter.agents watch",
        "everything belongs to spotter_owner: spotter.everything",
        "the application may read and write rows and nothing else: spotter.agents TRUNCATE",
        "the application may read and write rows and nothing else: spotter.agents SELECT",
        "what happened, what was said, what an agent was and what was charged stays so: spotter.events UPDATE",
        "schemas are closed but for their use by the application: spotter CREATE",
        "schemas are closed but for their use by the application: public USAGE",
        "the database lets in whom it knows, and nobody makes temporary tables: - TEMPORARY",
    ]
}
