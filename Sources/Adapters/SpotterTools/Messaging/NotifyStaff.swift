import Foundation
public import SpotterDomain

/// Tells the staff something inside Spotter.
public struct NotifyStaff: Tool {
    /// What to tell whom.
    public struct Arguments: Codable, Sendable {
        let title: String
        let message: String
        let level: StaffNotice.Level?
        let staffId: String?
        let role: String?
    }

    private let sending: MessageSending
    private let desk: any StaffDesk
    private let ids: any IDGenerator

    /// A tool over the staff's desk.
    public init(sending: MessageSending, desk: any StaffDesk, ids: any IDGenerator) {
        self.sending = sending
        self.desk = desk
        self.ids = ids
    }

    /// `notify_staff`
    public let name = "notify_staff"
    /// What a model is told.
    public let summary = """
        Tell the gym's staff something at once, by a notification in Spotter: one colleague, everybody of a role, or all \
        of them. Use urgent only for what cannot wait, such as an injury, a safety or door fault, or a threat; for \
        everything that has to be worked on, open a ticket instead.
        """
    /// Reaches people, of the gym's own.
    public let category = ToolCategory.messaging
    /// Writes a record.
    public let access = ToolAccess.write
    /// The same key is the same notification.
    public let effect = ToolEffect.keyed

    /// Keeps the notification.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        guard arguments.staffId == nil || arguments.role == nil else {
            throw ToolFailure("Give staff_id or role, not both.")
        }
        var colleague: Contact?
        if let id = arguments.staffId { colleague = try await sending.contact(id, [.staff], in: context.scope) }
        let title = MessageComposer.oneLine(arguments.title)
        guard !title.isEmpty else { throw ToolFailure("A notification needs a title.") }
        let notice = StaffNotice(
            id: ids.id(at: context.now), staffId: colleague?.person.staffID, role: arguments.role, title: title,
            body: arguments.message, level: arguments.level ?? .info,
            sentBy: context.caller.agent?.description ?? "by hand", createdAt: context.now)
        let whom = colleague?.name ?? arguments.role.map { "everybody with the role \($0)" } ?? "all of the staff"
        guard !context.isDryRun else {
            return ["summary": .string("\(whom) would be told: \(title)"), "dry_run": true]
        }
        let kept = try await desk.notify(notice, key: context.effectKey, in: context.scope)
        return [
            "summary": .string("The notification for \(whom) is there. Whether somebody has read it is not known."),
            "notification_id": .string(kept.id.description), "level": .string(kept.level.rawValue),
        ]
    }
}

extension NotifyStaff.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "title": Field("What it is, in a line.", length: 1...200, example: "Front door does not lock"),
        "message": Field("The rest: who, where, since when.", length: 1...5_000),
        "level": Field("info, warning or urgent; info if left out."),
        "staff_id": Field("One colleague's id: the recipient. Not together with role.", length: 10...60),
        "role": Field(
            "The recipients: owner, manager, coach or front_desk. All of the staff if neither is given.",
            length: 1...40, example: "manager"),
    ]
}
