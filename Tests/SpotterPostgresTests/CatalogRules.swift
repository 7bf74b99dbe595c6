import PostgresKit

/// The rules that every object of the schema must keep, each as a query of the catalog for what breaks it.
///
/// What is exempt is named here and nowhere else: `schema_migrations`, `workers`, `model_pricing` and `markups` belong
/// to the deployment, the slug of an organisation is unique in the whole deployment, one index tells when the next
/// schedule of all is due, one finds words, each of which has its organisation before it, one finds the hook that a
/// message's address names, and the owner may read organisations, executions, tasks, schedulers, words, the outbox, hooks,
/// what they send
/// and sealed secrets for the few functions that cross tenants or use that index; and one function puts together the SQL that
/// makes a partition, and two that read and delete an organisation's rows table by table, for the operator alone.
struct CatalogRule: Sendable {
    let name: String
    let offenders: StaticString

    /// Every breach, as `rule: object`.
    static func breaches(in database: Database) async throws -> [String] {
        var breaches: [String] = []
        for rule in all {
            let rows = try await database.unscoped.query(Statement(rule.offenders))
            breaches += try rows.map { "\(rule.name): \(try $0.get(0, as: String.self))" }
        }
        return breaches
    }

    static let all = tables + keys + code + privileges

    private static let tables = [
        CatalogRule(
            name: "only plain tables, indexes and their TOAST live in our schemas",
            offenders: """
                SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname IN ('spotter', 'app', 'public') AND c.relkind NOT IN ('r', 'p', 'i', 'I', 'c')
                """),
        CatalogRule(
            name: "tables live in the schema spotter",
            offenders: """
                SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname NOT IN ('spotter', 'pg_catalog', 'information_schema', 'pg_toast')
                    AND c.relkind IN ('r', 'p')
                """),
        CatalogRule(
            name: "the first column is organization_id, a uuid that is never null",
            offenders: """
                SELECT c.oid::regclass::text FROM pg_class c
                WHERE c.relnamespace = 'spotter'::regnamespace AND c.relkind IN ('r', 'p')
                    AND c.relname NOT IN ('schema_migrations', 'workers', 'model_pricing', 'markups')
                    AND NOT EXISTS (
                        SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = 1
                            AND a.attname = 'organization_id' AND a.atttypid = 'uuid'::regtype AND a.attnotnull)
                """),
        CatalogRule(
            name: "row-level security is enabled and forced",
            offenders: """
                SELECT c.oid::regclass::text FROM pg_class c
                WHERE c.relnamespace = 'spotter'::regnamespace AND c.relkind IN ('r', 'p')
                    AND c.relname NOT IN ('schema_migrations', 'workers', 'model_pricing', 'markups')
                    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
                """),
        CatalogRule(
            name: "the tenancy policy holds for everybody, for reading and for writing",
            offenders: """
                SELECT c.oid::regclass::text FROM pg_class c
                WHERE c.relnamespace = 'spotter'::regnamespace AND c.relkind IN ('r', 'p')
                    AND c.relname NOT IN ('schema_migrations', 'workers', 'model_pricing', 'markups')
                    AND NOT EXISTS (
                        SELECT FROM pg_policy p
                        WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polroles = '{0}'
                            AND pg_get_expr(p.polqual, c.oid)
                                = '(organization_id = ( SELECT app.organization() AS organization))'
                            AND pg_get_expr(p.polwithcheck, c.oid)
                                = '(organization_id = ( SELECT app.organization() AS organization))')
                """),
        CatalogRule(
            name: "no other policy opens a table",
            offenders: """
                SELECT p.polrelid::regclass || ' ' || p.polname FROM pg_policy p
                WHERE p.polpermissive AND p.polname <> 'tenancy' AND NOT (
                    p.polrelid IN ('spotter.organizations'::regclass, 'spotter.executions'::regclass,
                        'spotter.tasks'::regclass, 'spotter.schedulers'::regclass, 'spotter.secrets'::regclass,
                        'spotter.conversation_words'::regclass, 'spotter.record_words'::regclass,
                        'spotter.outbox_messages'::regclass, 'spotter.agent_presence'::regclass,
                        'spotter.triggers'::regclass, 'spotter.event_logs'::regclass, 'spotter.hooks'::regclass,
                        'spotter.hook_endpoints'::regclass, 'spotter.outbound_deliveries'::regclass,
                        'spotter.alerts'::regclass, 'spotter.audit_entries'::regclass,
                        'spotter.audit_chains'::regclass)
                    AND p.polname = 'directory' AND p.polcmd = 'r'
                    AND p.polroles = ARRAY['spotter_owner'::regrole::oid])
                """),
    ]

    private static let keys = [
        CatalogRule(
            name: "every table has a primary key",
            offenders: """
                SELECT c.oid::regclass::text FROM pg_class c
                WHERE c.relnamespace = 'spotter'::regnamespace AND c.relkind IN ('r', 'p')
                    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')
                """),
        CatalogRule(
            name: "every index, and so every key, begins with organization_id",
            offenders: """
                SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE c.relnamespace = 'spotter'::regnamespace
                    AND c.relname NOT IN ('organizations_slug_key', 'schema_migrations_pkey', 'workers_pkey',
                        'tasks_next_release_idx', 'conversation_words_idx', 'record_words_idx',
                        'outbox_messages_due_idx', 'model_pricing_pkey', 'markups_pkey', 'hooks_id_key')
                    AND NOT EXISTS (
                        SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                            AND a.attname = 'organization_id')
                """),
        CatalogRule(
            name: "every foreign key begins with organization_id on both sides",
            offenders: """
                SELECT k.conrelid::regclass || ' ' || k.conname FROM pg_constraint k
                WHERE k.connamespace = 'spotter'::regnamespace AND k.contype = 'f' AND NOT (
                    EXISTS (
                        SELECT FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                            AND a.attname = 'organization_id')
                    AND EXISTS (
                        SELECT FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1]
                            AND a.attname = 'organization_id'))
                """),
        CatalogRule(
            name: "every constraint is validated",
            offenders: """
                SELECT k.conrelid::regclass || ' ' || k.conname FROM pg_constraint k
                WHERE k.connamespace = 'spotter'::regnamespace AND NOT k.convalidated
                """),
    ]

    private static let code = [
        CatalogRule(
            name: "functions live in the schema app",
            offenders: """
                SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname NOT IN ('app', 'pg_catalog', 'information_schema')
                """),
        CatalogRule(
            name: "only the reviewed functions cross tenants, and they return ids, counts and a time alone",
            offenders: """
                SELECT p.oid::regprocedure::text FROM pg_proc p
                WHERE p.pronamespace = 'app'::regnamespace AND p.prosecdef AND NOT (
                    p.oid::regprocedure::text || ' ' || pg_get_function_result(p.oid) IN (
                        'app.organization_id_by_slug(text) uuid', 'app.organization_ids() SETOF uuid',
                        'app.claim_executions(uuid,integer,uuid) '
                            'TABLE(organization_id uuid, id uuid, attempt integer)',
                        'app.wake_due(integer) TABLE(organization_id uuid, woken bigint, is_to_judge boolean)',
                        'app.organizations_to_rescue() SETOF uuid',
                        'app.orphaned_executions(uuid,uuid,integer) TABLE(organization_id uuid, id uuid)',
                        'app.requested_executions(uuid) TABLE(organization_id uuid, id uuid)',
                        'app.find_conversations(text[],uuid,integer) SETOF uuid',
                        'app.find_records(text,text[],integer) SETOF uuid',
                        'app.prepare_history(uuid[]) integer', 'app.forget_workers() bigint',
                        'app.due_tasks(integer,integer,uuid,boolean) TABLE(organization_id uuid, id uuid)',
                        'app.changed_secrets(bigint) SETOF uuid',
                        'app.claim_messages(integer,bigint,uuid) '
                            'TABLE(organization_id uuid, id uuid, attempt integer, fence bigint)',
                        'app.next_release(boolean) timestamp with time zone',
                        'app.organizations_with_silent_agents() SETOF uuid',
                        'app.organizations_with_news_for_triggers() SETOF uuid',
                        'app.organizations_with_due_alerts() SETOF uuid',
                        'app.work_figures() TABLE(ready bigint, running bigint, waiting bigint, '
                            'oldest_seconds double precision, alive bigint, overdue bigint)',
                        'app.organizations_with_news_for_hooks() SETOF uuid',
                        'app.claim_outbound(integer,integer,integer,bigint,uuid,uuid) '
                            'TABLE(organization_id uuid, hook_id uuid, id uuid, attempt integer, fence bigint, '
                            'is_failing boolean)',
                        'app.forget_past(integer) record', 'app.seal_audit(integer) integer', 'app.organizations_to_seal() SETOF uuid',
                        'app.organization_id_by_hook(uuid) uuid')
                    AND p.proconfig = ARRAY['search_path=pg_catalog, spotter, app'])
                """),
        CatalogRule(
            name: "functions that cross tenants belong to a role that is no superuser",
            offenders: """
                SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
                WHERE p.pronamespace = 'app'::regnamespace
                    AND (r.rolname <> 'spotter_owner' OR r.rolsuper OR r.rolbypassrls OR r.rolcanlogin)
                """),
        CatalogRule(
            name: "the policies' function is looked at once a statement",
            offenders: """
                SELECT p.oid::regprocedure::text FROM pg_proc p
                WHERE p.oid = 'app.organization()'::regprocedure
                    AND (p.provolatile <> 's' OR p.prosecdef OR p.prolang <> (
                        SELECT oid FROM pg_language WHERE lanname = 'sql'))
                """),
        CatalogRule(
            name: "nobody may run a function merely for being there",
            offenders: """
                SELECT p.oid::regprocedure::text FROM pg_proc p,
                    aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
                WHERE p.pronamespace = 'app'::regnamespace AND acl.grantee = 0
                """),
        CatalogRule(
            name: "functions run no SQL that they put together",
            offenders: """
                SELECT p.oid::regprocedure::text FROM pg_proc p
                WHERE p.pronamespace = 'app'::regnamespace AND p.prosrc ~* '\\mexecute\\M'
                    AND p.oid NOT IN ('app.prepare_history(uuid[])'::regprocedure,
                        'app.open_organization_rows(text)'::regprocedure, 'app.delete_rest()'::regprocedure)
                """),
        CatalogRule(
            name: "no trigger, rule or event trigger acts behind the stores' back",
            offenders: """
                SELECT t.tgrelid::regclass || ' ' || t.tgname FROM pg_trigger t WHERE NOT t.tgisinternal
                UNION ALL
                SELECT r.ev_class::regclass || ' ' || r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
                WHERE c.relnamespace = 'spotter'::regnamespace
                UNION ALL SELECT evtname::text FROM pg_event_trigger
                """),
        CatalogRule(
            name: "no extension is needed",
            offenders: "SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'"),
    ]

    private static let privileges = [
        CatalogRule(
            name: "everything belongs to spotter_owner",
            offenders: """
                SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname IN ('spotter', 'app') AND c.relowner <> 'spotter_owner'::regrole
                UNION ALL
                SELECT nspname::text FROM pg_namespace
                WHERE nspname IN ('spotter', 'app') AND nspowner <> 'spotter_owner'::regrole
                """),
        CatalogRule(
            name: "the application may read and write rows and nothing else",
            offenders: """
                SELECT c.oid::regclass || ' ' || acl.privilege_type FROM pg_class c,
                    aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) acl
                WHERE c.relnamespace = 'spotter'::regnamespace AND c.relkind IN ('r', 'p')
                    AND acl.grantee <> c.relowner AND (
                        acl.grantee <> 'spotter_app'::regrole OR acl.is_grantable
                        OR acl.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))
                """),
        CatalogRule(
            name: "what happened, what was said, what an agent was and what was charged stays so",
            offenders: """
                SELECT c.oid::regclass || ' ' || acl.privilege_type FROM pg_class c, aclexplode(c.relacl) acl
                WHERE c.oid IN ('spotter.events'::regclass, 'spotter.messages'::regclass,
                        'spotter.agent_versions'::regclass, 'spotter.workflow_versions'::regclass,
                        'spotter.schedule_fires'::regclass,
                        'spotter.ledger'::regclass, 'spotter.ledger_closings'::regclass,
                        'spotter.model_pricing'::regclass, 'spotter.markups'::regclass,
                        'spotter.audit_entries'::regclass, 'spotter.audit_chains'::regclass,
                        'spotter.audit_seals'::regclass, 'spotter.audit_checkpoints'::regclass)
                    AND acl.grantee = 'spotter_app'::regrole AND acl.privilege_type NOT IN ('SELECT', 'INSERT')
                    -- Of the slots of schedules, those may go whose time is over.
                    AND NOT (c.relname = 'schedule_fires' AND acl.privilege_type = 'DELETE' AND EXISTS (
                        SELECT FROM pg_policy p
                        WHERE p.polrelid = c.oid AND p.polcmd = 'd' AND NOT p.polpermissive
                            AND pg_get_expr(p.polqual, c.oid) LIKE '(recorded_at < (now() - %'))
                UNION ALL
                SELECT 'schema_migrations ' || acl.privilege_type FROM pg_class c, aclexplode(c.relacl) acl
                WHERE c.oid = 'spotter.schema_migrations'::regclass
                    AND acl.grantee = 'spotter_app'::regrole AND acl.privilege_type <> 'SELECT'
                """),
        CatalogRule(
            name: "columns are granted to the application alone",
            offenders: """
                SELECT a.attrelid::regclass || ' ' || a.attname FROM pg_attribute a, aclexplode(a.attacl) acl
                WHERE a.attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'spotter'::regnamespace)
                    AND (acl.grantee <> 'spotter_app'::regrole OR acl.is_grantable OR acl.privilege_type <> 'UPDATE')
                    -- The audit log's times and transactions are the database's own.
                    AND NOT (a.attrelid = 'spotter.audit_entries'::regclass AND acl.privilege_type = 'INSERT'
                        AND a.attname NOT IN ('xid', 'at'))
                """),
        CatalogRule(
            name: "schemas are closed but for their use by the application",
            offenders: """
                SELECT n.nspname || ' ' || acl.privilege_type FROM pg_namespace n,
                    aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) acl
                WHERE n.nspname IN ('spotter', 'app', 'public') AND acl.grantee <> n.nspowner AND NOT (
                    n.nspname <> 'public' AND acl.grantee = 'spotter_app'::regrole
                    AND acl.privilege_type = 'USAGE' AND NOT acl.is_grantable)
                """),
        CatalogRule(
            name: "the database lets in whom it knows, and nobody makes temporary tables",
            offenders: """
                SELECT acl.grantee::regrole || ' ' || acl.privilege_type FROM pg_database d,
                    aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) acl
                WHERE d.datname = current_database() AND acl.grantee <> d.datdba AND NOT (
                    acl.grantee IN ('spotter_app'::regrole, 'spotter_migrate'::regrole)
                    AND acl.privilege_type = 'CONNECT')
                """),
        CatalogRule(
            name: "the roles are as weak as they should be",
            offenders: """
                SELECT rolname::text FROM pg_roles
                WHERE rolname IN ('spotter_owner', 'spotter_migrate', 'spotter_app')
                    AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication
                        OR rolcanlogin = (rolname = 'spotter_owner')
                        OR (rolname = 'spotter_app' AND rolinherit))
                UNION ALL
                SELECT member::regrole::text FROM pg_auth_members
                WHERE member = 'spotter_app'::regrole
                    OR (roleid = 'spotter_owner'::regrole AND member <> 'spotter_migrate'::regrole)
                """),
    ]
}
