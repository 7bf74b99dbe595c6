import Foundation
import SpotterDomain

extension ClientProfile.Card {
    /// As a model reads a member's record.
    func row(_ calendar: GymCalendar) -> ToolRow {
        var row = ToolRow()
        row.set("id", id)
        row.set("name", name)
        row.set("email", email)
        row.set("phone", phone)
        row.set("status", status.rawValue)
        row.set("tags", tags)
        // A date without a time is kept as midnight UTC, whatever the gym's zone.
        row.set("joined", String(Timestamp.string(from: joinedOn).prefix(10)))
        row.set("cancelled", cancelledOn)
        row.set("birthday", birthday)
        row.set("source", source)
        row.set("assigned_to", assignedTo)
        row.set("notes", notes)
        row.set("last_visit", lastVisitAt.map(calendar.moment))
        row.set("visits_last_30_days", recentVisits)
        row.set("visits_30_days_before", earlierVisits)
        row.set("upcoming_bookings", upcomingBookings)
        row.set("no_shows_last_90_days", recentNoShows)
        row.set("failed_payments_last_90_days", recentFailedPayments)
        row.set("last_paid", lastPaidAt.map(calendar.moment))
        row.set("open_tickets", openTickets)
        return row
    }
}

extension SubscriptionView {
    /// As a model reads a membership.
    func row(_ calendar: GymCalendar) -> JSONValue {
        var row = ToolRow()
        row.set("id", id)
        row.set("client_id", clientId)
        row.set("client", client)
        row.set("plan", plan)
        row.set("status", status)
        row.set("amount", amountText(amount))
        row.set("currency", currency)
        row.set("every", periodCount == 1 ? period : "\(periodCount) \(period)s")
        row.set("monthly_amount", amountText(monthlyAmount))
        row.set("started", calendar.day(of: startedAt).description)
        row.set("cancelled", cancelledAt.map { calendar.day(of: $0).description })
        row.set("cancel_reason", cancelReason)
        row.set("next_payment", nextPaymentOn)
        return row.json
    }
}

extension ConsentView {
    /// As a model reads a consent.
    func row(_ calendar: GymCalendar) -> JSONValue {
        [
            "channel": .string(channel), "purpose": .string(purpose), "granted": .bool(isGranted),
            "since": .string(calendar.moment(recordedAt)),
        ]
    }
}

extension StatusChangeView {
    /// As a model reads a change.
    func row(_ calendar: GymCalendar) -> JSONValue {
        var row = ToolRow()
        row.set("from", fromStatus)
        row.set("to", toStatus)
        row.set("reason", reason)
        row.set("by", changedBy)
        row.set("at", calendar.moment(changedAt))
        return row.json
    }
}

extension CalendarEntry {
    /// As a model reads something in the calendar.
    func row(_ calendar: GymCalendar) -> JSONValue {
        var row = ToolRow()
        row.set("kind", kind)
        row.set("title", title)
        row.set("day", calendar.weekday(of: startsAt))
        row.set("date", calendar.day(of: startsAt).description)
        row.set("starts", calendar.time(of: startsAt))
        let end = calendar.day(of: endsAt) == calendar.day(of: startsAt)
        row.set("ends", end ? calendar.time(of: endsAt) : calendar.moment(endsAt))
        row.set("status", status)
        row.set("staff", staff)
        row.set("person", person)
        row.set("location", location)
        if let capacity, let booked { row.set("spots_left", max(0, capacity - booked)) }
        row.set("event_id", id)
        row.set("client_id", clientId)
        row.set("lead_id", leadId)
        row.set("session_id", sessionId)
        return row.json
    }
}
