import EventLoopKit
import Foundation
import PostgresKit
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres

extension SpotterProduct {
    func exportPerson(
        _ member: String, organization: String, to folder: String
    ) async throws -> [PrivacyFinding] {
        try await withPrivacyDesk(organization) { desk, scope, application in
            let person = try await desk.person(member, in: scope)
            guard !FileManager.default.fileExists(atPath: folder) else {
                throw SpotterError(.conflict, "\(folder) is there already.")
            }
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let findings = try await desk.export(person, in: scope) { table, rows in
                let text = rows.map { $0 + "\n" }.joined()
                try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(table).jsonl"))
            }
            let summary = try JSONWriter.encode(findings)
            try Data(summary).write(to: URL(filePath: "\(folder)/findings.json"))
            try await application.stores.audit.note(Self.draft("cli privacy export", person, application), in: scope)
            return findings
        }
    }

    func erasePerson(_ member: String, organization: String, isDryRun: Bool) async throws -> [PrivacyFinding] {
        try await withPrivacyDesk(organization) { desk, scope, application in
            let person = try await desk.person(member, in: scope)
            let draft = Self.draft("cli privacy erase", person, application)
            return try await desk.erase(person, isDryRun: isDryRun, draft: draft, in: scope)
        }
    }

    private static func draft(_ action: String, _ person: PrivacyPerson, _ application: Application) -> AuditDraft {
        AuditDraft(
            id: AuditEntryID(application.ids.uuid(at: application.clock.now())), actor: AuditActor(.operator),
            action: action, resource: person.clients.first?.description ?? person.leads.first?.description)
    }

    private func withPrivacyDesk<T: Sendable>(
        _ organization: String,
        _ work: @escaping @Sendable (PostgresPrivacyDesk, OrganizationScope, Application) async throws -> T
    ) async throws -> T {
        try await withApplication(roles: []) { application, opened, _ in
            let scope = OrganizationScope(try await self.organization(organization, in: application).id)
            let administrator = try self.administrator(of: opened)
            return try await self.withDatabase(administrator) { database in
                try await work(PostgresPrivacyDesk(administrator: database), scope, application)
            }
        }
    }

    /// The connection that may do everything in the database that is open.
    func administrator(of opened: DatabaseAccess.Opened) throws -> PostgresConfiguration {
        if let cluster = opened.cluster {
            return try PostgresConfiguration(url: cluster.endpoint.databaseURL).replacing(database: "spotter")
        }
        return try DatabaseAccess(settings: settings, dataDirectory: dataDirectory, log: log).administrator()
    }

    /// Connects for `work`, and lets go.
    func withDatabase<T: Sendable>(
        _ configuration: PostgresConfiguration, _ work: @Sendable (Database) async throws -> T
    ) async throws -> T {
        let loops = EventLoopGroup(count: 1)
        let database = Database(configuration: configuration, loops: loops, log: log)
        defer {
            database.close()
            loops.stop()
        }
        return try await work(database)
    }
}
