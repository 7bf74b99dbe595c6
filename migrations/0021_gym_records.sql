-- The gym's records: members, leads, staff, classes and bookings, plans and subscriptions, payments, check-ins,
-- consents, tickets, calendar, campaigns, posts, and the messages that go out.
--
-- Each record may carry the id that the gym's own CRM has for it. Amounts are exact, in units of the currency. Days
-- (date) are the gym's days; instants (timestamptz) are turned into days in the gym's time zone when reports are made.

SET LOCAL ROLE spotter_owner;



-- Who works at the gym.
CREATE TABLE spotter.staff (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    email text,
    phone text,
    -- owner, manager, coach, front_desk.
    role text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT staff_external_key UNIQUE (organization_id, external_id)
);
CREATE INDEX staff_name_idx ON spotter.staff (organization_id, name_key, id);
ALTER TABLE spotter.staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.staff FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.staff
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.staff TO spotter_app;

-- Members: what 0007 has not. The day of joining was kept as midnight in UTC.
ALTER TABLE spotter.clients
    ALTER COLUMN joined_on TYPE date USING (joined_on AT TIME ZONE 'UTC')::date,
    ADD COLUMN external_id text COLLATE "C",
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
    -- The day the membership ended; NULL while it lasts.
    ADD COLUMN cancelled_on date,
    ADD COLUMN birthday date,
    -- Where messages are timed by, if it is not the gym's own: an IANA name.
    ADD COLUMN timezone text,
    -- How they came to the gym, such as `referral`.
    ADD COLUMN source text,
    ADD COLUMN assigned_to uuid,
    ADD COLUMN notes text NOT NULL DEFAULT '',
    ADD COLUMN metadata json,
    ADD CONSTRAINT clients_external_key UNIQUE (organization_id, external_id),
    ADD FOREIGN KEY (organization_id, assigned_to)
        REFERENCES spotter.staff (organization_id, id) ON DELETE SET NULL (assigned_to);
CREATE INDEX clients_status_idx ON spotter.clients (organization_id, status, joined_on);
CREATE INDEX clients_email_idx ON spotter.clients (organization_id, lower(email)) WHERE email IS NOT NULL;
CREATE INDEX clients_phone_idx ON spotter.clients (organization_id, phone_digits) WHERE phone_digits <> '';

-- People who may become members.
CREATE TABLE spotter.leads (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    email text,
    phone text,
    phone_digits text COLLATE "C" NOT NULL,
    -- new, contacted, qualified, trial_booked, trial_attended, won, lost: the pipeline in its order.
    status text NOT NULL,
    source text,
    tags text[] NOT NULL DEFAULT '{}',
    -- What they said they want.
    interest text NOT NULL DEFAULT '',
    notes text NOT NULL DEFAULT '',
    assigned_to uuid,
    next_follow_up_at timestamptz,
    lost_reason text,
    -- The member that they became.
    client_id uuid,
    timezone text,
    metadata json,
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT leads_external_key UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, assigned_to)
        REFERENCES spotter.staff (organization_id, id) ON DELETE SET NULL (assigned_to),
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE SET NULL (client_id)
);
CREATE INDEX leads_status_idx ON spotter.leads (organization_id, status, created_at);
CREATE INDEX leads_name_idx ON spotter.leads (organization_id, name_key, id);
CREATE INDEX leads_email_idx ON spotter.leads (organization_id, lower(email)) WHERE email IS NOT NULL;
CREATE INDEX leads_phone_idx ON spotter.leads (organization_id, phone_digits) WHERE phone_digits <> '';
ALTER TABLE spotter.leads ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.leads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.leads
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.leads TO spotter_app;

-- Each step of a member's or a lead's status, as it happened.
CREATE TABLE spotter.status_changes (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    client_id uuid,
    lead_id uuid,
    from_status text,
    to_status text NOT NULL,
    reason text,
    -- Who changed it: a token's subject, an agent's id, or `import`.
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK ((client_id IS NULL) <> (lead_id IS NULL)),
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, lead_id) REFERENCES spotter.leads (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX status_changes_client_idx ON spotter.status_changes (organization_id, client_id, changed_at)
    WHERE client_id IS NOT NULL;
CREATE INDEX status_changes_lead_idx ON spotter.status_changes (organization_id, lead_id, changed_at)
    WHERE lead_id IS NOT NULL;
ALTER TABLE spotter.status_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.status_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.status_changes
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT ON spotter.status_changes TO spotter_app;

-- Programmes and their sessions: what 0007 has not.
ALTER TABLE spotter.classes
    ADD COLUMN external_id text COLLATE "C",
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN category text,
    -- beginner, intermediate, advanced, all.
    ADD COLUMN level text NOT NULL DEFAULT 'all',
    ADD COLUMN is_active boolean NOT NULL DEFAULT true,
    ADD CONSTRAINT classes_external_key UNIQUE (organization_id, external_id);
ALTER TABLE spotter.class_sessions
    ADD COLUMN external_id text COLLATE "C",
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN staff_id uuid,
    ADD COLUMN room text,
    -- The most who may wait for a place.
    ADD COLUMN waitlist_capacity integer NOT NULL DEFAULT 10 CHECK (waitlist_capacity >= 0),
    ADD CONSTRAINT class_sessions_external_key UNIQUE (organization_id, external_id),
    ADD FOREIGN KEY (organization_id, staff_id)
        REFERENCES spotter.staff (organization_id, id) ON DELETE SET NULL (staff_id);

-- Bookings: of members and of leads on trial, with what became of them.
ALTER TABLE spotter.bookings
    ADD COLUMN external_id text COLLATE "C",
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN lead_id uuid,
    -- member, trial.
    ADD COLUMN kind text NOT NULL DEFAULT 'member',
    -- booked, waitlisted, attended, no_show, cancelled.
    ADD COLUMN status text NOT NULL DEFAULT 'booked',
    ADD COLUMN booked_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN cancelled_at timestamptz,
    -- The session's beginning, which moves with it: reports read bookings by time.
    ADD COLUMN starts_at timestamptz,
    ALTER COLUMN client_id DROP NOT NULL,
    ADD CONSTRAINT bookings_external_key UNIQUE (organization_id, external_id),
    ADD CONSTRAINT bookings_person_check CHECK ((client_id IS NULL) <> (lead_id IS NULL)),
    ADD CONSTRAINT bookings_lead_key UNIQUE (organization_id, session_id, lead_id),
    ADD FOREIGN KEY (organization_id, lead_id) REFERENCES spotter.leads (organization_id, id) ON DELETE CASCADE;
DO $$
DECLARE
    place uuid;
BEGIN
    FOR place IN SELECT app.organization_ids() LOOP
        PERFORM set_config('app.organization', place::text, true);
        UPDATE spotter.bookings SET starts_at = s.starts_at FROM spotter.class_sessions s
        WHERE s.organization_id = bookings.organization_id AND s.id = bookings.session_id;
    END LOOP;
    PERFORM set_config('app.organization', '', true);
END
$$;
ALTER TABLE spotter.class_sessions
    ADD CONSTRAINT class_sessions_place_key UNIQUE (organization_id, id, starts_at);
ALTER TABLE spotter.bookings
    ALTER COLUMN starts_at SET NOT NULL,
    DROP CONSTRAINT bookings_organization_id_session_id_fkey,
    ADD FOREIGN KEY (organization_id, session_id, starts_at)
        REFERENCES spotter.class_sessions (organization_id, id, starts_at) ON UPDATE CASCADE ON DELETE CASCADE;
CREATE INDEX bookings_lead_id_idx ON spotter.bookings (organization_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX bookings_starts_at_idx ON spotter.bookings (organization_id, starts_at) INCLUDE (status, client_id);
GRANT UPDATE ON spotter.bookings TO spotter_app;

-- What can be subscribed to.
CREATE TABLE spotter.plans (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text NOT NULL DEFAULT '',
    amount numeric(16, 4) NOT NULL CHECK (amount >= 0),
    currency text NOT NULL,
    -- week, month, year; with `period_count` of them from payment to payment.
    period text NOT NULL,
    period_count integer NOT NULL DEFAULT 1 CHECK (period_count > 0),
    is_active boolean NOT NULL DEFAULT true,
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT plans_external_key UNIQUE (organization_id, external_id)
);
CREATE INDEX plans_name_idx ON spotter.plans (organization_id, name_key, id);
ALTER TABLE spotter.plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.plans FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.plans
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.plans TO spotter_app;

-- Memberships as they are now; subscription_changes has how they came to be.
CREATE TABLE spotter.subscriptions (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    plan_id uuid,
    -- trialing, active, past_due, paused, cancelled.
    status text NOT NULL,
    amount numeric(16, 4) NOT NULL CHECK (amount >= 0),
    currency text NOT NULL,
    period text NOT NULL,
    period_count integer NOT NULL DEFAULT 1 CHECK (period_count > 0),
    started_at timestamptz NOT NULL,
    -- When it ended; NULL while it lasts.
    cancelled_at timestamptz,
    cancel_reason text,
    next_payment_on date,
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT subscriptions_external_key UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, plan_id)
        REFERENCES spotter.plans (organization_id, id) ON DELETE SET NULL (plan_id)
);
CREATE INDEX subscriptions_client_idx ON spotter.subscriptions (organization_id, client_id);
CREATE INDEX subscriptions_status_idx ON spotter.subscriptions (organization_id, status, started_at);
ALTER TABLE spotter.subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.subscriptions
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.subscriptions TO spotter_app;

-- What a subscription was from `valid_from` until `valid_until` (NULL: still). One row for each state, without gaps or
-- overlaps, so that recurring revenue can be told for any time.
CREATE TABLE spotter.subscription_changes (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    client_id uuid NOT NULL,
    plan_id uuid,
    status text NOT NULL,
    -- What it comes to in a month, 0 unless it is active or past due.
    monthly_amount numeric(20, 8) NOT NULL CHECK (monthly_amount >= 0),
    currency text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    PRIMARY KEY (organization_id, id),
    CHECK (valid_until >= valid_from),
    FOREIGN KEY (organization_id, subscription_id)
        REFERENCES spotter.subscriptions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX subscription_changes_open_key ON spotter.subscription_changes (organization_id, subscription_id)
    WHERE valid_until IS NULL;
CREATE INDEX subscription_changes_time_idx
    ON spotter.subscription_changes (organization_id, valid_from, valid_until);
CREATE INDEX subscription_changes_subscription_idx
    ON spotter.subscription_changes (organization_id, subscription_id, valid_from);
CREATE INDEX subscription_changes_client_idx ON spotter.subscription_changes (organization_id, client_id);
ALTER TABLE spotter.subscription_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.subscription_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.subscription_changes
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.subscription_changes TO spotter_app;

-- Money that members paid, or failed to.
CREATE TABLE spotter.payments (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    client_id uuid,
    subscription_id uuid,
    amount numeric(16, 4) NOT NULL CHECK (amount >= 0),
    currency text NOT NULL,
    -- pending, succeeded, failed.
    status text NOT NULL,
    -- membership, drop_in, personal_training, product, other.
    kind text NOT NULL,
    -- card, direct_debit, cash, transfer, other.
    method text NOT NULL,
    failure_reason text,
    -- When the money came, or the try failed.
    paid_at timestamptz NOT NULL,
    description text NOT NULL DEFAULT '',
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT payments_external_key UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE SET NULL (client_id),
    FOREIGN KEY (organization_id, subscription_id)
        REFERENCES spotter.subscriptions (organization_id, id) ON DELETE SET NULL (subscription_id)
);
CREATE INDEX payments_paid_at_idx ON spotter.payments (organization_id, paid_at, id);
CREATE INDEX payments_client_idx ON spotter.payments (organization_id, client_id, paid_at);
CREATE INDEX payments_subscription_idx ON spotter.payments (organization_id, subscription_id)
    WHERE subscription_id IS NOT NULL;
ALTER TABLE spotter.payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.payments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.payments
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.payments TO spotter_app;

-- Money given back, of one payment, in its currency.
CREATE TABLE spotter.refunds (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    payment_id uuid NOT NULL,
    amount numeric(16, 4) NOT NULL CHECK (amount > 0),
    reason text,
    refunded_at timestamptz NOT NULL,
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT refunds_external_key UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, payment_id)
        REFERENCES spotter.payments (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX refunds_payment_idx ON spotter.refunds (organization_id, payment_id);
CREATE INDEX refunds_time_idx ON spotter.refunds (organization_id, refunded_at);
ALTER TABLE spotter.refunds ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.refunds FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.refunds
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.refunds TO spotter_app;

-- Visits.
CREATE TABLE spotter.check_ins (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    -- The session it was for, if there was one.
    session_id uuid,
    checked_in_at timestamptz NOT NULL,
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT check_ins_external_key UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, session_id)
        REFERENCES spotter.class_sessions (organization_id, id) ON DELETE SET NULL (session_id)
);
CREATE INDEX check_ins_client_idx ON spotter.check_ins (organization_id, client_id, checked_in_at);
CREATE INDEX check_ins_time_idx ON spotter.check_ins (organization_id, checked_in_at) INCLUDE (client_id);
ALTER TABLE spotter.check_ins ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.check_ins FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.check_ins
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.check_ins TO spotter_app;

-- Whether somebody may be written to: the newest row of a person, channel and purpose counts.
CREATE TABLE spotter.consents (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    client_id uuid,
    lead_id uuid,
    -- email, sms.
    channel text NOT NULL,
    -- transactional, marketing.
    purpose text NOT NULL,
    is_granted boolean NOT NULL,
    -- Where it was said: form, import, stop_message, staff, api.
    source text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK ((client_id IS NULL) <> (lead_id IS NULL)),
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, lead_id) REFERENCES spotter.leads (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX consents_client_idx ON spotter.consents (organization_id, client_id, channel, purpose, recorded_at DESC)
    WHERE client_id IS NOT NULL;
CREATE INDEX consents_lead_idx ON spotter.consents (organization_id, lead_id, channel, purpose, recorded_at DESC)
    WHERE lead_id IS NOT NULL;
ALTER TABLE spotter.consents ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.consents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.consents
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT ON spotter.consents TO spotter_app;

-- What somebody on the staff has to see to.
CREATE TABLE spotter.tickets (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    -- open, pending, resolved, closed.
    status text NOT NULL,
    -- low, medium, high, critical.
    priority text NOT NULL,
    category text,
    client_id uuid,
    lead_id uuid,
    assigned_to uuid,
    conversation_id uuid,
    -- Who opened it: a token's subject or an agent's id.
    opened_by text NOT NULL,
    due_at timestamptz,
    resolved_at timestamptz,
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT tickets_external_key UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE SET NULL (client_id),
    FOREIGN KEY (organization_id, lead_id)
        REFERENCES spotter.leads (organization_id, id) ON DELETE SET NULL (lead_id),
    FOREIGN KEY (organization_id, assigned_to)
        REFERENCES spotter.staff (organization_id, id) ON DELETE SET NULL (assigned_to)
);
CREATE INDEX tickets_status_idx ON spotter.tickets (organization_id, status, created_at);
CREATE INDEX tickets_client_idx ON spotter.tickets (organization_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX tickets_lead_idx ON spotter.tickets (organization_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX tickets_assigned_idx ON spotter.tickets (organization_id, assigned_to) WHERE assigned_to IS NOT NULL;
ALTER TABLE spotter.tickets ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.tickets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.tickets
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.tickets TO spotter_app;

-- What the staff is told inside Spotter.
CREATE TABLE spotter.notifications (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    -- To one of the staff, or to all of a role; to everybody where neither is named.
    staff_id uuid,
    role text,
    title text NOT NULL,
    body text NOT NULL,
    -- info, warning, urgent.
    level text NOT NULL,
    sent_by text NOT NULL,
    -- The same key is the same notification.
    idempotency_key text COLLATE "C",
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    read_by text,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT notifications_idempotency_key UNIQUE (organization_id, idempotency_key),
    FOREIGN KEY (organization_id, staff_id) REFERENCES spotter.staff (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX notifications_newest_idx ON spotter.notifications (organization_id, created_at DESC, id DESC);
CREATE INDEX notifications_staff_idx ON spotter.notifications (organization_id, staff_id) WHERE staff_id IS NOT NULL;
ALTER TABLE spotter.notifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.notifications FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.notifications
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.notifications TO spotter_app;

-- Messages to many, for one purpose.
CREATE TABLE spotter.campaigns (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    -- retention, bulk, lead_nurture.
    kind text NOT NULL,
    -- draft, awaiting_approval, running, completed, cancelled.
    status text NOT NULL,
    -- Whom it is for, as the tool was asked.
    audience json NOT NULL,
    -- What is sent when: an array of steps with channel, subject, body, delay_days.
    steps json NOT NULL,
    created_by text NOT NULL,
    idempotency_key text COLLATE "C",
    starts_at timestamptz,
    completed_at timestamptz,
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT campaigns_external_key UNIQUE (organization_id, external_id),
    CONSTRAINT campaigns_idempotency_key UNIQUE (organization_id, idempotency_key)
);
CREATE INDEX campaigns_status_idx ON spotter.campaigns (organization_id, status, created_at);
ALTER TABLE spotter.campaigns ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.campaigns FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.campaigns
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.campaigns TO spotter_app;

-- Who is in a campaign, and how far.
CREATE TABLE spotter.campaign_members (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    client_id uuid,
    lead_id uuid,
    -- active, completed, stopped.
    status text NOT NULL,
    steps_done integer NOT NULL DEFAULT 0 CHECK (steps_done >= 0),
    next_step_at timestamptz,
    stop_reason text,
    PRIMARY KEY (organization_id, id),
    CHECK ((client_id IS NULL) <> (lead_id IS NULL)),
    CONSTRAINT campaign_members_client_key UNIQUE (organization_id, campaign_id, client_id),
    CONSTRAINT campaign_members_lead_key UNIQUE (organization_id, campaign_id, lead_id),
    FOREIGN KEY (organization_id, campaign_id)
        REFERENCES spotter.campaigns (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, lead_id) REFERENCES spotter.leads (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX campaign_members_due_idx ON spotter.campaign_members (organization_id, next_step_at)
    WHERE status = 'active';
CREATE INDEX campaign_members_client_idx ON spotter.campaign_members (organization_id, client_id)
    WHERE client_id IS NOT NULL;
CREATE INDEX campaign_members_lead_idx ON spotter.campaign_members (organization_id, lead_id)
    WHERE lead_id IS NOT NULL;
ALTER TABLE spotter.campaign_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.campaign_members FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.campaign_members
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.campaign_members TO spotter_app;

-- Posts, written and planned.
CREATE TABLE spotter.social_posts (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    -- instagram, facebook, x, tiktok, linkedin.
    platform text NOT NULL,
    content text NOT NULL,
    hashtags text[] NOT NULL DEFAULT '{}',
    media_url text,
    -- draft, scheduled, published, failed, cancelled.
    status text NOT NULL,
    scheduled_at timestamptz,
    published_at timestamptz,
    -- What the platform calls it, or why it was not taken.
    provider_id text,
    error text,
    created_by text NOT NULL,
    idempotency_key text COLLATE "C",
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT social_posts_external_key UNIQUE (organization_id, external_id),
    CONSTRAINT social_posts_idempotency_key UNIQUE (organization_id, idempotency_key)
);
CREATE INDEX social_posts_scheduled_idx ON spotter.social_posts (organization_id, status, scheduled_at);
ALTER TABLE spotter.social_posts ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.social_posts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.social_posts
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.social_posts TO spotter_app;

-- Appointments: trials, tours and what else is in the staff's calendar.
CREATE TABLE spotter.calendar_events (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    -- trial, tour, appointment, block.
    kind text NOT NULL,
    title text NOT NULL,
    description text NOT NULL DEFAULT '',
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    -- booked, completed, no_show, cancelled.
    status text NOT NULL,
    staff_id uuid,
    client_id uuid,
    lead_id uuid,
    -- The class session of a trial, and its booking.
    session_id uuid,
    booking_id uuid,
    location text,
    created_by text NOT NULL,
    idempotency_key text COLLATE "C",
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT calendar_events_external_key UNIQUE (organization_id, external_id),
    CHECK (ends_at > starts_at),
    CONSTRAINT calendar_events_idempotency_key UNIQUE (organization_id, idempotency_key),
    FOREIGN KEY (organization_id, staff_id) REFERENCES spotter.staff (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, lead_id) REFERENCES spotter.leads (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, session_id)
        REFERENCES spotter.class_sessions (organization_id, id) ON DELETE SET NULL (session_id),
    FOREIGN KEY (organization_id, booking_id)
        REFERENCES spotter.bookings (organization_id, id) ON DELETE SET NULL (booking_id)
);
CREATE INDEX calendar_events_starts_at_idx ON spotter.calendar_events (organization_id, starts_at, id);
CREATE INDEX calendar_events_staff_idx ON spotter.calendar_events (organization_id, staff_id, starts_at)
    WHERE staff_id IS NOT NULL;
CREATE INDEX calendar_events_client_idx ON spotter.calendar_events (organization_id, client_id)
    WHERE client_id IS NOT NULL;
CREATE INDEX calendar_events_lead_idx ON spotter.calendar_events (organization_id, lead_id)
    WHERE lead_id IS NOT NULL;
ALTER TABLE spotter.calendar_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.calendar_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.calendar_events
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.calendar_events TO spotter_app;

-- An organisation's own templates of messages; those of the files come beside them.
CREATE TABLE spotter.message_templates (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    channel text NOT NULL,
    purpose text NOT NULL,
    subject text,
    body text NOT NULL,
    external_id text COLLATE "C",
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT message_templates_external_key UNIQUE (organization_id, external_id),
    CONSTRAINT message_templates_name_key UNIQUE (organization_id, channel, name)
);
ALTER TABLE spotter.message_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.message_templates FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.message_templates
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.message_templates TO spotter_app;

-- Messages on their way out, and what became of them.
CREATE TABLE spotter.outbox_messages (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    -- email, sms.
    channel text NOT NULL,
    -- transactional, marketing.
    purpose text NOT NULL,
    -- The address or number as it was when the message was written.
    recipient text NOT NULL,
    client_id uuid,
    lead_id uuid,
    staff_id uuid,
    campaign_id uuid,
    subject text,
    -- Plain text; for e-mail also as HTML.
    body text NOT NULL,
    html text,
    -- [{name, type, content (base64)}].
    attachments json,
    -- held (no way out is configured), queued, sending, sent, failed, needs_review, cancelled, suppressed.
    status text NOT NULL,
    -- Why it is held, suppressed, delayed or failed.
    reason text,
    idempotency_key text COLLATE "C" NOT NULL,
    -- SHA-256 of what was asked under the key: another message under it is refused.
    content_hash bytea NOT NULL,
    sent_by text NOT NULL,
    -- Not foreign keys: executions go to the history.
    execution_id uuid,
    conversation_id uuid,
    priority integer NOT NULL DEFAULT 0,
    -- Not before this.
    due_at timestamptz NOT NULL,
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    lease_until timestamptz,
    provider_id text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT outbox_messages_idempotency_key UNIQUE (organization_id, idempotency_key),
    FOREIGN KEY (organization_id, client_id)
        REFERENCES spotter.clients (organization_id, id) ON DELETE SET NULL (client_id),
    FOREIGN KEY (organization_id, lead_id)
        REFERENCES spotter.leads (organization_id, id) ON DELETE SET NULL (lead_id),
    FOREIGN KEY (organization_id, staff_id)
        REFERENCES spotter.staff (organization_id, id) ON DELETE SET NULL (staff_id),
    FOREIGN KEY (organization_id, campaign_id)
        REFERENCES spotter.campaigns (organization_id, id) ON DELETE SET NULL (campaign_id)
);
CREATE INDEX outbox_messages_due_idx ON spotter.outbox_messages (due_at, organization_id)
    WHERE status IN ('queued', 'sending');
CREATE INDEX outbox_messages_newest_idx ON spotter.outbox_messages (organization_id, created_at DESC, id DESC);
CREATE INDEX outbox_messages_status_idx ON spotter.outbox_messages (organization_id, status, created_at);
CREATE INDEX outbox_messages_client_idx ON spotter.outbox_messages (organization_id, client_id, created_at)
    WHERE client_id IS NOT NULL;
CREATE INDEX outbox_messages_lead_idx ON spotter.outbox_messages (organization_id, lead_id, created_at)
    WHERE lead_id IS NOT NULL;
CREATE INDEX outbox_messages_staff_idx ON spotter.outbox_messages (organization_id, staff_id)
    WHERE staff_id IS NOT NULL;
CREATE INDEX outbox_messages_campaign_idx ON spotter.outbox_messages (organization_id, campaign_id)
    WHERE campaign_id IS NOT NULL;
ALTER TABLE spotter.outbox_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.outbox_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.outbox_messages
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.outbox_messages TO spotter_app;

-- The words that records are found by, folded by the application: names, addresses, numbers and labels. As with
-- conversations a table of its own, read through one function that gives ids only.
CREATE TABLE spotter.record_words (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    -- client, lead, class, staff, ticket.
    kind text NOT NULL,
    record_id uuid NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (organization_id, kind, record_id)
);
CREATE INDEX record_words_idx ON spotter.record_words USING gin (words) WITH (fastupdate = off);
ALTER TABLE spotter.record_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.record_words FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.record_words
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
CREATE POLICY directory ON spotter.record_words FOR SELECT TO spotter_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.record_words TO spotter_app;

-- The organisation's records of a kind in which each of the words begins a word, at most `most`, in no order.
CREATE FUNCTION app.find_records(wanted_kind text, wanted text[], most integer) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT record_id FROM record_words
    WHERE words @@ (
            SELECT string_agg(
                '''' || replace(replace((SELECT app.organization())::text || ' ' || word, '\', '\\'), '''', '''''')
                    || ''':*', ' & ')::tsquery
            FROM unnest(wanted) AS word)
        AND organization_id = (SELECT app.organization()) AND kind = wanted_kind
    LIMIT most
    $$;
GRANT EXECUTE ON FUNCTION app.find_records(text, text[], integer) TO spotter_app;

-- What a sum every `count` periods comes to in a month: a year has 12 months and 365.25 / 7 weeks.
CREATE FUNCTION app.monthly(amount numeric, period text, count integer) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN round(
        CASE period
            WHEN 'week' THEN amount * 36525 / 8400
            WHEN 'month' THEN amount
            WHEN 'year' THEN amount / 12
        END / count, 8);
GRANT EXECUTE ON FUNCTION app.monthly(numeric, text, integer) TO spotter_app;

-- What is there already is found by its words now, as the application has them: letters and digits in a row, and each
-- end of a phone number.
DO $$
DECLARE
    place uuid;
BEGIN
    FOR place IN SELECT app.organization_ids() LOOP
        PERFORM set_config('app.organization', place::text, true);
        INSERT INTO spotter.record_words (organization_id, kind, record_id, words)
        SELECT organization_id, 'client', id, app.kept_words(
            regexp_split_to_array(search_key, '[^[:alnum:]]+') || ARRAY(
                SELECT substr(phone_digits, n) FROM generate_series(1, length(phone_digits) - 3) AS n))
        FROM spotter.clients;
        INSERT INTO spotter.record_words (organization_id, kind, record_id, words)
        SELECT organization_id, 'class', id, app.kept_words(regexp_split_to_array(name_key, '[^[:alnum:]]+'))
        FROM spotter.classes;
    END LOOP;
    PERFORM set_config('app.organization', '', true);
END
$$;
ALTER TABLE spotter.clients DROP COLUMN search_key;
