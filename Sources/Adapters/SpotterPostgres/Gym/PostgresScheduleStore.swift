import Foundation
import PostgresKit
import SpotterDomain

/// Programmes and their dates in PostgreSQL, as tools look for them.
struct PostgresScheduleStore: ScheduleStore {
    let door: StoreDoor

    func sessions(
        startingIn range: Range<Date>, className: String?, limit: Int, in scope: OrganizationScope
    ) async throws -> [ClassSession] {
        let statement = Statement(
            """
            SELECT row_to_json(r), json_build_object(
                'class_name', c.name, 'booked', greatest(r.head_count, b.taken), 'waiting', b.waiting)
            FROM spotter.class_sessions r
            JOIN spotter.classes c ON c.organization_id = r.organization_id AND c.id = r.class_id
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE status NOT IN ('cancelled', 'waitlisted')) AS taken,
                    count(*) FILTER (WHERE status = 'waitlisted') AS waiting
                FROM spotter.bookings WHERE organization_id = r.organization_id AND session_id = r.id) b
            WHERE r.starts_at >= $1 AND r.starts_at < $2 AND ($3::text IS NULL OR c.name_key LIKE $3)
            ORDER BY r.starts_at, r.id LIMIT $4
            """, range.lowerBound, range.upperBound, className.map { LikePattern.containing(FoldedText.fold($0)) },
            max(limit, 0))
        return try await door.read(scope, statement).decoded { try RecordRow.record($0, as: ClassSessionKind.self) }
    }

    func session(_ id: ClassSessionID, in scope: OrganizationScope) async throws -> ClassSession? {
        try await door.read(scope, Statement(ClassSQL.sessions.one, id.uuid))
            .firstDecoded { try RecordRow.record($0, as: ClassSessionKind.self) }
    }

    func classes(in scope: OrganizationScope) async throws -> [GymClass] {
        let statement = Statement(
            "SELECT row_to_json(r), NULL::json FROM spotter.classes r ORDER BY name_key, id")
        return try await door.read(scope, statement).decoded { try RecordRow.record($0, as: GymClassKind.self) }
    }

    func add(
        classes: [GymClass], sessions: [ClassSession], bookings: [Booking], in scope: OrganizationScope
    ) async throws {
        _ = try await door.write(
            scope,
            [
                Self.insert(classes: try classes.map { try RecordRow.row(of: $0) }),
                RecordWordsSQL.keep("class", classes.map { ($0.id.uuid, RecordWords.words(of: $0.fields)) }),
                Self.insert(sessions: try sessions.map { try RecordRow.row(of: $0) }),
                Self.insert(bookings: try bookings.map { try RecordRow.row(of: $0) }),
            ])
    }

    private static func insert(classes: [JSONValue]) -> Statement {
        Statement(
            """
            INSERT INTO spotter.classes (
                organization_id, id, name, name_key, description, duration_minutes, capacity, category, level,
                is_active, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, name, name_key, description, duration_minutes, capacity, category,
                level, is_active, external_id, version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.classes, $1)
            ON CONFLICT (organization_id, id) DO NOTHING
            """, PostgresValue.document(.array(classes)))
    }

    private static func insert(sessions: [JSONValue]) -> Statement {
        Statement(
            """
            INSERT INTO spotter.class_sessions (
                organization_id, id, class_id, instructor, staff_id, room, starts_at, ends_at, capacity,
                waitlist_capacity, head_count, is_cancelled, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, class_id, instructor, staff_id, room, starts_at, ends_at, capacity,
                waitlist_capacity, head_count, is_cancelled, external_id, version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.class_sessions, $1)
            ON CONFLICT (organization_id, id) DO NOTHING
            """, PostgresValue.document(.array(sessions)))
    }

    /// Somebody has at most one place in a session: a second booking is left alone, whichever its id.
    private static func insert(bookings: [JSONValue]) -> Statement {
        Statement(
            """
            INSERT INTO spotter.bookings (
                organization_id, id, session_id, client_id, lead_id, kind, status, booked_at, cancelled_at, starts_at,
                external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), r.id, r.session_id, r.client_id, r.lead_id, r.kind, r.status,
                r.booked_at, r.cancelled_at, s.starts_at, r.external_id, r.version, r.created_at, r.updated_at
            FROM json_populate_recordset(NULL::spotter.bookings, $1) r
            JOIN spotter.class_sessions s ON s.id = r.session_id
            ON CONFLICT DO NOTHING
            """, PostgresValue.document(.array(bookings)))
    }
}
