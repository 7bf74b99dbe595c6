import Foundation
public import SpotterDomain

/// Opens a ticket for a person of the staff.
public struct CreateSupportTicket: Tool {
    /// What it is about.
    public struct Arguments: Codable, Sendable {
        let subject: String
        let description: String
        let priority: Priority?
        let category: String?
        let personId: String?
    }

    private let sending: MessageSending
    private let desk: any StaffDesk
    private let ids: any IDGenerator

    /// A tool over the staff's desk.
    public init(sending: MessageSending, desk: any StaffDesk, ids: any IDGenerator) {
        self.sending = sending
        self.desk = desk
        self.ids = ids
    }

    /// `create_support_ticket`
    public let name = "create_support_ticket"
    /// What a model is told.
    public let summary = """
        Open a ticket for the gym's staff: for everything that needs a person, such as a refund, a change of contract, a \
        complaint, or something broken. Write it so that a colleague can act without asking again: who, what, when, \
        what was tried, what was promised. Answers the ticket's id.
        """
    /// Reaches people, of the gym's own.
    public let category = ToolCategory.messaging
    /// Writes a record.
    public let access = ToolAccess.write
    /// The same key is the same ticket.
    public let effect = ToolEffect.keyed

    /// Opens the ticket.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        var person: Contact?
        if let id = arguments.personId { person = try await sending.contact(id, [.client, .lead], in: context.scope) }
        let subject = MessageComposer.oneLine(arguments.subject)
        guard !subject.isEmpty, !arguments.description.allSatisfy(\.isWhitespace) else {
            throw ToolFailure("A ticket needs a subject and a description.")
        }
        let ticket = TicketOrder(
            id: ids.id(at: context.now), subject: subject, body: arguments.description,
            priority: arguments.priority ?? .medium, category: arguments.category.map(MessageComposer.oneLine),
            person: person?.person, conversation: context.caller.conversation,
            openedBy: context.caller.agent?.description ?? "by hand", at: context.now)
        let about = person.map { " about \($0.name)" } ?? ""
        guard !context.isDryRun else {
            return ["summary": .string("A ticket\(about) would be opened: \(subject)"), "dry_run": true]
        }
        let id = try await desk.open(ticket, key: "tool:\(context.effectKey)", in: context.scope)
        return [
            "summary": .string("The ticket\(about) is open. A person of the staff sees to it."),
            "ticket_id": .string(id.description), "priority": .string(ticket.priority.rawValue),
        ]
    }
}

extension CreateSupportTicket.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "subject": Field("What it is about, in a line.", length: 1...200, example: "Charged twice in May"),
        "description": Field("Everything that a colleague needs to act.", length: 1...10_000),
        "priority": Field("How urgent it is; medium if left out."),
        "category": Field("What sort of thing it is.", length: 1...60, example: "billing"),
        "person_id": Field("The id of the member or lead whom it is about.", length: 10...60),
    ]
}
