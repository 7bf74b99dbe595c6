import Foundation
public import SpotterDomain

/// Sends a report to the gym's own people.
public struct SendReportEmail: Tool {
    /// What to whom.
    public struct Arguments: Codable, Sendable {
        let subject: String
        let body: String
        let staffId: String?
        let role: String?
        let csv: String?
        let csvName: String?
    }

    private let sending: MessageSending

    /// A tool over the outbox.
    public init(sending: MessageSending) { self.sending = sending }

    /// `send_report_email`
    public let name = "send_report_email"
    /// What a model is told.
    public let summary = """
        E-mail a report to people who work at this gym: one colleague, everybody of a role such as owner or manager, or \
        the owners if neither is named. Write it in Markdown, the figures first; a table goes along as CSV. Never goes \
        to members or leads.
        """
    /// Reaches people.
    public let category = ToolCategory.messaging
    /// Reaches people outside. `staff_id` and `role` choose the recipients, among the gym's own staff.
    public let access = ToolAccess.outward
    /// The same key is the same report.
    public let effect = ToolEffect.keyed

    /// The addresses of those of the staff.
    public func recipients(of arguments: JSONValue, in scope: OrganizationScope) async throws -> [SensitiveValue] {
        let (id, role) = (arguments["staff_id"]?.string, arguments["role"]?.string)
        do {
            return try await receivers(id, role, in: scope).compactMap { contact in
                contact.email.map {
                    SensitiveValue(.recipient, argument: id == nil ? "role" : "staff_id", text: $0)
                }
            }
        } catch is ToolFailure { return [] }
    }

    /// Puts a message for each receiver into the outbox.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let receivers = try await receivers(arguments.staffId, arguments.role, in: context.scope)
        let content = MessageContent(
            subject: arguments.subject, body: arguments.body, template: nil, variables: [:], purpose: .transactional)
        let attachments = try attachments(arguments)
        let orders = try receivers.map { contact in
            var order = try sending.order(
                content, to: contact, by: .email, key: "\(context.effectKey):\(contact.person.id)", in: context)
            order.attachments = attachments
            return order
        }
        let dispatches = try await sending.dispatch(orders, in: context)
        let held = dispatches.filter { $0.message.status == .held }
        let names = receivers.map(\.name).joined(separator: ", ")
        let what = context.isDryRun ? "would go" : held.isEmpty ? "is queued and goes" : "is held in the outbox"
        let reason = held.first?.message.reason.map { " \($0)" } ?? ""
        var answer = JSONObject()
        answer["summary"] = .string("The report \(what) to \(names).\(reason)")
        answer["status"] = .string(held.isEmpty ? "queued" : "held")
        answer["recipients"] = .array(dispatches.map { .string($0.message.recipient) })
        if context.isDryRun {
            answer["dry_run"] = true
        } else {
            answer["message_ids"] = .array(dispatches.map { .string($0.message.id.description) })
        }
        return .object(answer)
    }

    private func receivers(
        _ id: String?, _ role: String?, in scope: OrganizationScope
    ) async throws -> [Contact] {
        if let id {
            guard role == nil else { throw ToolFailure("Give staff_id or role, not both.") }
            return [try await sending.contact(id, [.staff], in: scope)]
        }
        let role = role ?? "owner"
        let found = try await sending.contacts.staff(role: role, in: scope).filter { $0.email != nil }
        guard !found.isEmpty else {
            throw ToolFailure("Nobody of the staff has the role \(role) and an e-mail address. Name another role.")
        }
        guard found.count <= 20 else { throw ToolFailure("\(found.count) people have the role \(role). Name one.") }
        return found
    }

    private func attachments(_ arguments: Arguments) throws -> [OutboxMessage.Attachment] {
        guard let csv = arguments.csv else { return [] }
        let name = MessageComposer.oneLine(arguments.csvName ?? "report.csv")
        guard name.utf8.count <= 80, !name.contains("/"), !name.contains("\\") else {
            throw ToolFailure("csv_name must be a plain file name such as revenue.csv.")
        }
        let content = Data(csv.utf8).base64EncodedString()
        return [.init(name: name.hasSuffix(".csv") ? name : name + ".csv", type: "text/csv", content: content)]
    }
}

extension SendReportEmail.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "subject": Field("The subject, one line.", length: 1...200, example: "Revenue in October"),
        "body": Field("The report in Markdown.", length: 1...50_000),
        "staff_id": Field("One colleague's id: the recipient. Not together with role.", length: 10...60),
        "role": Field(
            "The recipients: everybody of the staff with this role: owner, manager, coach or front_desk. Owners if left "
                + "out.", length: 1...40, example: "manager"),
        "csv": Field("A table that goes along as a file, with a header line.", length: 1...500_000),
        "csv_name": Field("The file's name.", length: 1...80, example: "revenue.csv"),
    ]
}
