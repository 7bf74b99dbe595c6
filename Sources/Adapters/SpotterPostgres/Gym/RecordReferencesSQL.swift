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

extension SubscriptionChange {
    init(_ row: Row) throws {
        guard let amount = Money(try row.get(4), try row.get(5)) else { throw UnknownCase(column: 4) }
        self.init(
            subscriptionId: try row.id(0), clientId: try row.id(1), planId: try row.optionalID(2),
            status: try row.named(3), monthlyAmount: amount, validFrom: try row.get(6), validUntil: try row.get(7))
    }
}
