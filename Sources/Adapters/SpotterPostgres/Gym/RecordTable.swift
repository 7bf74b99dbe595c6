import Foundation
import PostgresKit
import SpotterDomain

/// How records of one kind are read from their table and written to it: constant statements, one file for each few
/// kinds. Each that reads gives a row as JSON and, where something is shown otherwise than it is stored, an object of
/// members that stand in for those of the row.
struct RecordTable: Sendable {
    /// `$1`: an id.
    let one: StaticString
    /// `$1`: ids, `$2`: external ids, `$3`: idempotency keys. Locks what it finds, in the order of the ids.
    let lock: StaticString
    /// `$1`: rows as JSON. Adds those that are new, and changes the others.
    let save: StaticString
    /// `$1`: an id.
    let delete: StaticString
    /// The statement of a list that begins below an id and is one longer than asked for.
    let list: @Sendable (RecordFilter, PageRequest) -> Statement
    /// What the words of the kind stand under; nil where it is not found by words.
    let wordKind: String?

    init(
        one: StaticString, lock: StaticString, save: StaticString, delete: StaticString, wordKind: String? = nil,
        list: @escaping @Sendable (RecordFilter, PageRequest) -> Statement
    ) {
        self.one = one
        self.lock = lock
        self.save = save
        self.delete = delete
        self.list = list
        self.wordKind = wordKind
    }

    /// The table of a kind.
    static func of<Kind: RecordKind>(_ kind: Kind.Type) throws -> RecordTable {
        guard let table = all[Kind.prefix] else {
            throw SpotterError(.internal, "There is no table of \(Kind.plural).")
        }
        return table
    }

    private static let all: [String: RecordTable] = [
        ClientKind.prefix: PeopleSQL.clients, LeadKind.prefix: PeopleSQL.leads, StaffKind.prefix: PeopleSQL.staff,
        GymClassKind.prefix: ClassSQL.classes, ClassSessionKind.prefix: ClassSQL.sessions,
        BookingKind.prefix: ClassSQL.bookings, CheckInKind.prefix: ClassSQL.checkIns,
        MembershipPlanKind.prefix: MoneySQL.plans, SubscriptionKind.prefix: MoneySQL.subscriptions,
        PaymentKind.prefix: MoneySQL.payments, RefundKind.prefix: MoneySQL.refunds,
        TicketKind.prefix: DeskSQL.tickets, CalendarEventKind.prefix: DeskSQL.calendarEvents,
        CampaignKind.prefix: DeskSQL.campaigns, SocialPostKind.prefix: DeskSQL.posts,
        MessageTemplateKind.prefix: DeskSQL.messageTemplates,
    ]
}

extension RecordFilter {
    /// Whether the records' own switch is to be on; nil where that does not matter.
    var isActive: Bool? {
        switch status {
        case "active": true
        case "inactive": false
        default: nil
        }
    }

    /// The digits of the number that is looked for.
    var phoneDigits: String? { phone.map(FoldedText.digits) }
    /// The address that is looked for, as the index has it.
    var emailKey: String? { email?.lowercased() }
}
