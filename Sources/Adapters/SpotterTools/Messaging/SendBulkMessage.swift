import Foundation
public import SpotterDomain

/// Writes to many, after having said to how many.
public struct SendBulkMessage: Tool {
    /// Whom to write what.
    public struct Arguments: Codable, Sendable {
        let audience: Audience.Kind
        let statuses: [String]?
        let tags: [String]?
        let absentDays: Int?
        let channel: MessageChannel
        let subject: String?
        let body: String?
        let template: String?
        let variables: [String: String]?
        let preview: Bool?
        let confirmedCount: Int?
    }

    private let sending: MessageSending

    /// A tool over the outbox.
    public init(sending: MessageSending) { self.sending = sending }

    /// `send_bulk_message`
    public let name = "send_bulk_message"
    /// What a model is told.
    public let summary = """
        Write the same message to many members or leads, chosen by status, tags or how long they have not been there. \
        Always call it with preview true first: that sends nothing and answers how many would get it, who would not and \
        why, and one message as it would read. Then call it again with confirmed_count set to that number. Your own \
        words count as marketing, which only those get who agreed. Above the gym's limit a person has to approve.
        """
    /// Reaches people.
    public let category = ToolCategory.messaging
    /// Reaches people outside. `audience`, `statuses`, `tags` and `absent_days` choose the recipients.
    public let access = ToolAccess.outward
    /// The same key is the same messages.
    public let effect = ToolEffect.keyed

    /// How many it reaches: policies ask about many.
    public let sensitiveArguments: [String: ArgumentRole] = ["confirmed_count": .audience]

    /// A preview reaches nobody.
    public func sensitiveValues(of arguments: JSONValue) -> [SensitiveValue] {
        guard arguments["preview"]?.bool != true, let count = arguments["confirmed_count"] else { return [] }
        return SensitiveValue.values(.audience, of: count, named: "confirmed_count")
    }

    /// A preview has no effect.
    public func effect(of arguments: JSONValue) -> ToolEffect {
        arguments["preview"]?.bool == true ? .none : effect
    }

    /// Says what would be sent, or puts a message for each of the audience into the outbox.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let people = try await people(arguments, context)
        let plan = try await plan(arguments, for: people, context)
        var shown = context
        if arguments.preview == true {
            shown = ToolContext(
                scope: context.scope, organization: context.organization, now: context.now,
                effectKey: context.effectKey, isDryRun: true, caller: context.caller)
        }
        if !shown.isDryRun { try check(arguments, count: plan.orders.count) }
        let dispatches = try await sending.dispatch(plan.orders, in: shown)
        return report(dispatches, plan, isPreview: shown.isDryRun, limit: limit(context))
    }

    /// Messages to those who can be reached, and why others cannot.
    private struct Plan {
        var orders: [MessageOrder] = []
        var unreachable: [String] = []
    }

    private func people(_ arguments: Arguments, _ context: ToolContext) async throws -> [Contact] {
        var audience = Audience(
            arguments.audience, statuses: arguments.statuses ?? [], tags: arguments.tags ?? [])
        if let days = arguments.absentDays {
            guard arguments.audience == .clients else { throw ToolFailure("absent_days is for clients only.") }
            audience.absentSince = context.now - Double(days) * 86_400
        }
        let most = MessageDesk.most
        let people = try await sending.contacts.audience(audience, limit: most + 1, in: context.scope)
        guard !people.isEmpty else {
            throw ToolFailure("Nobody matches this audience. Check statuses and tags, or leave one of them out.")
        }
        guard people.count <= most else {
            throw ToolFailure("More than \(most) people match. Narrow the audience by statuses or tags.")
        }
        return people
    }

    private func plan(_ arguments: Arguments, for people: [Contact], _ context: ToolContext) async throws -> Plan {
        let wanted = MessageContent(
            subject: arguments.subject, body: arguments.body, template: arguments.template,
            variables: arguments.variables ?? [:], purpose: .marketing)
        let content = try await sending.composer.resolved(wanted, in: context.scope)
        // What is wrong with the message itself is said once, and not as if it were each person's fault.
        if let first = people.first {
            _ = try sending.composer.write(content, for: first, by: arguments.channel, in: context)
        }
        var plan = Plan()
        for person in people {
            do {
                plan.orders.append(
                    try sending.order(
                        content, to: person, by: arguments.channel, key: "\(context.effectKey):\(person.person.id)",
                        in: context))
            } catch let failure as ToolFailure {
                plan.unreachable.append(failure.message)
            }
        }
        return plan
    }

    /// More than the gym's limit are asked about by the policy, before the tool is called.
    private func check(_ arguments: Arguments, count: Int) throws {
        guard let confirmed = arguments.confirmedCount else {
            throw ToolFailure(
                "Call it with preview true first, then with confirmed_count set to the number it answers.")
        }
        guard confirmed == count else {
            throw ToolFailure("\(count) people would get it now, not \(confirmed). Look at the preview again.")
        }
    }

    private func limit(_ context: ToolContext) -> Int { sending.desk.settings(in: context.scope).bulkApprovalAbove }

    private func report(
        _ dispatches: [MessageDesk.Dispatch], _ plan: Plan, isPreview: Bool, limit: Int
    ) -> JSONValue {
        let messages = dispatches.map(\.message)
        let suppressed = messages.filter { $0.status == .suppressed }
        let held = messages.filter { $0.status == .held }
        let going = messages.count - suppressed.count - held.count
        let would = isPreview ? "would be" : "are"
        let all = messages.count + plan.unreachable.count
        var answer = JSONObject()
        answer["summary"] = .string(
            "\(isPreview ? "Nothing was sent. " : "")Of \(all) people \(going) \(isPreview ? "would get" : "get") it, "
                + "\(held.count) \(would) held because no way out is set up, \(suppressed.count) get nothing by the "
                + "rules, and \(plan.unreachable.count) cannot be reached.")
        answer["preview"] = .bool(isPreview)
        answer["count"] = .int(Int64(messages.count))
        answer["queued"] = .int(Int64(going))
        answer["held"] = .int(Int64(held.count))
        answer["suppressed"] = .int(Int64(suppressed.count))
        answer["unreachable"] = .int(Int64(plan.unreachable.count))
        answer["needs_approval"] = .bool(messages.count > limit)
        answer["reasons"] = .object(Self.counted(suppressed.compactMap(\.reason)))
        if isPreview, let sample = messages.first(where: { $0.status != .suppressed }) ?? messages.first {
            answer["sample"] = [
                "subject": sample.subject.map(JSONValue.string) ?? .null, "body": .string(sample.body),
            ]
        }
        return .object(answer)
    }

    private static func counted(_ reasons: [String]) -> JSONObject {
        var counts = JSONObject()
        for (reason, group) in Dictionary(grouping: reasons, by: { $0 }).sorted(by: { $0.key < $1.key }) {
            counts[reason] = .int(Int64(group.count))
        }
        return counts
    }
}

extension SendBulkMessage.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "audience": Field("The recipients: clients (members) or leads."),
        "statuses": Field(
            "Only those with one of these statuses. All if left out.", count: 1...10, example: ["active", "trial"]),
        "tags": Field("Only those with one of these tags.", count: 1...20, example: ["yoga"]),
        "absent_days": Field("Only members who have not checked in for so many days.", range: 1...3_650, example: 30),
        "channel": Field("email or sms."),
        "subject": MessageArgumentFields.subject,
        "body": Field(
            "The message in Markdown. The gym's name and the person's are not filled into your own words; use a "
                + "template for that.", length: 1...20_000),
        "template": MessageArgumentFields.template, "variables": MessageArgumentFields.variables,
        "preview": Field("True sends nothing and says what would be sent."),
        "confirmed_count": Field("The count of the preview, to send it.", range: 1...1_000),
    ]
}
