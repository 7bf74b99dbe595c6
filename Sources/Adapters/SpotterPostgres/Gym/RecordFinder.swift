import Foundation
import PostgresKit
import SpotterDomain

/// Finds records by what the gym's own system calls them, and people by their e-mail addresses.
enum RecordFinder {
    static func find(
        _ handles: Set<RecordReference.Handle>, _ scope: OrganizationScope, _ door: StoreDoor
    ) async throws -> [RecordReference.Handle: [UUID]] {
        var externals: [RecordReference.Target: [String]] = [:]
        var emails: [RecordReference.Target: [String]] = [:]
        for handle in handles {
            switch handle {
            case .external(let target, let text): externals[target, default: []].append(text)
            case .email(let target, let text): emails[target, default: []].append(text.lowercased())
            }
        }
        let byExternal = externals.compactMap { target, texts in external(target, texts).map { (target, $0) } }
        let byEmail = emails.compactMap { target, texts in email(target, texts).map { (target, $0) } }
        let rows = try await door.read(scope, byExternal.map(\.1) + byEmail.map(\.1))
        var found: [RecordReference.Handle: [UUID]] = [:]
        for ((target, _), rows) in zip(byExternal, rows) {
            for (text, id) in try pairs(rows) { found[.external(target, text), default: []].append(id) }
        }
        var people: [RecordReference.Handle: [UUID]] = [:]
        for ((target, _), rows) in zip(byEmail, rows.dropFirst(byExternal.count)) {
            for (text, id) in try pairs(rows) { people[.email(target, text), default: []].append(id) }
        }
        // Asked for as it was written, found without case.
        for case .email(let target, let text) in handles {
            found[.email(target, text)] = people[.email(target, text.lowercased())]
        }
        return found
    }

    private static func pairs(_ rows: Rows) throws -> [(String, UUID)] {
        try rows.decoded { (try $0.get(0), try $0.get(1)) }
    }

    private static func external(_ target: RecordReference.Target, _ texts: [String]) -> Statement? {
        switch target {
        case .staff: Statement("SELECT external_id, id FROM spotter.staff WHERE external_id = ANY ($1)", texts)
        case .client: Statement("SELECT external_id, id FROM spotter.clients WHERE external_id = ANY ($1)", texts)
        case .lead: Statement("SELECT external_id, id FROM spotter.leads WHERE external_id = ANY ($1)", texts)
        case .gymClass: Statement("SELECT external_id, id FROM spotter.classes WHERE external_id = ANY ($1)", texts)
        case .session:
            Statement("SELECT external_id, id FROM spotter.class_sessions WHERE external_id = ANY ($1)", texts)
        case .booking: Statement("SELECT external_id, id FROM spotter.bookings WHERE external_id = ANY ($1)", texts)
        case .plan: Statement("SELECT external_id, id FROM spotter.plans WHERE external_id = ANY ($1)", texts)
        case .subscription:
            Statement("SELECT external_id, id FROM spotter.subscriptions WHERE external_id = ANY ($1)", texts)
        case .payment: Statement("SELECT external_id, id FROM spotter.payments WHERE external_id = ANY ($1)", texts)
        case .conversation: nil
        }
    }

    private static func email(_ target: RecordReference.Target, _ texts: [String]) -> Statement? {
        switch target {
        case .staff: Statement("SELECT lower(email), id FROM spotter.staff WHERE lower(email) = ANY ($1)", texts)
        case .client: Statement("SELECT lower(email), id FROM spotter.clients WHERE lower(email) = ANY ($1)", texts)
        case .lead: Statement("SELECT lower(email), id FROM spotter.leads WHERE lower(email) = ANY ($1)", texts)
        default: nil
        }
    }
}
