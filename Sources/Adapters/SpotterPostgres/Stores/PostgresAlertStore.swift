import Foundation
import PostgresKit
import SpotterDomain

/// Alerts in PostgreSQL.
///
/// Whoever takes an alert counts one up in its `looks`, and so does whoever writes what a look has come to, which is
/// written only while that number is the one that was taken. So of several processes one tells, and one that dies in between has told nothing.
struct PostgresAlertStore: AlertStore {
    let door: StoreDoor

    // MARK: Keeping

    func create(_ alert: Alert, receipt: Receipt?, in scope: OrganizationScope) async throws {
        // Of many at once only as many come in as there is room for.
        let lock = Statement("SELECT FROM spotter.organizations FOR NO KEY UPDATE")
        let room = Statement(
            "SELECT app.require(count(*) < $1, 'SP414', 'full') FROM spotter.alerts WHERE deleted_at IS NULL",
            AlertLimits.mostAlerts)
        let insert = Statement(
            """
            INSERT INTO spotter.alerts (
                organization_id, id, version, name_key, settings, enabled, source, created_at, updated_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8)
            """, alert.id.uuid, alert.version, FoldedText.fold(alert.settings.name),
            try PostgresValue.document(alert.settings), alert.isEnabled, alert.source.rawValue, alert.createdAt,
            alert.updatedAt)
        _ = try await door.write(scope, PostgresReceiptStore.insert(receipt) + [lock, room, insert])
    }

    func alert(_ id: AlertID, in scope: OrganizationScope) async throws -> Alert {
        let statement = Statement(
            """
            SELECT id, version, settings, source, state, value, since, evaluated_at, incident_id, looks, created_at,
                updated_at
            FROM spotter.alerts WHERE id = $1 AND deleted_at IS NULL
            """, id.uuid)
        guard let alert = try await door.read(scope, statement).firstDecoded(Alert.init) else {
            throw SpotterError.notFound("alert")
        }
        return alert
    }

    func list(_ filter: AlertFilter, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Alert> {
        let statement = Statement(
            """
            SELECT id, version, settings, source, state, value, since, evaluated_at, incident_id, looks, created_at,
                updated_at
            FROM spotter.alerts WHERE id < $1 AND deleted_at IS NULL AND ($2::text IS NULL OR state = $2)
            ORDER BY id DESC LIMIT $3
            """, page.before, filter.state?.rawValue, page.fetchLimit)
        let alerts = try await door.read(scope, statement).decoded(Alert.init)
        return Page(fetched: alerts, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func update(_ alert: Alert, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.alerts SET
                    version = $2, name_key = $3, settings = $4, enabled = $5, updated_at = $6, state = 'inactive',
                    since = NULL, value = NULL, evaluated_at = NULL, incident_id = NULL, looks = looks + 1,
                    next_look_at = now()
                WHERE id = $1 AND version = $2 - 1 AND deleted_at IS NULL
                RETURNING organization_id, id),
            over AS (
                UPDATE spotter.alert_incidents i SET resolved_at = now() FROM changed
                WHERE i.organization_id = changed.organization_id AND i.alert_id = changed.id
                    AND i.resolved_at IS NULL)
            SELECT EXISTS (SELECT FROM changed),
                EXISTS (SELECT FROM spotter.alerts WHERE id = $1 AND deleted_at IS NULL)
            """, alert.id.uuid, alert.version, FoldedText.fold(alert.settings.name),
            try PostgresValue.document(alert.settings), alert.isEnabled, alert.updatedAt)
        try await door.write(scope, statement).requireChange(of: "alert")
    }

    func delete(_ id: AlertID, version: Int?, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.alerts SET
                    deleted_at = now(), looks = looks + 1, incident_id = NULL,
                    state = CASE state WHEN 'firing' THEN 'resolved' ELSE state END
                WHERE id = $1 AND deleted_at IS NULL AND ($2::integer IS NULL OR version = $2)
                RETURNING organization_id, id),
            over AS (
                UPDATE spotter.alert_incidents i SET resolved_at = now() FROM changed
                WHERE i.organization_id = changed.organization_id AND i.alert_id = changed.id
                    AND i.resolved_at IS NULL)
            SELECT EXISTS (SELECT FROM changed),
                EXISTS (SELECT FROM spotter.alerts WHERE id = $1 AND deleted_at IS NULL)
            """, id.uuid, version)
        try await door.write(scope, statement).requireChange(of: "alert")
    }

    func incidents(
        of id: AlertID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Incident> {
        let alert = Statement("SELECT FROM spotter.alerts WHERE id = $1 AND deleted_at IS NULL", id.uuid)
        let statement = Statement(
            """
            SELECT id, alert_id, severity, message, value, started_at, fired_at, resolved_at
            FROM spotter.alert_incidents WHERE alert_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
            """, id.uuid, page.before, page.fetchLimit)
        let rows = try await door.read(scope, [alert, statement])
        guard rows[0].first != nil else { throw SpotterError.notFound("alert") }
        return Page(fetched: try rows[1].decoded(Incident.init), limit: page.limit) { Cursor($0.id.uuid) }
    }
}

// MARK: From elsewhere

extension PostgresAlertStore {
    func keepDefaults(_ alerts: [Alert], in scope: OrganizationScope) async throws {
        guard !alerts.isEmpty else { return }
        let statements = try alerts.map { alert in
            Statement(
                """
                INSERT INTO spotter.alerts (
                    organization_id, id, version, name_key, settings, enabled, source, created_at, updated_at)
                SELECT (SELECT app.organization()), $1, $2, $3, $4, $5, 'default', $6, $6
                WHERE NOT EXISTS (SELECT FROM spotter.alerts WHERE name_key = $3 AND source = 'default')
                ON CONFLICT (organization_id, name_key) WHERE deleted_at IS NULL DO NOTHING
                """, alert.id.uuid, alert.version, FoldedText.fold(alert.settings.name),
                try PostgresValue.document(alert.settings), alert.isEnabled, alert.createdAt)
        }
        // One after another, so that a name that was deleted is not brought back by a race.
        let lock = Statement("SELECT FROM spotter.organizations FOR NO KEY UPDATE")
        _ = try await door.write(scope, [lock] + statements)
    }

    func keepFile(_ alerts: [Alert], at now: Date, in scope: OrganizationScope) async throws -> [String] {
        let names = alerts.map { FoldedText.fold($0.settings.name) }
        return try await door.transaction(scope) { transaction in
            let lock = Statement("SELECT FROM spotter.organizations FOR NO KEY UPDATE")
            let known = Statement(
                """
                SELECT id, version, settings, source, state, value, since, evaluated_at, incident_id, looks, created_at,
                    updated_at
                FROM spotter.alerts WHERE deleted_at IS NULL AND (source = 'file' OR name_key = ANY ($1::text[]))
                """, names)
            let rows = try await transaction.batch([lock, known])[1].decoded(Alert.init)
            let plan = AlertFilePlan(wanted: alerts, known: rows)
            _ = try await transaction.batch(try plan.statements(at: now))
            return plan.refused
        }
    }
}

/// What is to be done so that the alerts of a file are those that are kept.
private struct AlertFilePlan {
    private(set) var refused: [String] = []
    private var new: [Alert] = []
    private var changed: [(old: Alert, settings: AlertSettings)] = []
    private var gone: [Alert] = []

    init(wanted: [Alert], known: [Alert]) {
        for alert in wanted {
            let name = FoldedText.fold(alert.settings.name)
            switch known.first(where: { FoldedText.fold($0.settings.name) == name }) {
            case nil: new.append(alert)
            case let old? where old.source != .file: refused.append(old.settings.name)
            case let old? where old.settings != alert.settings: changed.append((old, alert.settings))
            default: break
            }
        }
        let names = Set(wanted.map { FoldedText.fold($0.settings.name) })
        gone = known.filter { $0.source == .file && !names.contains(FoldedText.fold($0.settings.name)) }
    }

    func statements(at now: Date) throws -> [Statement] {
        let over = gone.map(\.id.uuid) + changed.map(\.old.id.uuid)
        return [
            Statement(
                """
                UPDATE spotter.alert_incidents SET resolved_at = now()
                WHERE alert_id = ANY ($1::uuid[]) AND resolved_at IS NULL
                """, over),
            Statement(
                """
                UPDATE spotter.alerts SET deleted_at = now(), looks = looks + 1, incident_id = NULL,
                    state = CASE state WHEN 'firing' THEN 'resolved' ELSE state END
                WHERE id = ANY ($1::uuid[])
                """, gone.map(\.id.uuid)),
        ]
            + (try changed.map { old, settings in
                Statement(
                    """
                    UPDATE spotter.alerts SET
                        version = version + 1, name_key = $2, settings = $3, enabled = $4, updated_at = $5,
                        state = 'inactive', since = NULL, value = NULL, evaluated_at = NULL, incident_id = NULL,
                        looks = looks + 1, next_look_at = now()
                    WHERE id = $1
                    """, old.id.uuid, FoldedText.fold(settings.name), try PostgresValue.document(settings),
                    settings.enabled ?? true, now)
            })
            + (try new.map { alert in
                Statement(
                    """
                    INSERT INTO spotter.alerts (
                        organization_id, id, version, name_key, settings, enabled, source, created_at, updated_at)
                    VALUES ((SELECT app.organization()), $1, 1, $2, $3, $4, 'file', $5, $5)
                    """, alert.id.uuid, FoldedText.fold(alert.settings.name),
                    try PostgresValue.document(alert.settings), alert.isEnabled, now)
            })
    }
}

// MARK: Looking

extension PostgresAlertStore {
    func organizationsWithDueAlerts() async throws -> [OrganizationID] {
        try await door.ask(Statement("SELECT app.organizations_with_due_alerts()")).decoded { try $0.id(0) }
    }

    func claimDue(limit: Int, interval: Duration, in scope: OrganizationScope) async throws -> AlertClaim {
        let statement = Statement(
            """
            WITH due AS (
                SELECT id FROM spotter.alerts
                WHERE enabled AND deleted_at IS NULL AND next_look_at <= now()
                ORDER BY next_look_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
            UPDATE spotter.alerts SET
                looks = looks + 1, next_look_at = now() + $2::double precision * interval '1 second'
            WHERE id IN (SELECT id FROM due)
            RETURNING id, version, settings, source, state, value, since, evaluated_at, incident_id, looks, created_at,
                updated_at
            """, limit, interval / .seconds(1))
        let day = Statement(
            """
            SELECT now(), count(*) FROM spotter.outbox_messages
            WHERE created_at > now() - interval '1 day' AND sent_by = $1
            """, AlertLimits.sender)
        let rows = try await door.write(scope, [statement, day])
        let facts = try rows[1].firstDecoded { (now: try $0.get(0, as: Date.self), mails: try $0.get(1, as: Int.self)) }
        return AlertClaim(
            alerts: try rows[0].decoded(Alert.init), now: facts?.now ?? Date(), mailsOfDay: facts?.mails ?? 0)
    }

    func advance(_ pass: AlertPass, in scope: OrganizationScope) async throws -> Bool {
        let (alert, standing) = (pass.alert, pass.verdict.standing)
        let move = Statement(
            """
            UPDATE spotter.alerts SET
                state = $4, value = $5, since = $6, evaluated_at = $7, incident_id = $8, looks = looks + 1
            WHERE id = $1 AND version = $2 AND looks = $3 AND enabled AND deleted_at IS NULL
            """, alert.id.uuid, alert.version, alert.looks, standing.state.rawValue, standing.value, standing.since,
            standing.evaluatedAt, standing.incident?.uuid)
        if pass.verdict.news == .nothing { return try await door.write(scope, move).affected > 0 }
        let now = standing.evaluatedAt ?? Date()
        let messages = try PostgresValue.document(pass.messages.map(OutboxRow.init))
        return try await door.transaction(scope) { transaction in
            guard try await transaction.batch([move])[0].affected > 0 else { return false }
            var statements = [Self.note(pass.verdict.news, at: now)]
            if !pass.messages.isEmpty { statements.append(PostgresOutboxStore.insert(messages)) }
            statements += pass.notices.map { PostgresStaffDesk.insert($0, key: "\($0.id)") }
            _ = try await transaction.batch(statements + PostgresEventStore.append(pass.events, at: now))
            return true
        }
    }

    private static func note(_ news: AlertVerdict.News, at now: Date) -> Statement {
        switch news {
        case .nothing: Statement("SELECT")
        case .firing(let incident):
            Statement(
                """
                INSERT INTO spotter.alert_incidents (
                    organization_id, id, alert_id, severity, message, value, started_at, fired_at)
                VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7)
                """, incident.id.uuid, incident.alert.uuid, incident.severity.rawValue,
                StorableText.text(of: incident.message), incident.value, incident.startedAt, incident.firedAt)
        case .resolved(let incident):
            Statement(
                "UPDATE spotter.alert_incidents SET resolved_at = $2 WHERE id = $1 AND resolved_at IS NULL",
                incident.uuid, now)
        }
    }
}

extension Alert {
    /// Reads the columns in the order that every query of alerts lists them.
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), version: try row.get(1), settings: try row.document(2), source: try row.named(3),
            standing: Standing(
                state: try row.named(4), value: try row.get(5), since: try row.get(6), evaluatedAt: try row.get(7),
                incident: try row.optionalID(8)),
            looks: try row.get(9), createdAt: try row.get(10), updatedAt: try row.get(11))
    }
}

extension Incident {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), alert: try row.id(1), severity: try row.named(2), message: try row.get(3),
            value: try row.get(4), startedAt: try row.get(5), firedAt: try row.get(6), resolvedAt: try row.get(7))
    }
}
