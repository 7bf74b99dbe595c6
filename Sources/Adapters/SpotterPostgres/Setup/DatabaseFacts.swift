import Foundation
public import PostgresKit

/// What a database says of itself.
public enum DatabaseFacts {
    /// The installation's id.
    public static func deployment(of database: Database) async throws -> String {
        let rows = try await database.unscoped.query(Statement("SELECT app.deployment() AS id"))
        return try rows.exactlyOne().get("id", as: UUID.self).uuidString.lowercased()
    }

    /// Whether the connection's role may make roles: whether it can prepare a database for Spotter.
    public static func mayMakeRoles(_ database: Database) async throws -> Bool {
        let statement = Statement(
            "SELECT rolsuper OR rolcreaterole AS may FROM pg_roles WHERE rolname = session_user")
        return try await database.unscoped.query(statement).exactlyOne().get("may", as: Bool.self)
    }
}
