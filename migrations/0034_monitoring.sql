-- Alerts, what they have told of, and the figures that organisations record themselves.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.alerts (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    -- The name in Unicode NFC, case folded by the application.
    name_key text COLLATE "C" NOT NULL,
    settings json NOT NULL,
    enabled boolean NOT NULL,
    source text NOT NULL CHECK (source IN ('api', 'file', 'default')),
    state text NOT NULL DEFAULT 'inactive' CHECK (state IN ('inactive', 'pending', 'firing', 'resolved')),
    value double precision,
    since timestamptz,
    evaluated_at timestamptz,
    -- What it tells of now.
    incident_id uuid,
    -- Nobody looks before this, by the database's clock; how often it was taken to be looked at.
    next_look_at timestamptz NOT NULL DEFAULT now(),
    looks bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (organization_id, id),
    CHECK ((state = 'firing') = (incident_id IS NOT NULL))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX alerts_name_key ON spotter.alerts (organization_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX alerts_due_idx ON spotter.alerts (organization_id, next_look_at) WHERE enabled AND deleted_at IS NULL;
ALTER TABLE spotter.alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.alerts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.alerts
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.alerts TO spotter_app;

CREATE TABLE spotter.alert_incidents (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    alert_id uuid NOT NULL,
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    message text NOT NULL,
    value double precision NOT NULL,
    started_at timestamptz NOT NULL,
    fired_at timestamptz NOT NULL,
    resolved_at timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, alert_id) REFERENCES spotter.alerts (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX alert_incidents_alert_id_idx ON spotter.alert_incidents (organization_id, alert_id, id);
ALTER TABLE spotter.alert_incidents ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.alert_incidents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.alert_incidents
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- What was told stays as it was told; only that it is over is added.
GRANT SELECT, INSERT, UPDATE (resolved_at) ON spotter.alert_incidents TO spotter_app;

-- The question that crosses tenants is asked as the owner, who may see every row for it and change none.
CREATE POLICY directory ON spotter.alerts FOR SELECT TO spotter_owner USING (true);

-- The organisations of which an alert is due to be looked at.
CREATE FUNCTION app.organizations_with_due_alerts() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT DISTINCT organization_id FROM alerts WHERE enabled AND deleted_at IS NULL AND next_look_at <= now()
    $$;
GRANT EXECUTE ON FUNCTION app.organizations_with_due_alerts() TO spotter_app;

-- Series of figures that an organisation records itself: bounded in number.
CREATE TABLE spotter.metric_series (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('counter', 'gauge', 'histogram')),
    labels jsonb NOT NULL,
    -- The labels as one text, the same for the same labels.
    labels_key text COLLATE "C" NOT NULL,
    -- The last value; of a counter, all that was ever added.
    value double precision NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT metric_series_labels_key UNIQUE (organization_id, name, labels_key)
) WITH (fillfactor = 70);
ALTER TABLE spotter.metric_series ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.metric_series FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.metric_series
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.metric_series TO spotter_app;

-- Their values, minute by minute.
CREATE TABLE spotter.metric_minutes (
    organization_id uuid NOT NULL,
    series_id uuid NOT NULL,
    minute timestamptz NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    sum double precision NOT NULL,
    minimum double precision NOT NULL,
    maximum double precision NOT NULL,
    PRIMARY KEY (organization_id, series_id, minute),
    FOREIGN KEY (organization_id, series_id)
        REFERENCES spotter.metric_series (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
ALTER TABLE spotter.metric_minutes ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.metric_minutes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.metric_minutes
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.metric_minutes TO spotter_app;

-- Where a run was asked for from outside, as W3C Trace Context has it; children have their parents'.
ALTER TABLE spotter.executions ADD COLUMN traceparent text;
ALTER TABLE spotter.executions_history ADD COLUMN traceparent text;

-- How the work of all organisations together stands: counts and a time, and nothing of anybody.
CREATE FUNCTION app.work_figures()
    RETURNS TABLE (
        ready bigint, running bigint, waiting bigint, oldest_seconds double precision, alive bigint,
        overdue bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT
        (SELECT count(*) FROM executions WHERE place_at IS NOT NULL),
        (SELECT count(*) FROM executions WHERE worker_id IS NOT NULL),
        (SELECT count(*) FROM executions WHERE state = 'waiting'),
        (SELECT max(extract(epoch FROM now() - (place_at + ('epoch'::timestamptz - app.place('epoch', priority, attempt)))))
            ::double precision FROM executions WHERE place_at IS NOT NULL),
        (SELECT count(*) FROM workers WHERE lease_until > now()),
        (SELECT count(*) FROM outbox_messages WHERE status = 'queued' AND due_at < now() - interval '5 minutes')
    $$;
GRANT EXECUTE ON FUNCTION app.work_figures() TO spotter_app;
