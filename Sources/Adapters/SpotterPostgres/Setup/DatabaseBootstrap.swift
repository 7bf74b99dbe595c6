import Foundation
public import PostgresKit

/// Makes the roles and schemas that the migrations build on: `bootstrap.sql`, once per database, before the first
/// migration. Doing it again changes nothing but the passwords that are given.
public struct DatabaseBootstrap: Sendable {
    /// Passwords for the roles that log in; nil leaves a role as it is, which for a new one is without a password.
    public struct Passwords: Sendable {
        let application: String?
        let migrator: String?

        /// Passwords of `spotter_app` and `spotter_migrate`.
        public init(application: String? = nil, migrator: String? = nil) {
            self.application = application
            self.migrator = migrator
        }
    }

    /// How often it is tried when others change the same roles in the same moment.
    private static let attempts = 20

    private let script: String

    /// - Parameter folder: the folder of migrations, which holds `bootstrap/bootstrap.sql`.
    /// - Throws: when the script cannot be read.
    public init(folder: String) throws {
        script = try String(contentsOfFile: "\(folder)/bootstrap/bootstrap.sql", encoding: .utf8)
    }

    /// Prepares the database of `administrator`.
    ///
    /// - Parameter administrator: a superuser, or a role with CREATEROLE that owns the database.
    public func prepare(_ administrator: PostgresConfiguration, passwords: Passwords = Passwords()) async throws {
        var settings: [String: String] = [:]
        settings["spotter.app_password"] = passwords.application
        settings["spotter.migrate_password"] = passwords.migrator
        for _ in 1..<Self.attempts {
            do {
                return try await Administration.run(script: script, settings: settings, on: administrator)
            } catch let error as PostgresError where Self.isCollision(error) {
                try await Task.sleep(for: .milliseconds(.random(in: 5...100)))
            }
        }
        try await Administration.run(script: script, settings: settings, on: administrator)
    }

    /// Roles belong to the cluster, and no lock spans its databases: two that are prepared at once may both make a
    /// role or grant (unique_violation, duplicate_object), or change one row ("tuple concurrently updated", which is an
    /// internal_error).
    private static func isCollision(_ error: PostgresError) -> Bool {
        ["23505", "42710", "XX000", "40P01", "40001"].contains(error.sqlState)
    }
}
