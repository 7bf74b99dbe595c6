import Foundation
import PostgresKit
import SigningKit
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres

extension SpotterProduct {
    func backUp(to file: String) async throws -> BackupManifest {
        guard !FileManager.default.fileExists(atPath: file) else {
            throw SpotterError(.conflict, "\(file) is there already.")
        }
        return try await withApplication(roles: []) { application, opened, _ in
            let administrator = try self.administrator(of: opened)
            let migrations = try Migration.read(folder: settings.home.migrations)
            let createdAt = application.clock.now()
            var isWhole = false
            // What has no manifest is no backup, and would stand in the way of the next.
            defer { if !isWhole { try? FileManager.default.removeItem(atPath: file) } }
            try await Self.dumping { try await DatabaseDump.write(administrator, to: file) }
            let keys = try await withDatabase(administrator) {
                try await RestoredDatabase(administrator: $0).sealingKeys()
            }
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            let manifest = BackupManifest(
                version: Application.version, migration: migrations.count,
                deployment: try await DatabaseFacts.deployment(of: application.database), createdAt: createdAt,
                sha256: try await DatabaseDump.checksum(of: file), bytes: size, sealingKeyIds: keys)
            try Data(JSONWriter.encode(manifest)).write(to: URL(filePath: Self.manifest(of: file)), options: .atomic)
            isWhole = true
            return manifest
        }
    }

    func restore(from file: String) async throws -> RestoreReport {
        let manifest = try Self.readManifest(of: file)
        let migrations = try Migration.read(folder: settings.home.migrations)
        guard manifest.format == 1, manifest.migration == migrations.count else {
            throw SpotterError(
                .conflict,
                "The backup was made by Spotter \(manifest.version) at migration \(manifest.migration); this is "
                    + "\(Application.version) at \(migrations.count). Restore it with the version that made it.")
        }
        guard try await DatabaseDump.checksum(of: file) == manifest.sha256 else {
            throw SpotterError(.invalid, "\(file) is not what its manifest describes: it was changed, or is not whole.")
        }
        let access = DatabaseAccess(settings: settings, dataDirectory: dataDirectory, log: log)
        return try await access.withEmptyDatabase { administrator in
            try await fill(administrator, from: file, manifest)
        }
    }

    private func fill(
        _ administrator: PostgresConfiguration, from file: String, _ manifest: BackupManifest
    ) async throws -> RestoreReport {
        let bootstrap = try DatabaseBootstrap(folder: settings.home.migrations)
        try await withDatabase(administrator) { database in
            guard try await RestoredDatabase(administrator: database).isEmpty() else {
                throw SpotterError(
                    .conflict, "The database is not empty: a backup is restored into one without tables.")
            }
        }
        // The roles must be there before what belongs to them.
        let password = settings.environment["SPOTTER_APP_PASSWORD"]
        try await bootstrap.prepare(administrator, passwords: .init(application: password))
        let settled = try await withDatabase(administrator) { database in
            let restored = RestoredDatabase(administrator: database)
            try await restored.makeRoom()
            try await Self.dumping { try await DatabaseDump.restore(file, into: administrator) }
            return try await restored.settle()
        }
        try await bootstrap.prepare(administrator, passwords: .init(application: nil))
        try await withDatabase(administrator) { try await Self.tellOfRestoring(in: PostgresStores($0)) }
        let known = Set(try sealingKeys(data: dataDirectory).ring()?.keyIDs ?? [])
        return RestoreReport(
            leases: settled.leases, messages: settled.messages, queues: settled.queues,
            deliveries: settled.deliveries, connectors: settled.connectors,
            missingKeys: manifest.sealingKeyIds.filter { !known.contains($0) })
    }

    /// Each organisation's audit log says from when on it goes on from a backup.
    private static func tellOfRestoring(in stores: PostgresStores) async throws {
        let ids = RandomIDGenerator()
        for organization in try await stores.organizations.ids() {
            let draft = AuditDraft(
                id: AuditEntryID(ids.uuid(at: Date())), actor: AuditActor(.operator), action: "cli restore")
            try await stores.audit.note(draft, in: OrganizationScope(organization))
        }
    }

    private static func manifest(of file: String) -> String { file + ".manifest.json" }

    private static func readManifest(of file: String) throws -> BackupManifest {
        let path = manifest(of: file)
        guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20 else {
            throw SpotterError(.notFound, "There is no manifest at \(path).")
        }
        do { return try BackupManifest(reading: Array(data)) } catch {
            throw SpotterError(.invalid, "\(path) is not a manifest: \(error)")
        }
    }

    /// What the programs of PostgreSQL complain of, as this program's complaint.
    private static func dumping<T>(_ work: () async throws -> T) async throws -> T {
        do { return try await work() } catch let error as ClusterError {
            throw SpotterError(.unavailable, error.description, cause: error)
        }
    }
}
