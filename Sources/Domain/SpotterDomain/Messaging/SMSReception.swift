public import Foundation

/// What an SMS that came in means for the organisation, before any of it is written.
public struct SMSReception: Sendable {
    /// STOP, START or HELP; nil for everything else.
    public let keyword: ReplyKeyword?
    /// Who may have sent it.
    public let people: [Contact]
    /// What is written: consents, a notification for the staff, and the events.
    public let notes: HookNotes

    /// Reads an SMS.
    ///
    /// STOP is noted of everybody with the number, START of those who have said STOP. Everything that changes nothing,
    /// such as a question, is for the staff to read.
    public init(
        of sms: InboundSMS, by hook: Hook, delivery: HookDeliveryID, desk: MessageDesk, ids: any IDGenerator,
        at now: Date, in scope: OrganizationScope
    ) async throws {
        let keyword = sms.understood ?? desk.keyword(of: sms.text, in: scope)
        let people = try await desk.people(at: sms.from, in: scope)
        var consents: [Consent] = []
        if let keyword {
            consents = try await desk.consents(of: people.map(\.person), saying: keyword, at: now, in: scope)
        }
        var notes = HookNotes(consents: consents)
        if consents.isEmpty {
            notes.notice = Self.notice(of: sms, keyword, people, id: ids.id(at: now), at: now)
            notes.noticeKey = "sms:\(hook.id):\(sms.id)"
        }
        notes.events = [Self.event(of: sms, keyword, people, hook: hook.id, delivery)]
        self.keyword = keyword
        self.people = people
        self.notes = notes
    }

    private static func notice(
        of sms: InboundSMS, _ keyword: ReplyKeyword?, _ people: [Contact], id: StaffNoticeID, at now: Date
    ) -> StaffNotice {
        let sender = people.first.map { "\($0.name) (\(sms.from))" } ?? sms.from
        var body = sms.text.isEmpty ? "(without a text)" : sms.text
        let isLost = keyword == .stop && !people.contains { $0.person.staffID == nil }
        if isLost { body += "\n\nThis number is in no member's and no lead's record: nothing could be noted." }
        return StaffNotice(
            id: id, staffId: nil, role: nil, title: "SMS from \(sender)", body: body, level: isLost ? .warning : .info,
            sentBy: "sms", createdAt: now)
    }

    private static func event(
        of sms: InboundSMS, _ keyword: ReplyKeyword?, _ people: [Contact], hook: HookID, _ delivery: HookDeliveryID
    ) -> EventDraft {
        var data = JSONObject()
        data["channel"] = .string(MessageChannel.sms.rawValue)
        data["message_id"] = .string(sms.id)
        data["from"] = .string(sms.from)
        if let to = sms.to { data["to"] = .string(to) }
        data["text"] = .string(sms.text)
        if let keyword { data["keyword"] = .string(keyword.rawValue) }
        switch people.first?.person {
        case .client(let id)?: data["client_id"] = .string(id.description)
        case .lead(let id)?: data["lead_id"] = .string(id.description)
        case .staff(let id)?: data["staff_id"] = .string(id.description)
        case nil: break
        }
        data["people"] = .int(Int64(people.count))
        data["hook_id"] = .string(hook.description)
        data["delivery_id"] = .string(delivery.description)
        return EventDraft(.messageReceived, data: .object(data))
    }
}
