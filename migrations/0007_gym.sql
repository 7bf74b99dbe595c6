-- A first cut of the gym's own records: members, programmes, their dates, and who comes.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.clients (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    -- `name`, and name with e-mail address and phone number, folded by the application.
    name_key text COLLATE "C" NOT NULL,
    search_key text COLLATE "C" NOT NULL,
    email text,
    phone text,
    -- The digits of `phone`; empty without one.
    phone_digits text COLLATE "C" NOT NULL,
    status text NOT NULL,
    tags text[] NOT NULL,
    joined_on timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
-- Searching reads one organisation's members in the order of their names. A trigram index would not be used here:
-- LIKE is not leakproof, so under row-level security it is never pushed into an index.
CREATE INDEX clients_name_idx ON spotter.clients (organization_id, name_key, id);
ALTER TABLE spotter.clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.clients FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.clients
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.clients TO spotter_app;

CREATE TABLE spotter.classes (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text NOT NULL,
    duration_minutes integer NOT NULL CHECK (duration_minutes > 0),
    capacity integer NOT NULL CHECK (capacity >= 0),
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX classes_name_idx ON spotter.classes (organization_id, name_key, id);
ALTER TABLE spotter.classes ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.classes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.classes
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.classes TO spotter_app;

CREATE TABLE spotter.class_sessions (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    instructor text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    capacity integer NOT NULL CHECK (capacity >= 0),
    -- Places known to be taken, also by people of whom there is no booking here.
    head_count integer NOT NULL CHECK (head_count >= 0),
    is_cancelled boolean NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK (ends_at >= starts_at),
    FOREIGN KEY (organization_id, class_id) REFERENCES spotter.classes (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX class_sessions_starts_at_idx ON spotter.class_sessions (organization_id, starts_at, id);
CREATE INDEX class_sessions_class_id_idx ON spotter.class_sessions (organization_id, class_id);
ALTER TABLE spotter.class_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.class_sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.class_sessions
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.class_sessions TO spotter_app;

CREATE TABLE spotter.bookings (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    client_id uuid NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT bookings_client_key UNIQUE (organization_id, session_id, client_id),
    FOREIGN KEY (organization_id, session_id)
        REFERENCES spotter.class_sessions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, client_id) REFERENCES spotter.clients (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX bookings_client_id_idx ON spotter.bookings (organization_id, client_id);
ALTER TABLE spotter.bookings ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.bookings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.bookings
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, DELETE ON spotter.bookings TO spotter_app;
