import Foundation
import ServiceKit
import SpotterDomain

/// Tells the staff inside Spotter that a hook was disabled; the event in the log tells everybody else.
struct HookNotices: Sendable {
    let desk: any StaffDesk
    let clock: any WallClock
    let ids: any IDGenerator
    let log: Log

    func tell(_ hook: Hook, _ reason: String, in scope: OrganizationScope) async {
        let now = clock.now()
        let notice = StaffNotice(
            id: ids.id(at: now), staffId: nil, role: nil, title: "A hook was disabled",
            body:
                "Events are not sent by \(hook.settings.name) any more. \(reason) When the target is well again, enable "
                + "the hook and replay what was missed. \(hook.id)",
            level: .warning, sentBy: "hooks", createdAt: now)
        do {
            // The version that was given up is told of once.
            _ = try await desk.notify(notice, key: "\(hook.id) \(hook.version) disabled", in: scope)
        } catch {
            log.warning("a notice was not kept", ["hook": "\(hook.id)", "error": String(reflecting: error)])
        }
    }
}
