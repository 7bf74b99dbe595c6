import Foundation
import PostgresKit
import SpotterDomain

/// Programmes, their dates and their bookings in PostgreSQL.
struct PostgresScheduleStore: ScheduleStore {
    let door: StoreDoor

    func sessions(
        startingIn range: Range<Date>, className: String?, limit: Int, in scope: OrganizationScope
    ) async throws -> [ClassSession] {
        let statement = Statement(
            """
            SELECT s.id, s.class_id, c.name, s.instructor, s.starts_at, s.ends_at, s.capacity,
                greatest(s.head_count, (
                    SELECT count(*) FROM spotter.bookings b
                    WHERE b.organization_id = s.organization_id AND b.session_id = s.id
                        AND b.status NOT IN ('cancelled', 'waitlisted'))), s.is_cancelled
            FROM spotter.class_sessions s
            JOIN spotter.classes c ON c.organization_id = s.organization_id AND c.id = s.class_id
            WHERE s.starts_at >= $1 AND s.starts_at < $2 AND ($3::text IS NULL OR c.name_key LIKE $3)
            ORDER BY s.starts_at, s.id LIMIT $4
            """, range.lowerBound, range.upperBound, className.map { LikePattern.containing(FoldedText.fold($0)) },
            max(limit, 0))
        return try await door.read(scope, statement).decoded(ClassSession.init)
    }

    func session(_ id: ClassSessionID, in scope: OrganizationScope) async throws -> ClassSession? {
        let statement = Statement(
            """
            SELECT s.id, s.class_id, c.name, s.instructor, s.starts_at, s.ends_at, s.capacity,
                greatest(s.head_count, (
                    SELECT count(*) FROM spotter.bookings b
                    WHERE b.organization_id = s.organization_id AND b.session_id = s.id
                        AND b.status NOT IN ('cancelled', 'waitlisted'))), s.is_cancelled
            FROM spotter.class_sessions s
            JOIN spotter.classes c ON c.organization_id = s.organization_id AND c.id = s.class_id
            WHERE s.id = $1
            """, id.uuid)
        return try await door.read(scope, statement).firstDecoded(ClassSession.init)
    }

    func classes(in scope: OrganizationScope) async throws -> [GymClass] {
        let statement = Statement(
            """
            SELECT id, name, description, duration_minutes, capacity FROM spotter.classes ORDER BY name_key, id
            """)
        return try await door.read(scope, statement).decoded { row in
            GymClass(
                id: try row.id(0), name: try row.get(1), description: try row.get(2), durationMinutes: try row.get(3),
                capacity: try row.get(4))
        }
    }

    func add(
        classes: [GymClass], sessions: [ClassSession], bookings: [Booking], in scope: OrganizationScope
    ) async throws {
        _ = try await door.write(
            scope,
            [
                try Self.insert(classes.map(GymClassRow.init)), try Self.insert(sessions.map(ClassSessionRow.init)),
                try Self.insert(bookings.map(BookingRow.init)),
            ])
    }
}

// MARK: Adding

extension PostgresScheduleStore {
    private static func insert(_ classes: [GymClassRow]) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.classes (
                organization_id, id, name, name_key, description, duration_minutes, capacity)
            SELECT (SELECT app.organization()), id, name, name_key, description, duration_minutes, capacity
            FROM json_to_recordset($1::json) AS class (
                id uuid, name text, name_key text, description text, duration_minutes integer, capacity integer)
            ON CONFLICT (organization_id, id) DO NOTHING
            """, try PostgresValue.document(classes))
    }

    private static func insert(_ sessions: [ClassSessionRow]) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.class_sessions (
                organization_id, id, class_id, instructor, starts_at, ends_at, capacity, head_count, is_cancelled)
            SELECT (SELECT app.organization()), id, class_id, instructor, starts_at, ends_at, capacity, head_count,
                is_cancelled
            FROM json_to_recordset($1::json) AS session (
                id uuid, class_id uuid, instructor text, starts_at timestamptz, ends_at timestamptz, capacity integer,
                head_count integer, is_cancelled boolean)
            ON CONFLICT (organization_id, id) DO NOTHING
            """, try PostgresValue.document(sessions))
    }

    /// A member has at most one place in a session: a second booking is left alone, whichever its id.
    private static func insert(_ bookings: [BookingRow]) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.bookings (organization_id, id, session_id, client_id, starts_at)
            SELECT (SELECT app.organization()), booking.id, session_id, client_id, session.starts_at
            FROM json_to_recordset($1::json) AS booking (id uuid, session_id uuid, client_id uuid)
                JOIN spotter.class_sessions AS session ON session.id = session_id
            ON CONFLICT DO NOTHING
            """, try PostgresValue.document(bookings))
    }
}

/// A programme as the insert reads it.
private struct GymClassRow: Encodable {
    let id: String
    let name: String
    let nameKey: String
    let description: String
    let durationMinutes: Int
    let capacity: Int

    init(_ value: GymClass) {
        id = value.id.uuid.uuidString
        name = value.name
        nameKey = FoldedText.fold(value.name)
        description = value.description
        durationMinutes = value.durationMinutes
        capacity = value.capacity
    }
}

/// A date of a programme as the insert reads it.
private struct ClassSessionRow: Encodable {
    let id: String
    let classId: String
    let instructor: String
    let startsAt: Date
    let endsAt: Date
    let capacity: Int
    let headCount: Int
    let isCancelled: Bool

    init(_ session: ClassSession) {
        id = session.id.uuid.uuidString
        classId = session.classId.uuid.uuidString
        instructor = session.instructor
        startsAt = session.startsAt
        endsAt = session.endsAt
        capacity = session.capacity
        headCount = session.booked
        isCancelled = session.isCancelled
    }
}

/// A booking as the insert reads it.
private struct BookingRow: Encodable {
    let id: String
    let sessionId: String
    let clientId: String

    init(_ booking: Booking) {
        id = booking.id.uuid.uuidString
        sessionId = booking.sessionId.uuid.uuidString
        clientId = booking.clientId.uuid.uuidString
    }
}

extension ClassSession {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), classId: try row.id(1), className: try row.get(2), instructor: try row.get(3),
            startsAt: try row.get(4), endsAt: try row.get(5), capacity: try row.get(6), booked: try row.get(7),
            isCancelled: try row.get(8))
    }
}
