import Foundation
public import SpotterDomain

/// Arranges a walk through the gym.
public struct ScheduleFacilityTour: Tool {
    /// Who comes, when, and with whom.
    public struct Arguments: Codable, Sendable {
        let date: String
        let time: String
        let minutes: Int?
        let staff: String?
        let leadId: LeadID?
        let clientId: ClientID?
        let name: String?
        let email: String?
        let phone: String?
        let note: String?
    }

    private let appointments: any AppointmentStore
    private let records: any FrontDeskChanges
    private let ids: any IDGenerator

    /// A tool over the gym's calendar.
    public init(appointments: any AppointmentStore, records: any FrontDeskChanges, ids: any IDGenerator) {
        self.appointments = appointments
        self.records = records
        self.ids = ids
    }

    /// `schedule_facility_tour`
    public let name = "schedule_facility_tour"
    /// What a model is told.
    public let summary = """
        Schedule a facility tour (visit, walk-through) for a lead or member: puts it into the calendar of one of the \
        staff who is free then, never into two at one time. Give the local date and time and lead_id or client_id; for \
        somebody new, name with email or phone. Opening hours are not known here: ask for a time at which the gym is \
        open. Confirm the time with the person first.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Changes records.
    public let access = ToolAccess.write
    /// The same key is the same tour.
    public let effect = ToolEffect.keyed

    /// Arranges it, or says who or what stands against it.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let visitor = try Visitor(
            client: arguments.clientId, lead: arguments.leadId, name: arguments.name, email: arguments.email,
            phone: arguments.phone, id: ids.id(at: context.now))
        let start = try calendar.instant(day: arguments.date, time: arguments.time)
        guard start > context.now else {
            throw ToolFailure(
                "\(calendar.words(start)) has passed; it is \(calendar.words(context.now)). Choose a later time.")
        }
        guard start < context.now.addingTimeInterval(180 * 86_400) else {
            throw ToolFailure("\(calendar.words(start)) is more than 180 days ahead. Choose an earlier time.")
        }
        var staff: StaffID?
        if let text = arguments.staff { staff = try await records.person(text, in: context).id }
        let request = TourRequest(
            order: AppointmentOrder(arguments.note, ids, context),
            time: start..<start.addingTimeInterval(Double(arguments.minutes ?? 30) * 60), visitor: visitor,
            staff: staff)
        switch try await appointments.bookTour(request, in: context.scope) {
        case .booked(let appointment): return appointment.answer(calendar, context)
        case .refused(let refusal): throw ToolFailure(refusal.sentence(calendar))
        }
    }
}

extension ScheduleFacilityTour.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "date": Field("The day: \(GymCalendar.accepted).", length: 1...20, example: "tomorrow"),
        "time": Field("The local start time, such as 18:30 or 6pm.", length: 1...10, example: "18:30"),
        "minutes": Field("How long; 30 if left out.", range: 10...180),
        "staff": Field(
            "With whom: an id or a name. Left out: whoever is free, from the front desk first.", length: 1...100),
    ].merging(.visitor) { first, _ in first }
}

extension FrontDeskChanges {
    /// The one of the staff who is meant by an id or a part of a name.
    ///
    /// - Throws: `ToolFailure` that names those there are.
    func person(_ text: String, in context: ToolContext) async throws -> StaffView {
        let id = StaffID(text)
        let found = try await staff(named: id == nil ? text : nil, in: context.scope)
        let matches = id.map { id in found.filter { $0.id == id } } ?? found
        if let only = matches.first, matches.count == 1 { return only }
        if let exact = matches.first(where: { FoldedText.fold($0.name) == FoldedText.fold(text) }) { return exact }
        let all = matches.isEmpty ? try await staff(named: nil, in: context.scope) : matches
        let names = all.prefix(20).map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
        guard !all.isEmpty else { throw ToolFailure("No staff is on record at this gym. Leave staff out.") }
        throw ToolFailure(
            matches.isEmpty
                ? "Nobody called \"\(text.prefix(60))\" works here. There are: \(names)."
                : "Several people match \"\(text.prefix(60))\". Give the id of one: \(names).")
    }
}
