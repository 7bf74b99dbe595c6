public import SpotterDomain

/// Changes how things stand with a membership.
public struct UpdateClientStatus: Tool {
    /// Whose status, and what it becomes.
    public struct Arguments: Codable, Sendable {
        let clientId: ClientID
        let status: Client.Status
        let reason: String?
    }

    private let records: any FrontDeskChanges
    private let ids: any IDGenerator

    /// A tool over the gym's records.
    public init(records: any FrontDeskChanges, ids: any IDGenerator) {
        self.records = records
        self.ids = ids
    }

    /// `update_client_status`
    public let name = "update_client_status"
    /// What a model is told.
    public let summary = """
        Change a member's status to trial, active, paused or cancelled, with the reason, which is kept in the record. \
        It changes the record only: subscriptions and payments stay as they are and are for the team. Needs the \
        client_id that search_clients answers. Setting the status that a member has already changes nothing.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Changes records.
    public let access = ToolAccess.write
    /// Setting it twice leaves the same.
    public let effect = ToolEffect.idempotent

    /// Changes it, and notes who did and why.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let change = StatusOrder(
            id: ids.id(at: context.now), to: arguments.status.rawValue, reason: arguments.reason, by: context.actor,
            at: context.now, day: calendar.today.description, isDryRun: context.isDryRun)
        guard
            let outcome = try await records.setStatus(of: arguments.clientId, change, in: context.scope)
        else { throw ToolFailure.unknown(arguments.clientId, "member", takeFrom: "search_clients") }
        return outcome.answer("member", id: arguments.clientId.description, change, context)
    }
}

extension UpdateClientStatus.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "client_id": .client,
        "status": Field("What the status becomes."),
        "reason": Field("Why, in a few words, for the record.", length: 1...500, example: "Moved to another city"),
    ]
}

extension StatusOutcome {
    /// What a model is told of a status that was, or would be, changed.
    func answer(_ noun: String, id: String, _ change: StatusOrder, _ context: ToolContext) -> JSONValue {
        let (old, new) = (before.replacing("_", with: " "), change.to.replacing("_", with: " "))
        let sentence =
            before == change.to
            ? "\(name) is \(new) already; nothing was changed."
            : context.isDryRun
                ? "Nothing was changed. \(name) would go from \(old) to \(new)."
                : "\(name) went from \(old) to \(new)."
        var row = ToolRow()
        row.set("summary", sentence)
        if context.isDryRun { row.set("dry_run", true) }
        row.set("changed", before != change.to && !context.isDryRun)
        row.set("\(noun == "lead" ? "lead" : "client")_id", id)
        row.set("from", before)
        row.set("to", change.to)
        return row.json
    }
}
