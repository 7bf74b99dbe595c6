public import SpotterDomain

/// Moves a lead along the pipeline.
public struct UpdateLeadStatus: Tool {
    /// Whose status, and what it becomes.
    public struct Arguments: Codable, Sendable {
        let leadId: LeadID
        let status: LeadStatus
        let reason: String?
    }

    private let records: any FrontDeskChanges
    private let ids: any IDGenerator

    /// A tool over the gym's records.
    public init(records: any FrontDeskChanges, ids: any IDGenerator) {
        self.records = records
        self.ids = ids
    }

    /// `update_lead_status`
    public let name = "update_lead_status"
    /// What a model is told.
    public let summary = """
        Move a lead along the pipeline: new, contacted, qualified, trial_booked, trial_attended, won or lost. Lost needs \
        a reason, such as price, distance or no reply; it is kept with the lead. Every step is kept with its time. Needs \
        the lead_id that search_leads answers. Setting the status that a lead has already changes nothing.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Changes records.
    public let access = ToolAccess.write
    /// Setting it twice leaves the same.
    public let effect = ToolEffect.idempotent

    /// Changes it, and notes who did and why.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        if arguments.status == .lost, arguments.reason == nil {
            throw ToolFailure("A lead that is lost needs a reason. Give reason, such as \"price\" or \"no reply\".")
        }
        let change = StatusOrder(
            id: ids.id(at: context.now), to: arguments.status.rawValue, reason: arguments.reason, by: context.actor,
            at: context.now, day: "", isDryRun: context.isDryRun)
        guard let outcome = try await records.setStatus(of: arguments.leadId, change, in: context.scope) else {
            throw ToolFailure.unknown(arguments.leadId, "lead", takeFrom: "search_leads")
        }
        return outcome.answer("lead", id: arguments.leadId.description, change, context)
    }
}

extension UpdateLeadStatus.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "lead_id": .lead,
        "status": Field("What the status becomes."),
        "reason": Field("Why, in a few words. Needed for lost.", length: 1...500, example: "no reply"),
    ]
}
