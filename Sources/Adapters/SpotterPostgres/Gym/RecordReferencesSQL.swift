import Foundation
import PostgresKit
import SpotterDomain

/// Statements that look for what records refer to, and keep it there until they are written.
enum RecordReferencesSQL {
    /// Which of the ids there are.
    static func exist(_ target: RecordReference.Target, _ ids: [UUID]) -> Statement {
        switch target {
        case .staff: Statement("SELECT id FROM spotter.staff WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", ids)
        case .client: Statement("SELECT id FROM spotter.clients WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", ids)
        case .lead: Statement("SELECT id FROM spotter.leads WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", ids)
        case .gymClass: Statement("SELECT id FROM spotter.classes WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", ids)
        case .session:
            Statement("SELECT id FROM spotter.class_sessions WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", ids)
        case .booking: Statement("SELECT id FROM spotter.bookings WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", ids)
        case .plan: Statement("SELECT id FROM spotter.plans WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", ids)
        case .subscription:
            Statement("SELECT id FROM spotter.subscriptions WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", ids)
        case .payment: Statement("SELECT id FROM spotter.payments WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", ids)
        case .conversation: Statement("SELECT id FROM spotter.conversations WHERE id = ANY ($1)", ids)
        }
    }

    /// Locks the sessions of bookings, and others, in the order of their ids: foreign keys may still be checked
    /// against them.
    static func lockSessions(of bookings: [UUID], _ externals: [String], and sessions: Set<UUID>) -> Statement {
        Statement(
            """
            SELECT id FROM spotter.class_sessions
            WHERE id = ANY (ARRAY(
                SELECT session_id FROM spotter.bookings WHERE id = ANY ($1) OR external_id = ANY ($2)
                UNION SELECT unnest($3::uuid[])))
            ORDER BY id FOR NO KEY UPDATE
            """, bookings, externals, Array(sessions))
    }

    /// Locks the sessions to come that people have booked, in the order of their ids.
    static func lockSessions(bookedBy people: [UUID], after time: Date) -> Statement {
        Statement(
            """
            SELECT id FROM spotter.class_sessions
            WHERE id = ANY (ARRAY(
                SELECT session_id FROM spotter.bookings
                WHERE (client_id = ANY ($1) OR lead_id = ANY ($1)) AND starts_at > $2))
            ORDER BY id FOR NO KEY UPDATE
            """, people, time)
    }

    /// The sessions to come that people have booked by now.
    static func sessions(bookedBy people: [UUID], after time: Date) -> Statement {
        Statement(
            """
            SELECT DISTINCT session_id FROM spotter.bookings
            WHERE (client_id = ANY ($1) OR lead_id = ANY ($1)) AND starts_at > $2
            """, people, time)
    }

    static func sessions(_ ids: [UUID]) -> Statement {
        Statement(
            """
            SELECT row_to_json(r), json_build_object('class_name', '', 'booked', r.head_count, 'waiting', 0)
            FROM spotter.class_sessions r WHERE id = ANY ($1)
            """, ids)
    }

    static func bookings(of sessions: [UUID]) -> Statement {
        Statement("SELECT row_to_json(r), NULL::json FROM spotter.bookings r WHERE session_id = ANY ($1)", sessions)
    }

    static func payments(_ ids: [UUID]) -> Statement {
        Statement(
            """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.payments r WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE
            """, ids)
    }

    static func refunds(of payments: [UUID]) -> Statement {
        Statement(
            """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', p.currency))
            FROM spotter.refunds r
            JOIN spotter.payments p ON p.organization_id = r.organization_id AND p.id = r.payment_id
            WHERE r.payment_id = ANY ($1)
            """, payments)
    }

    static func classNames(_ ids: [UUID]) -> Statement {
        Statement("SELECT id, name FROM spotter.classes WHERE id = ANY ($1)", ids)
    }

    static func openChanges(of subscriptions: [UUID]) -> Statement {
        Statement(
            """
            SELECT subscription_id, client_id, plan_id, status, trim_scale(monthly_amount)::text, currency, valid_from,
                valid_until
            FROM spotter.subscription_changes WHERE subscription_id = ANY ($1) AND valid_until IS NULL
            """, subscriptions)
    }
}

extension RecordReferencesSQL {
    /// Sessions, and everybody's bookings of them.
    static func rooms(_ sessions: Rows, _ bookings: Rows) throws -> [ClassSessionID: KnownRecords.Room] {
        try rooms(try sessions.decoded { try RecordRow.record($0, as: ClassSessionKind.self) }, bookings)
    }

    /// The same of sessions that were read before.
    static func rooms(
        _ sessions: [ClassSession], _ bookings: Rows
    ) throws -> [ClassSessionID: KnownRecords.Room] {
        let bookings = Dictionary(
            grouping: try bookings.decoded { try RecordRow.record($0, as: BookingKind.self) }, by: \.sessionId)
        return sessions.reduce(into: [:]) { rooms, session in
            rooms[session.id] = .init(session: session, bookings: bookings[session.id] ?? [])
        }
    }

    /// Payments, and what was given back of them.
    static func paid(_ payments: [Payment], _ refunds: Rows) throws -> [PaymentID: KnownRecords.Paid] {
        let refunds = Dictionary(
            grouping: try refunds.decoded { try RecordRow.record($0, as: RefundKind.self) }, by: \.paymentId)
        return payments.reduce(into: [:]) { paid, payment in
            paid[payment.id] = .init(payment: payment, refunds: refunds[payment.id] ?? [])
        }
    }
}

extension SubscriptionChange {
    init(_ row: Row) throws {
        guard let amount = Money(try row.get(4), try row.get(5)) else { throw UnknownCase(column: 4) }
        self.init(
            subscriptionId: try row.id(0), clientId: try row.id(1), planId: try row.optionalID(2),
            status: try row.named(3), monthlyAmount: amount, validFrom: try row.get(6), validUntil: try row.get(7))
    }
}
