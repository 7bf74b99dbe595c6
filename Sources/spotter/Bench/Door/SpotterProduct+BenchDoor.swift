import Foundation
import HTTPServerKit
import PostgresKit
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres
import Synchronization

extension SpotterProduct {
    func benchHooks(
        _ options: BenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchFigure] {
        try await benchDoor(progress) { application, opened, port in
            let scope = OrganizationScope(try await Self.organization(application).id)
            let bench = HookBench(
                application: application, port: port, yardstick: try Self.yardstick(opened), scope: scope,
                options: options, progress: progress)
            return try await bench.run()
        }
    }

    func benchAudit(
        _ options: BenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchFigure] {
        try await benchDoor(progress) { application, _, port in
            let organization = try await Self.organization(application)
            let bench = AuditBench(
                application: application, port: port, scope: OrganizationScope(organization.id),
                token: try await DemoToken.issue(named: "bench", for: organization, application), options: options,
                progress: progress)
            return try await bench.run()
        }
    }

    /// Serves from a folder of its own while `work` measures; nobody takes up what is queued.
    private func benchDoor(
        _ progress: @escaping @Sendable (String) -> Void,
        _ work: @escaping @Sendable (Application, DatabaseAccess.Opened, Int) async throws -> [BenchFigure]
    ) async throws -> [BenchFigure] {
        let folder = NSTemporaryDirectory() + "/spotter-bench-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await withApplication(data: folder, creating: true, roles: [.api], progress: progress) {
            application, opened, _ in
            let server = application.server(HTTPServerConfiguration(port: 0))
            let port = try server.bind()
            let group = application.serviceGroup(server: server)
            let measured = Mutex<[BenchFigure]>([])
            try await application.run(group) {
                let figures = try await work(application, opened, port)
                measured.withLock { $0 = figures }
                group.shutDown()
            }
            return measured.withLock { $0 }
        }
    }

    private static func organization(_ application: Application) async throws -> Organization {
        let now = application.clock.now()
        let definition = TenantDefinition(
            slug: "bench", name: "Bench", timezone: "Europe/London", currency: "GBP", plan: .enterprise,
            limits: .init(requestsPerMinute: 1_000_000_000))
        return try await application.stores.organizations.apply(definition, id: application.ids.id(at: now), at: now)
    }

    private static func yardstick(_ opened: DatabaseAccess.Opened) throws -> PgBench {
        guard let endpoint = opened.cluster?.endpoint else {
            throw SpotterError(.invalid, "The benchmark brings a database of its own: unset DATABASE_URL.")
        }
        return PgBench(host: endpoint.socketDirectory, port: endpoint.port, user: "spotter_app", database: "spotter")
    }
}
