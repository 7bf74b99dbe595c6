import EventLoopKit
import Foundation
import PostgresKit
import ServiceKit
import SigningKit
import SpotterDomain
import SpotterPostgres

/// Finds the database, and brings it to where the application can work with it.
///
/// Without `DATABASE_URL` it is a private one under the data folder: its unix socket is reached by this user alone, so
/// its roles need no passwords.
struct DatabaseAccess: Sendable {
    let settings: Settings
    /// The folder of everything that belongs to this installation and is not in a database.
    let dataDirectory: String
    let log: Log

    /// A database that is open for use, and how to let go of it.
    struct Opened: Sendable {
        /// The application's role.
        let application: PostgresConfiguration
        /// The private cluster, where it is one.
        let cluster: (endpoint: PrivateCluster.Endpoint, server: PrivateCluster)?

        /// Stops what was started for this; leaves what ran before.
        func close() { cluster?.server.stop() }
    }

    /// - Parameters:
    ///   - preparing: also makes roles and schema where that is possible: for `up` and for commands on a private
    ///     database. Otherwise the database must be ready.
    ///   - creating: also makes a private database where there is none; otherwise that is an error.
    func open(
        preparing: Bool, creating: Bool, progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> Opened {
        guard let url = settings.databaseURL else { return try await openPrivate(creating: creating, progress) }
        var configuration = try Self.configuration(url, "DATABASE_URL")
        configuration.preparesStatements = settings.preparesStatements
        guard preparing else { return Opened(application: configuration, cluster: nil) }
        return Opened(application: try await prepareOwn(configuration, progress), cluster: nil)
    }

    /// The connection that may change roles and schema.
    ///
    /// - Throws: `SpotterError` that says which variable is missing.
    func administrator() throws -> PostgresConfiguration {
        guard let url = settings.databaseAdminURL ?? settings.databaseURL else {
            throw SpotterError(.invalid, "Set DATABASE_ADMIN_URL to a connection that may create roles.")
        }
        return try Self.configuration(url, "DATABASE_ADMIN_URL")
    }

    /// A database into which nothing was put yet: the one that DATABASE_ADMIN_URL names, or a private one made for it.
    func withEmptyDatabase<T>(_ work: (PostgresConfiguration) async throws -> T) async throws -> T {
        guard settings.databaseURL == nil, settings.databaseAdminURL == nil else {
            return try await work(try administrator())
        }
        let server = PrivateCluster(dataDirectory: dataDirectory + "/postgres")
        let endpoint = try await offLoop { try server.start() }
        defer { server.stop() }
        let superuser = try PostgresConfiguration(url: endpoint.databaseURL)
        try await Administration.createDatabase("spotter", on: superuser)
        return try await work(superuser.replacing(database: "spotter"))
    }

    // MARK: Private

    private func openPrivate(creating: Bool, _ progress: @Sendable (String) -> Void) async throws -> Opened {
        let server = PrivateCluster(dataDirectory: dataDirectory + "/postgres")
        guard creating || server.exists else {
            throw SpotterError(
                .notFound,
                "There is no database: DATABASE_URL is not set, and there is none in \(dataDirectory). Set it, name "
                    + "another folder with SPOTTER_DATA, or make one with spotter up.")
        }
        let endpoint = try await offLoop { try server.start() }
        for note in endpoint.notes { progress(note) }
        do {
            let superuser = try PostgresConfiguration(url: endpoint.databaseURL)
            try await Administration.createDatabase("spotter", on: superuser)
            let administrator = superuser.replacing(database: "spotter")
            try await prepare(administrator, passwords: nil, progress)
            let application = administrator.replacing(user: "spotter_app")
            return Opened(application: application, cluster: (endpoint, server))
        } catch {
            server.stop()
            throw error
        }
    }

    // MARK: The operator's own

    /// With a connection that may make roles, everything is prepared and the application connects as its own role with
    /// a password kept in the data folder. With the application's role, the schema must be there already.
    private func prepareOwn(
        _ configuration: PostgresConfiguration, _ progress: @Sendable (String) -> Void
    ) async throws -> PostgresConfiguration {
        if let url = settings.databaseAdminURL {
            try await prepare(try Self.configuration(url, "DATABASE_ADMIN_URL"), passwords: nil, progress)
            return configuration
        }
        guard try await mayMakeRoles(configuration) else { return configuration }
        let password = try appPassword()
        log.redact(password)
        progress("DATABASE_URL may make roles: Spotter itself connects as spotter_app.")
        try await prepare(configuration, passwords: password, progress)
        return configuration.replacing(user: "spotter_app", password: password)
    }

    private func mayMakeRoles(_ configuration: PostgresConfiguration) async throws -> Bool {
        let loops = EventLoopGroup(count: 1)
        let database = Database(configuration: configuration, loops: loops, log: log)
        defer {
            database.close()
            loops.stop()
        }
        return try await DatabaseFacts.mayMakeRoles(database)
    }

    /// Made once, so that a second start does not lock out a process that still runs.
    private func appPassword() throws -> String {
        let path = dataDirectory + "/app-password"
        if let known = try? String(contentsOfFile: path, encoding: .utf8) {
            return known.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let password = Base64URL.encode(try SecureRandom.bytes(24))
        try FileManager.default.createDirectory(atPath: dataDirectory, withIntermediateDirectories: true)
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(password.utf8), attributes: [.posixPermissions: 0o600])
        else { throw SpotterError(.unavailable, "\(path) cannot be written.") }
        return password
    }

    // MARK: Preparing

    private func prepare(
        _ administrator: PostgresConfiguration, passwords: String?, _ progress: @Sendable (String) -> Void
    ) async throws {
        let setup = DatabaseSetup(migrationsFolder: settings.home.migrations, administrator: administrator, log: log)
        let applied = try await setup.prepare(appPassword: passwords)
        if !applied.isEmpty { progress("Applied \(applied.count) migrations.") }
    }

    private static func configuration(_ url: String, _ name: String) throws -> PostgresConfiguration {
        do {
            return try PostgresConfiguration(url: url)
        } catch {
            throw SpotterError(.invalid, "\(name) is not a PostgreSQL address: \(error)")
        }
    }

    private func offLoop<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }
}
