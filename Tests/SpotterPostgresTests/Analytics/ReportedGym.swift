import Foundation
import PostgresKit
import SpotterDomain
import SpotterPostgres
import SpotterTesting
import Testing

/// A gym with records as a report reads them, kept in Swift too, so that figures can be worked out from them again.
struct ReportedGym {
    struct Member: Encodable { let id: UUID, name: String, joined: String, left: String?, status: String }
    struct State: Encodable {
        let id: UUID, subscription: UUID, client: UUID, status: String, amount: Decimal, currency: String
        let from: Date, until: Date?
    }
    struct Payment: Encodable {
        let id: UUID, client: UUID, amount: Decimal, currency: String, status: String, kind: String, method: String
        let reason: String?, at: Date
    }
    struct Refund: Encodable { let id: UUID, payment: UUID, amount: Decimal, at: Date }
    struct Session: Encodable { let id: UUID, `class`: UUID, at: Date, capacity: Int, cancelled: Bool }
    struct Booking: Encodable { let id: UUID, session: UUID, client: UUID, status: String, at: Date }
    struct CheckIn: Encodable { let id: UUID, client: UUID, at: Date }

    let home: TestOrganization
    let stores: TestStores
    var members: [Member] = []
    var states: [State] = []
    var payments: [Payment] = []
    var refunds: [Refund] = []
    var sessions: [Session] = []
    var bookings: [Booking] = []
    var checkIns: [CheckIn] = []
    let classes = [UUID(), UUID()]

    var analytics: any AnalyticsStore { stores.postgres.analytics }
    var scope: OrganizationScope { home.scope }

    static func make(in stores: TestStores? = nil) async throws -> ReportedGym {
        let stores = if let stores { stores } else { try await TestStores.shared }
        return ReportedGym(home: try await TestOrganization.make(in: stores.stores), stores: stores)
    }

    // MARK: Short ways to write records

    static func time(_ text: String) -> Date { Timestamp.date(from: text) ?? .distantPast }

    @discardableResult
    mutating func member(_ name: String, joined: String, left: String? = nil) -> UUID {
        let id = UUID()
        members.append(
            Member(id: id, name: name, joined: joined, left: left, status: left == nil ? "active" : "cancelled"))
        return id
    }

    /// A subscription as the states it was in: what it came to, and from when on; nil amounts are pauses or ends.
    mutating func subscription(
        of client: UUID, _ steps: [(from: String, amount: String?)], currency: String = "GBP", last: String? = nil
    ) {
        let id = UUID()
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            let ended = step.amount == nil ? "cancelled" : "active"
            states.append(
                State(
                    id: UUID(), subscription: id, client: client, status: isLast ? last ?? ended : ended,
                    amount: Decimal(string: step.amount ?? "0") ?? 0, currency: currency, from: Self.time(step.from),
                    until: isLast ? nil : Self.time(steps[index + 1].from)))
        }
    }

    @discardableResult
    mutating func payment(
        _ client: UUID, _ amount: String, at: String, status: String = "succeeded", currency: String = "GBP",
        kind: String = "membership", method: String = "card", reason: String? = nil
    ) -> UUID {
        let id = UUID()
        payments.append(
            Payment(
                id: id, client: client, amount: Decimal(string: amount) ?? 0, currency: currency, status: status,
                kind: kind, method: method, reason: reason, at: Self.time(at)))
        return id
    }

    mutating func refund(_ payment: UUID, _ amount: String, at: String) {
        refunds.append(
            Refund(id: UUID(), payment: payment, amount: Decimal(string: amount) ?? 0, at: Self.time(at)))
    }

    @discardableResult
    mutating func session(at: String, class: Int = 0, capacity: Int = 10, cancelled: Bool = false) -> UUID {
        let id = UUID()
        sessions.append(
            Session(id: id, class: classes[`class`], at: Self.time(at), capacity: capacity, cancelled: cancelled))
        return id
    }

    mutating func booking(_ session: UUID, _ client: UUID, _ status: String) {
        let at = sessions.first { $0.id == session }?.at ?? .distantPast
        bookings.append(Booking(id: UUID(), session: session, client: client, status: status, at: at))
    }

    mutating func checkIn(_ client: UUID, at: String) {
        checkIns.append(CheckIn(id: UUID(), client: client, at: Self.time(at)))
    }

    // MARK: Periods

    func span(_ edges: String..., zone: String = "Europe/London", until: String = "2026-11-21T10:00:00Z")
        -> ReportSpan
    {
        let until = Self.time(until)
        return ReportSpan(
            edges: edges.compactMap { Day($0) }, timezone: zone, until: until,
            today: Day(until, in: TimeZone(identifier: zone) ?? .gmt))
    }

    // MARK: Storing

    /// Stores everything.
    func store() async throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        func rows(_ records: [some Encodable]) throws -> String {
            String(decoding: try encoder.encode(records), as: UTF8.self)
        }
        let subscriptions = Dictionary(grouping: states, by: \.subscription).values.compactMap { $0.last }
        _ = try await stores.database.withOrganization(scope.organization.uuid).batch([
            Statement(Self.insertMembers, try rows(members)),
            Statement(Self.insertClasses, classes),
            Statement(Self.insertSubscriptions, try rows(subscriptions)),
            Statement(Self.insertStates, try rows(states)),
            Statement(Self.insertPayments, try rows(payments)),
            Statement(Self.insertRefunds, try rows(refunds)),
            Statement(Self.insertSessions, try rows(sessions)),
            Statement(Self.insertBookings, try rows(bookings)),
            Statement(Self.insertCheckIns, try rows(checkIns)),
        ])
    }

    private static let insertMembers: StaticString = """
        INSERT INTO spotter.clients (
            organization_id, id, name, name_key, phone_digits, status, tags, joined_on, cancelled_on)
        SELECT app.organization(), id, name, lower(name), '', status, '{}',
            joined, "left"
        FROM json_to_recordset($1::text::json) AS r (id uuid, name text, joined date, "left" date, status text)
        """
    private static let insertClasses: StaticString = """
        INSERT INTO spotter.classes (organization_id, id, name, name_key, description, duration_minutes, capacity)
        SELECT app.organization(), id, 'Class ' || n, 'class ' || n, '', 60, 10
        FROM unnest($1::uuid[]) WITH ORDINALITY AS r (id, n)
        """
    private static let insertSubscriptions: StaticString = """
        INSERT INTO spotter.subscriptions (
            organization_id, id, client_id, status, amount, currency, period, started_at, cancel_reason)
        SELECT app.organization(), subscription, client, status, amount, currency, 'month', now(),
            CASE WHEN status = 'cancelled' THEN 'moved away' END
        FROM json_to_recordset($1::text::json)
            AS r (subscription uuid, client uuid, status text, amount numeric, currency text)
        """
    private static let insertStates: StaticString = """
        INSERT INTO spotter.subscription_changes (
            organization_id, id, subscription_id, client_id, status, monthly_amount, currency, valid_from, valid_until)
        SELECT app.organization(), id, subscription, client, status, amount, currency, "from", until
        FROM json_to_recordset($1::text::json) AS r (
            id uuid, subscription uuid, client uuid, status text, amount numeric, currency text, "from" timestamptz,
            until timestamptz)
        """
    private static let insertPayments: StaticString = """
        INSERT INTO spotter.payments (
            organization_id, id, client_id, amount, currency, status, kind, method, failure_reason, paid_at)
        SELECT app.organization(), id, client, amount, currency, status, kind, method, reason, at
        FROM json_to_recordset($1::text::json) AS r (
            id uuid, client uuid, amount numeric, currency text, status text, kind text, method text, reason text,
            at timestamptz)
        """
    private static let insertRefunds: StaticString = """
        INSERT INTO spotter.refunds (organization_id, id, payment_id, amount, refunded_at)
        SELECT app.organization(), id, payment, amount, at
        FROM json_to_recordset($1::text::json) AS r (id uuid, payment uuid, amount numeric, at timestamptz)
        """
    private static let insertSessions: StaticString = """
        INSERT INTO spotter.class_sessions (
            organization_id, id, class_id, instructor, starts_at, ends_at, capacity, head_count, is_cancelled)
        SELECT app.organization(), id, class, 'Dana', at, at + interval '1 hour', capacity, 0, cancelled
        FROM json_to_recordset($1::text::json)
            AS r (id uuid, class uuid, at timestamptz, capacity integer, cancelled boolean)
        """
    private static let insertBookings: StaticString = """
        INSERT INTO spotter.bookings (organization_id, id, session_id, client_id, status, starts_at)
        SELECT app.organization(), id, session, client, status, at
        FROM json_to_recordset($1::text::json)
            AS r (id uuid, session uuid, client uuid, status text, at timestamptz)
        """
    private static let insertCheckIns: StaticString = """
        INSERT INTO spotter.check_ins (organization_id, id, client_id, checked_in_at)
        SELECT app.organization(), id, client, at
        FROM json_to_recordset($1::text::json) AS r (id uuid, client uuid, at timestamptz)
        """
}
