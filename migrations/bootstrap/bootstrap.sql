-- Prepares a database for Spotter: roles, schemas, and who may do what. Run once per database by a superuser or by a
-- role with CREATEROLE that owns the database; running it again changes nothing.
--
-- Three roles, so that no connection can do more than its work needs:
--   spotter_owner    owns every object; nobody logs in as it
--   spotter_migrate  logs in to migrate, and becomes the owner for that
--   spotter_app      logs in to serve: owns nothing, bypasses nothing, inherits nothing
--
-- Passwords come in as settings of this transaction (spotter.app_password, spotter.migrate_password); without one a
-- role has no password and can log in only where pg_hba.conf asks for none.

-- Roles belong to the whole cluster, this lock to the database: DatabaseBootstrap tries again where two databases of
-- one cluster are prepared at the same moment.
SELECT pg_advisory_xact_lock(7305804402566321001);

DO $roles$
DECLARE
    wanted record;
    secret text;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('spotter_owner', 'NOLOGIN NOINHERIT'),
            ('spotter_migrate', 'LOGIN INHERIT'),
            ('spotter_app', 'LOGIN NOINHERIT')) AS role (name, options)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format(
                'CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
                wanted.name, wanted.options);
        END IF;
        secret := CASE wanted.name
            WHEN 'spotter_app' THEN nullif(current_setting('spotter.app_password', true), '')
            WHEN 'spotter_migrate' THEN nullif(current_setting('spotter.migrate_password', true), '')
        END;
        IF secret IS NOT NULL THEN
            EXECUTE format('ALTER ROLE %I PASSWORD %L', wanted.name, secret);
        END IF;
    END LOOP;

    IF NOT pg_has_role('spotter_migrate', 'spotter_owner', 'MEMBER') THEN
        GRANT spotter_owner TO spotter_migrate;
    END IF;
    -- A bootstrap by a role that is no superuser must be a member to hand objects over.
    IF NOT pg_has_role('spotter_owner', 'MEMBER') THEN
        EXECUTE format('GRANT spotter_owner TO %I', current_user);
    END IF;
END
$roles$;

DO $database$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO spotter_migrate, spotter_app', current_database());
END
$database$;

CREATE SCHEMA IF NOT EXISTS spotter AUTHORIZATION spotter_owner;
CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION spotter_owner;

DO $grants$
BEGIN
    -- Only whoever owns the public schema can close it; elsewhere nothing of Spotter's is in it anyway.
    IF (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'public') THEN
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
    END IF;
END
$grants$;

REVOKE ALL ON SCHEMA spotter, app FROM PUBLIC;
GRANT USAGE ON SCHEMA spotter, app TO spotter_app;

-- Nothing is granted by default, to anyone: each migration says what the application may do with what it makes.
ALTER DEFAULT PRIVILEGES FOR ROLE spotter_owner REVOKE ALL ON TABLES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE spotter_owner REVOKE ALL ON SEQUENCES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE spotter_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE spotter_owner REVOKE ALL ON TYPES FROM PUBLIC;
