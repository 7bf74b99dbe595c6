public import SpotterDomain

/// What the tools of connected CRMs work with.
public struct ConnectorDesk: Sendable {
    let directory: any ConnectorDirectory
    let store: any ConnectorStore
    let sending: MessageSending
    let onRequest: @Sendable () -> Void

    /// - Parameter onRequest: told after somebody asked for a run.
    public init(
        directory: any ConnectorDirectory, store: any ConnectorStore, sending: MessageSending,
        onRequest: @escaping @Sendable () -> Void = {}
    ) {
        self.directory = directory
        self.store = store
        self.sending = sending
        self.onRequest = onRequest
    }

    /// Whether an organisation has a CRM that can be asked.
    func isConnected(_ scope: OrganizationScope) -> Bool {
        directory.connectors(in: scope).contains { $0.crm != nil }
    }

    /// The connector of an id, or the first that can be asked.
    func open(
        _ id: String?, in scope: OrganizationScope
    ) throws -> (connector: ConfiguredConnector, crm: any CRMConnector) {
        let known = directory.connectors(in: scope).filter { $0.crm != nil }
        guard let connector = id.map({ id in known.first { $0.id == id } }) ?? known.first, let crm = connector.crm
        else {
            let names = known.map(\.id).joined(separator: ", ")
            throw ToolFailure(
                known.isEmpty
                    ? "No CRM is connected." : "There is no connector \(id?.prefix(60) ?? ""). There are: \(names).")
        }
        return (connector, crm)
    }

    /// Does something with a CRM; what it refuses is told to the model.
    func ask<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as CRMError {
            switch error {
            case .unknownOutcome:
                throw ToolFailure("\(error) Do not try again: look first whether it was done.")
            case .unauthorized, .rateLimited, .unavailable, .malformed:
                throw ToolFailure("\(error) Try again later, or go on without the CRM.")
            case .notFound: throw ToolFailure("\(error) Find it with crm_search_contacts first.")
            case .duplicate, .invalid: throw ToolFailure(error.description)
            }
        }
    }
}

/// A tool that is there where a CRM is connected.
protocol ConnectorTool: Tool {
    var desk: ConnectorDesk { get }
}

extension ConnectorTool {
    /// Only where a CRM is connected.
    public func isOffered(in scope: OrganizationScope) -> Bool { desk.isConnected(scope) }
}

/// What the arguments of these tools have in common.
enum ConnectorArguments {
    static let connector = Field("Which of several connected CRMs; the first without it.", length: 1...40)
    static let contact = Field("The CRM's id of the contact, as crm_search_contacts answers it.", length: 1...128)
}

extension CRMContact {
    /// As a model is told of it.
    var row: JSONValue {
        var row: JSONObject = ["id": .string(id)]
        row["name"] = name.map { .string($0) }
        row["email"] = email.map { .string($0) }
        row["phone"] = phone.map { .string($0) }
        row["tags"] = .array(tags.map { .string($0) })
        row["source"] = source.map { .string($0) }
        row["refuses"] = .array(blocked.map(\.rawValue).sorted().map { .string($0) })
        row["updated_at"] = updatedAt.map { .string(Timestamp.string(from: $0)) }
        return .object(row)
    }
}

extension CRMOpportunity {
    /// As a model is told of it.
    func row(_ settings: TenantConnector) -> JSONValue {
        var row: JSONObject = [
            "id": .string(id), "name": .string(name), "contact_id": .string(contactId),
            "pipeline_id": .string(pipelineId), "stage_id": .string(stageId), "status": .string(status.rawValue),
        ]
        row["lead_status"] = settings.status(ofStage: stageId).map { .string($0.rawValue) }
        row["value"] = value.map { .double($0) }
        return .object(row)
    }
}
