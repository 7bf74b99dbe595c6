import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres

extension SpotterProduct {
    func connectors(organization: String) async throws -> [ConnectorReport] {
        try await withScope(organization) { application, scope in
            var reports: [ConnectorReport] = []
            for connector in application.connectors.connectors(in: scope) {
                let state = try await application.stores.connectors.state(of: connector.id, in: scope)
                reports.append(ConnectorReport(connector, state))
            }
            return reports
        }
    }

    func connector(_ id: String?, organization: String) async throws -> ConnectorReport {
        try await withScope(organization) { application, scope in
            let connector = try Self.connector(id, application, scope)
            let state = try await application.stores.connectors.state(of: connector.id, in: scope)
            let notes = try await application.stores.connectors.notes(of: connector.id, limit: 50, in: scope)
            return ConnectorReport(connector, state, notes: notes)
        }
    }

    func checkConnector(_ id: String?, organization: String) async throws -> String {
        try await withConnectors(organization) { application, scope in
            let connector = try Self.connector(id, application, scope)
            guard let crm = connector.crm else { throw Self.isOff(connector) }
            do {
                return try await crm.check()
            } catch let error as CRMError { throw SpotterError(.unavailable, error.description) }
        }
    }

    func syncConnector(
        _ id: String?, isFull: Bool, isDryRun: Bool, organization: String
    ) async throws -> SyncReport {
        try await withConnectors(organization) { application, scope in
            let connector = try Self.connector(id, application, scope)
            guard connector.crm != nil else { throw Self.isOff(connector) }
            if isDryRun {
                do {
                    let preview = try await application.connectorSync.preview(connector, isFull: isFull, in: scope)
                    return SyncReport(counts: preview.counts, differences: preview.differences, notes: preview.notes)
                } catch let error as CRMError { throw SpotterError(.unavailable, error.description) }
            }
            let store = application.stores.connectors
            if isFull { try await store.request(connector.id, isFull: true, contact: nil, in: scope) }
            switch try await application.connectorSync.run(connector, onlyIfDue: false, in: scope) {
            case .completed(let counts): return SyncReport(counts: counts)
            case .postponed(let counts, let reason): return SyncReport(counts: counts, postponed: reason)
            case .left: throw SpotterError(.conflict, "Another process runs this connector now. Try again later.")
            }
        }
    }

    /// With the sealed secrets opened: a connector's token may be one.
    private func withConnectors<T: Sendable>(
        _ organization: String, _ work: @escaping @Sendable (Application, OrganizationScope) async throws -> T
    ) async throws -> T {
        try await withApplication { application, _, templates in
            try await application.secrets.load(requiringKeys: false)
            let models = ModelSettings(environment: settings.environment, client: application.client, log: log)
            try await refreshModels(of: application, models, templates)
            let scope = OrganizationScope(try await self.organization(organization, in: application).id)
            return try await work(application, scope)
        }
    }

    private static func connector(
        _ id: String?, _ application: Application, _ scope: OrganizationScope
    ) throws -> ConfiguredConnector {
        let known = application.connectors.connectors(in: scope)
        guard let id = id ?? known.first?.id else {
            throw SpotterError(.notFound, "No CRM is connected. See `connectors:` of tenants/*.yaml.")
        }
        return try application.connectors.connector(id, in: scope)
    }

    private static func isOff(_ connector: ConfiguredConnector) -> SpotterError {
        SpotterError(
            .unavailable,
            "The token of \(connector.id) is not set: \(connector.settings.token ?? "the sealed secret connector:\(connector.id)")."
        )
    }
}
