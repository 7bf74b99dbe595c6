import Foundation
import SpotterDomain
import SpotterTesting

@testable import SpotterHTTP

/// One of each kind of the gym's records, hanging together.
enum GymBelongings {
    static func make(in home: TestOrganization) async throws -> [String: String] {
        let now = Date()
        let setting = RecordSetting(now: now, organization: home.organization, actor: "desk")
        let name = home.organization.name
        var ids: [String: String] = [:]
        func make<Kind: RecordKind>(_ fields: Kind.Fields) async throws -> Identifier<Kind> {
            let record: GymRecord<Kind> = try await home.stores.gym.create(home.id(), fields, setting, in: home.scope)
            ids[RecordRoutes<Kind>.parameter] = record.id.description
            return record.id
        }
        let staff: StaffID = try await make(StaffFields(name: "\(name) coach", role: .coach))
        let client: ClientID = try await make(
            ClientFields(name: "\(name) member", joinedOn: Day(utc: now), assignedTo: staff))
        let lead: LeadID = try await make(LeadFields(name: "\(name) lead", assignedTo: staff, clientId: client))
        let spin: GymClassID = try await make(GymClassFields(name: "\(name) spin", durationMinutes: 45, capacity: 9))
        let session: ClassSessionID = try await make(
            ClassSessionFields(
                classId: spin, instructor: "\(name) coach", staffId: staff, startsAt: now + 86_400,
                endsAt: now + 90_000, capacity: 9))
        let booking: BookingID = try await make(BookingFields(sessionId: session, leadId: lead, bookedAt: now))
        let money = Money(49, "GBP")
        let plan: MembershipPlanID = try await make(
            MembershipPlanFields(name: "\(name) plan", amount: money, period: .month))
        let subscription: SubscriptionID = try await make(
            SubscriptionFields(clientId: client, planId: plan, amount: money, period: .month, startedAt: now))
        let payment: PaymentID = try await make(
            PaymentFields(clientId: client, subscriptionId: subscription, amount: Money(90, "GBP"), paidAt: now))
        let _: RefundID = try await make(RefundFields(paymentId: payment, amount: Money(9, "GBP"), refundedAt: now))
        let _: CheckInID = try await make(CheckInFields(clientId: client, sessionId: session, checkedInAt: now))
        let _: TicketID = try await make(TicketFields(subject: "\(name) ticket", clientId: client, openedBy: "desk"))
        let _: CampaignID = try await make(
            CampaignFields(name: "\(name) campaign", kind: .bulk, audience: [:], steps: [], createdBy: "desk"))
        let _: SocialPostID = try await make(
            SocialPostFields(platform: .x, content: "\(name) post", createdBy: "desk"))
        let _: CalendarEventID = try await make(
            CalendarEventFields(
                kind: .trial, title: "\(name) trial", startsAt: now + 60, endsAt: now + 120, staffId: staff,
                leadId: lead, sessionId: session, bookingId: booking, createdBy: "desk"))
        let _: MessageTemplateID = try await make(
            MessageTemplateFields(name: "\(name.lowercased().filter(\.isLetter))-news", channel: .sms, body: "Hi"))
        return ids
    }

    /// Ids of records that never were.
    static func unknown(_ home: TestOrganization) -> [String: String] {
        func id<Kind: RecordKind>(_ kind: Kind.Type) -> (String, String) {
            (RecordRoutes<Kind>.parameter, (home.id() as Identifier<Kind>).description)
        }
        return Dictionary(
            uniqueKeysWithValues: [
                id(StaffKind.self), id(ClientKind.self), id(LeadKind.self), id(GymClassKind.self),
                id(ClassSessionKind.self), id(BookingKind.self), id(MembershipPlanKind.self),
                id(SubscriptionKind.self), id(PaymentKind.self), id(RefundKind.self), id(CheckInKind.self),
                id(TicketKind.self), id(CampaignKind.self), id(SocialPostKind.self), id(CalendarEventKind.self),
                id(MessageTemplateKind.self),
            ])
    }

    /// All of the gym's records, as text.
    static func everything(in home: TestOrganization) async throws -> [String] {
        func list<Kind: RecordKind>(_ kind: Kind.Type) async throws -> [String] {
            let page = PageRequest(limit: 200)
            return try await home.stores.gym.list(kind, RecordFilter(), page, in: home.scope).items.map { "\($0)" }
        }
        var all = try await list(StaffKind.self) + list(ClientKind.self) + list(LeadKind.self)
        all += try await list(GymClassKind.self) + list(ClassSessionKind.self) + list(BookingKind.self)
        all += try await list(MembershipPlanKind.self) + list(SubscriptionKind.self) + list(PaymentKind.self)
        all += try await list(RefundKind.self) + list(CheckInKind.self) + list(TicketKind.self)
        all += try await list(CampaignKind.self) + list(SocialPostKind.self) + list(CalendarEventKind.self)
        all += try await list(MessageTemplateKind.self)
        return all
    }
}
