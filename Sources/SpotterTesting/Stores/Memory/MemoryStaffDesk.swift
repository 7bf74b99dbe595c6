import Foundation
import SpotterDomain

/// Notifications and new tickets in memory. Without records of staff, a role is nobody's.
struct MemoryStaffDesk: StaffDesk {
    let database: MemoryDatabase

    func notify(_ notice: StaffNotice, key: String?, in scope: OrganizationScope) async throws -> StaffNotice {
        try database.write(scope) { records in
            if let known = key.flatMap({ records.noticeKeys[$0] }).flatMap({ records.notices[$0] }) { return known }
            records.notices[notice.id] = notice
            if let key { records.noticeKeys[key] = notice.id }
            return notice
        }
    }

    func notices(
        for staff: StaffID?, unreadOnly: Bool, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<StaffNotice> {
        let (all, colleague) = database.read(scope) { records in
            (records.notices.values, staff.flatMap { records.gym[$0] })
        }
        let notices = all.filter { notice in
            guard !unreadOnly || notice.readAt == nil else { return false }
            guard let staff else { return true }
            if let whom = notice.staffId { return whom == staff }
            guard let colleague else { return false }
            return notice.role.map { $0 == colleague.role.rawValue } ?? true
        }
        return newestFirst(notices, page, id: \.id)
    }

    func markRead(
        _ id: StaffNoticeID, by reader: String, at now: Date, in scope: OrganizationScope
    ) async throws -> StaffNotice {
        try database.write(scope) { records in
            guard var notice = records.notices[id] else { throw SpotterError.notFound("notification") }
            notice.readAt = notice.readAt ?? now
            notice.readBy = notice.readBy ?? reader
            records.notices[id] = notice
            return notice
        }
    }

    func open(_ ticket: TicketOrder, key: String, in scope: OrganizationScope) async throws -> TicketID {
        try database.write(scope) { records in
            if let known = records.tickets[key] { return known.id }
            if let id = ticket.person?.clientID, records.gym[id] == nil { throw SpotterError.notFound("client") }
            records.tickets[key] = ticket
            return ticket.id
        }
    }
}
