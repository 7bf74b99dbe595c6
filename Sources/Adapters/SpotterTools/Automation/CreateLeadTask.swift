import Foundation
public import SpotterDomain

/// Gives a colleague something to do about a lead.
public struct CreateLeadTask: Tool {
    /// What, for whom, until when.
    public struct Arguments: Codable, Sendable {
        let leadId: LeadID
        let title: String
        let details: String
        let assignee: String?
        let dueDate: String?
        let dueTime: String?
        let priority: Priority?
    }

    private let records: any FrontDeskChanges
    private let ids: any IDGenerator

    /// A tool over the gym's records.
    public init(records: any FrontDeskChanges, ids: any IDGenerator) {
        self.records = records
        self.ids = ids
    }

    /// `create_lead_task`
    public let name = "create_lead_task"
    /// What a model is told.
    public let summary = """
        Give the team a task (to-do) about a lead, such as calling back or sending prices: it appears as a ticket with \
        the lead, what you learnt, and perhaps an assignee and a due time. For work that a person must do; \
        schedule_follow_up writes to the lead, and schedule_task has an agent do something. Write it so that nobody has \
        to ask again.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Changes records.
    public let access = ToolAccess.write
    /// The same key is the same ticket.
    public let effect = ToolEffect.keyed

    /// Opens the ticket.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let due = try arguments.dueDate.map { day in
            try calendar.instant(day: day, time: arguments.dueTime ?? "18:00")
        }
        if due == nil, arguments.dueTime != nil { throw ToolFailure("Give due_date together with due_time.") }
        if let due, due <= context.now {
            throw ToolFailure("\(calendar.words(due)) has passed; it is \(calendar.words(context.now)).")
        }
        var ticket = TicketDraft(
            id: ids.id(at: context.now), subject: arguments.title, body: arguments.details, by: context.actor,
            key: context.effectKey, at: context.now, isDryRun: context.isDryRun)
        var assignee: StaffView?
        if let text = arguments.assignee { assignee = try await records.person(text, in: context) }
        ticket.staff = assignee?.id
        ticket.person = .lead(arguments.leadId)
        ticket.category = "lead_task"
        ticket.conversation = context.caller.conversation
        ticket.dueAt = due
        ticket.priority = arguments.priority ?? .medium
        switch try await records.openTicket(ticket, in: context.scope) {
        case .unknownPerson: throw ToolFailure.unknown(arguments.leadId, "lead", takeFrom: "search_leads")
        case .unknownStaff: throw ToolFailure("The assignee does not work here any more. Choose somebody else.")
        case .opened(let id, let person, _):
            let whom = assignee.map { " for \($0.name)" } ?? " for the team"
            let until = due.map { ", due \(calendar.words($0))" } ?? ""
            let about = "\"\(arguments.title)\" about \(person ?? "the lead")"
            var row = ToolRow()
            row.set(
                "summary",
                context.isDryRun
                    ? "Nothing was created. There would be a task\(whom): \(about)\(until)."
                    : "There is a task\(whom): \(about)\(until).")
            if context.isDryRun { row.set("dry_run", true) } else { row.set("ticket_id", id) }
            row.set("lead_id", arguments.leadId)
            row.set("assignee", assignee?.name)
            row.set("due", due.map(calendar.moment))
            row.set("priority", ticket.priority.rawValue)
            return row.json
        }
    }
}

extension CreateLeadTask.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "lead_id": .lead,
        "title": Field("What is to be done, in a line.", length: 1...200, example: "Send the price list to Sam"),
        "details": Field("Everything a colleague needs: what was asked, said and promised.", length: 1...4_000),
        "assignee": Field("Who does it: an id or a name. Left out: whoever of the team takes it.", length: 1...100),
        "due_date": Field("The day it is due: \(GymCalendar.accepted).", length: 1...20),
        "due_time": Field("The local time it is due; 18:00 if left out.", length: 1...10),
        "priority": Field("How soon; medium if left out."),
    ]
}
