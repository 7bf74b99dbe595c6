import SpotterDomain

/// Lists opportunities of a connected CRM.
struct CRMListOpportunities: ConnectorTool {
    struct Arguments: Codable, Sendable {
        let contactId: String?
        let limit: Int?
        let connector: String?
    }

    let desk: ConnectorDesk
    let name = "crm_list_opportunities"
    let summary = """
        List opportunities of the gym's connected CRM, of one contact or of all: name, stage, how it stands, value. \
        Where a stage stands for a lead's status in this gym, lead_status says which.
        """
    let category = ToolCategory.crm
    let access = ToolAccess.read
    let effect = ToolEffect.none
    let yieldsUntrustedText = true

    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let (connector, crm) = try desk.open(arguments.connector, in: context.scope)
        let page = try await desk.ask {
            try await crm.opportunities(ofContact: arguments.contactId, page: nil, limit: arguments.limit ?? 20)
        }
        return [
            "summary": .string("\(page.items.count) opportunities\(page.next == nil ? "" : ", and there are more")."),
            "has_more": .bool(page.next != nil),
            "opportunities": .array(page.items.map { $0.row(connector.settings) }),
        ]
    }
}

extension CRMListOpportunities.Arguments: FieldsDescribed {
    static let fields: [String: Field] = [
        "contact_id": ConnectorArguments.contact, "limit": Field("How many at most; 20 without it.", range: 1...50),
        "connector": ConnectorArguments.connector,
    ]
}

/// Moves an opportunity of a connected CRM.
struct CRMUpdateOpportunity: ConnectorTool {
    struct Arguments: Codable, Sendable {
        let opportunityId: String
        let leadStatus: LeadStatus?
        let stageId: String?
        let status: CRMOpportunity.Status?
        let value: Double?
        let connector: String?
    }

    let desk: ConnectorDesk
    let name = "crm_update_opportunity"
    let summary = """
        Move an opportunity of the gym's connected CRM to another stage, say how it stands, or what it is worth. Give \
        lead_status for the stage that this gym uses for it, or stage_id for any other.
        """
    let category = ToolCategory.crm
    let access = ToolAccess.write
    let effect = ToolEffect.idempotent

    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let (connector, crm) = try desk.open(arguments.connector, in: context.scope)
        var change = CRMOpportunityChange()
        if let status = arguments.leadStatus {
            guard let known = connector.settings.change(for: status) else {
                throw ToolFailure("This gym has no stage for the status \(status.rawValue). Give stage_id.")
            }
            change = known
            change.pipelineId = nil
        }
        change.stageId = arguments.stageId ?? change.stageId
        change.status = arguments.status ?? change.status
        change.value = arguments.value
        guard change != CRMOpportunityChange() else { throw ToolFailure("Say what is to be different.") }
        guard !context.isDryRun else { return ["summary": "The opportunity would be changed.", "dry_run": true] }
        let order = change
        let written = try await desk.ask { try await crm.updateOpportunity(arguments.opportunityId, order) }
        return ["summary": "The opportunity was changed in the CRM.", "opportunity": written.row(connector.settings)]
    }
}

extension CRMUpdateOpportunity.Arguments: FieldsDescribed {
    static let fields: [String: Field] = [
        "opportunity_id": Field("The CRM's id, as crm_list_opportunities answers it.", length: 1...128),
        "lead_status": Field("The status of a lead whose stage it is to have."),
        "stage_id": Field("The CRM's id of a stage, where no status stands for it.", length: 1...64),
        "status": Field("How the opportunity stands."),
        "value": Field("What it is worth, in the CRM's currency.", range: 0...1_000_000_000),
        "connector": ConnectorArguments.connector,
    ]
}
