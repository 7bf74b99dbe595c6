import Foundation
import PostgresKit
import SpotterDomain

/// Notifications and new tickets in PostgreSQL.
struct PostgresStaffDesk: StaffDesk {
    let door: StoreDoor

    func notify(_ notice: StaffNotice, key: String?, in scope: OrganizationScope) async throws -> StaffNotice {
        let insert = Self.insert(notice, key: key)
        let find = Statement(
            """
            SELECT id, staff_id, role, title, body, level, sent_by, created_at, read_at, read_by
            FROM spotter.notifications WHERE id = $1 OR idempotency_key = $2
            """, notice.id.uuid, key)
        return try await door.write(scope, [insert, find])[1].firstDecoded(StaffNotice.init) ?? notice
    }

    /// Keeps a notification, unless one stands under its key already.
    static func insert(_ notice: StaffNotice, key: String?) -> Statement {
        Statement(
            """
            INSERT INTO spotter.notifications (
                organization_id, id, staff_id, role, title, body, level, sent_by, idempotency_key, created_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (organization_id, idempotency_key) DO NOTHING
            """, notice.id.uuid, notice.staffId?.uuid, notice.role.map(StorableText.text),
            StorableText.text(of: notice.title), StorableText.text(of: notice.body), notice.level.rawValue,
            notice.sentBy, key, notice.createdAt)
    }

    func notices(
        for staff: StaffID?, unreadOnly: Bool, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<StaffNotice> {
        let statement = Statement(
            """
            SELECT id, staff_id, role, title, body, level, sent_by, created_at, read_at, read_by
            FROM spotter.notifications
            WHERE id < $1 AND (NOT $2 OR read_at IS NULL)
                AND ($3::uuid IS NULL OR staff_id = $3 OR (staff_id IS NULL AND EXISTS (
                    SELECT FROM spotter.staff s WHERE s.id = $3 AND (notifications.role IS NULL OR s.role = notifications.role))))
            ORDER BY id DESC LIMIT $4
            """, page.before, unreadOnly, staff?.uuid, page.fetchLimit)
        let notices = try await door.read(scope, statement).decoded(StaffNotice.init)
        return Page(fetched: notices, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func markRead(
        _ id: StaffNoticeID, by reader: String, at now: Date, in scope: OrganizationScope
    ) async throws -> StaffNotice {
        let statement = Statement(
            """
            UPDATE spotter.notifications SET read_at = coalesce(read_at, $2), read_by = coalesce(read_by, $3)
            WHERE id = $1
            RETURNING id, staff_id, role, title, body, level, sent_by, created_at, read_at, read_by
            """, id.uuid, now, reader)
        guard let notice = try await door.write(scope, statement).firstDecoded(StaffNotice.init) else {
            throw SpotterError.notFound("notification")
        }
        return notice
    }

    func open(_ ticket: TicketOrder, key: String, in scope: OrganizationScope) async throws -> TicketID {
        let insert = Statement(
            """
            INSERT INTO spotter.tickets (
                organization_id, id, subject, body, status, priority, category, client_id, lead_id, conversation_id,
                opened_by, external_id, created_at, updated_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, 'open', $4, $5, $6, $7, $8, $9, $10, $11, $11)
            ON CONFLICT (organization_id, external_id) DO NOTHING
            """, ticket.id.uuid, StorableText.text(of: ticket.subject), StorableText.text(of: ticket.body),
            ticket.priority.rawValue, ticket.category.map(StorableText.text), ticket.person?.clientID?.uuid,
            ticket.person?.leadID?.uuid, ticket.conversation?.uuid, ticket.openedBy, key, ticket.at)
        let find = Statement("SELECT id FROM spotter.tickets WHERE external_id = $1", key)
        return try await door.write(scope, [insert, find])[1].firstDecoded { try $0.id(0) } ?? ticket.id
    }
}
