public import Foundation

/// What the front desk reads of the gym's records: joins over several of them, each in one round trip.
///
/// Whatever is not in the organisation is nil, as if it never was.
public protocol FrontDeskStore: Sendable {
    /// One member with what has come of it lately, as of `now`.
    func profile(of id: ClientID, at now: Date, in scope: OrganizationScope) async throws -> ClientProfile?
    /// A member's bookings.
    func bookings(
        of id: ClientID, _ query: BookingQuery, in scope: OrganizationScope
    ) async throws -> PersonBookings?
    /// Who has booked a session: those with a place first, in the order in which they booked.
    func attendees(
        of id: ClassSessionID, limit: Int, in scope: OrganizationScope
    ) async throws -> [AttendeeView]
    /// A member's name.
    func name(of id: ClientID, in scope: OrganizationScope) async throws -> String?
    /// Payments, newest first, with the sums of all that the query lets pass.
    func payments(_ query: PaymentQuery, in scope: OrganizationScope) async throws -> PaymentFindings
    /// Memberships, newest first, with the sums of all that the query lets pass.
    func subscriptions(_ query: SubscriptionQuery, in scope: OrganizationScope) async throws -> SubscriptionFindings
    /// Leads, newest first.
    func leads(_ query: LeadQuery, in scope: OrganizationScope) async throws -> [LeadView]
    /// One lead with what has come of it.
    func profile(of id: LeadID, in scope: OrganizationScope) async throws -> LeadProfile?
    /// Programmes that are offered, by name, as of `now`.
    func programmes(
        _ query: ProgrammeQuery, at now: Date, in scope: OrganizationScope
    ) async throws -> [ProgrammeView]
    /// Appointments and sessions, by their beginning.
    func calendar(_ query: CalendarQuery, in scope: OrganizationScope) async throws -> [CalendarEntry]
}
