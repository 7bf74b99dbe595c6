import HTTPServerKit
public import SpotterDomain

/// What the routes of connectors work with.
public struct ConnectorServices: Sendable {
    let directory: any ConnectorDirectory
    let store: (any ConnectorStore)?
    let onRequest: @Sendable () -> Void

    /// - Parameters:
    ///   - store: nil where there are no connectors at all.
    ///   - onRequest: told after somebody asked for a run.
    public init(
        directory: any ConnectorDirectory, store: (any ConnectorStore)?,
        onRequest: @escaping @Sendable () -> Void = {}
    ) {
        self.directory = directory
        self.store = store
        self.onRequest = onRequest
    }

    /// No connectors.
    public static let none = ConnectorServices(directory: NoConnectors(), store: nil)

    private struct NoConnectors: ConnectorDirectory {
        func connectors(in scope: OrganizationScope) -> [ConfiguredConnector] { [] }
        var organizations: [OrganizationID] { [] }
    }

    fileprivate func open(
        _ context: RequestContext
    ) throws -> (connector: ConfiguredConnector, store: any ConnectorStore) {
        let connector = try directory.connector(context.parameters["connector_id"] ?? "", in: context.scope)
        guard let store else { throw SpotterError.notFound("connector") }
        return (connector, store)
    }
}

/// `/v1/connectors`: CRMs that know the same people.
enum ConnectorRoutes {
    static func routes(_ services: Services) -> [Route] { [list(services), get(services), sync(services)] }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/connectors", "listConnectors", "List the CRMs that are connected, and how they stand",
            tag: "CRM",
            permission: .crmRead, answers: [.json(200, "All of them.", ListResource<ConnectorReport>.self)]
        ) { context in
            var reports: [ConnectorReport] = []
            let scope = try context.scope
            for connector in services.connectors.directory.connectors(in: scope) {
                guard let store = services.connectors.store else { continue }
                reports.append(ConnectorReport(connector, try await store.state(of: connector.id, in: scope)))
            }
            return try .json(ListResource(Page(items: reports, next: nil)))
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/connectors/{connector_id}", "getConnector",
            "Read how one connector stands, with its newest conflicts and failures", tag: "CRM", permission: .crmRead,
            answers: [.json(200, "The connector.", ConnectorReport.self)]
        ) { context in
            let (connector, store) = try services.connectors.open(context)
            let notes = try await store.notes(of: connector.id, limit: 50, in: context.scope)
            return try .json(
                ConnectorReport(connector, try await store.state(of: connector.id, in: context.scope), notes: notes))
        }
    }

    private static func sync(_ services: Services) -> Route {
        Route(
            .post, "/v1/connectors/{connector_id}/sync", "syncConnector",
            "Ask for a run as soon as may be: of all that changed, of everything, or of one contact", tag: "CRM",
            permission: .crmWrite, body: .json(ConnectorSyncRequest.self, example: ["full": false]),
            answers: [
                .json(202, "It runs within seconds, where a process has the role `worker`.", ConnectorReport.self)
            ]
        ) { context in
            let (connector, store) = try services.connectors.open(context)
            let order = try context.body(ConnectorSyncRequest.self)
            guard connector.crm != nil else {
                throw SpotterError(.conflict, "The connector's token is not set.")
            }
            try await store.request(
                connector.id, isFull: order.full ?? false, contact: order.contactId, in: context.scope)
            services.connectors.onRequest()
            return try .json(
                ConnectorReport(connector, try await store.state(of: connector.id, in: context.scope)), status: 202)
        }
    }
}

/// What is to be looked at.
struct ConnectorSyncRequest: Codable, Sendable, FieldsDescribed {
    let full: Bool?
    let contactId: String?

    static let fields: [String: Field] = [
        "full": Field("Everything, and not only what has changed."),
        "contact_id": Field(
            "One contact, by the CRM's id, before all others.", length: 1...128, pattern: "^[A-Za-z0-9_-]+$"),
    ]
}
