import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine

/// Tells the staff inside Spotter when nobody has decided on something for a while.
///
/// The events in the log tell everybody else, and letters those who have an address. A notice that cannot be kept is only logged: the approval is in the inbox all
/// the same.
struct ApprovalNotices: Sendable {
    let desk: any StaffDesk
    let postman: ApprovalPostman
    let clock: any WallClock
    let ids: any IDGenerator
    let log: Log

    func tell(_ approval: Approval, _ type: EventType, in scope: OrganizationScope) async {
        postman.note(approval.id, in: scope)
        let now = clock.now()
        let whom = approval.deciders(at: now).map(\.description).joined(separator: ", ")
        let until = approval.expiresAt.map { " Until \(Timestamp.string(from: $0))." } ?? ""
        let notice = StaffNotice(
            id: ids.id(at: now), staffId: nil, role: nil,
            title: type == .approvalEscalated ? "Somebody else has to decide" : "A decision is still open",
            body: "\(approval.message.prefix(2_000))\nWho may decide: \(whom).\(until) \(approval.id)",
            level: type == .approvalEscalated ? .urgent : .warning, sentBy: "approvals", createdAt: now)
        do {
            // The same turn of the same approval is told once, however often it is tried.
            _ = try await desk.notify(notice, key: "\(approval.id) \(type.rawValue)", in: scope)
        } catch {
            log.warning("a notice was not kept", ["approval": "\(approval.id)", "error": String(reflecting: error)])
        }
    }
}
