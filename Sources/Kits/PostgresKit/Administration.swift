/// What is done to a server rather than in a database.
public enum Administration {
    /// Makes a database.
    ///
    /// - Parameters:
    ///   - server: any database of the server, as a role that may create databases.
    ///   - owner: the role that will own it; by default the one that connects.
    ///   - template: a database to copy, which nobody may be connected to.
    /// - Returns: false when there is one of that name already, which is then left as it is.
    @discardableResult
    public static func createDatabase(
        _ name: String, on server: PostgresConfiguration, owner: String? = nil, template: String? = nil
    ) async throws -> Bool {
        try await BlockingConnection.detached {
            let connection = try BlockingConnection(server)
            let existing = try connection.query(Statement("SELECT 1 FROM pg_database WHERE datname = $1", name))
            guard existing.isEmpty else { return false }
            // Names cannot be parameters: libpq quotes them.
            var command = "CREATE DATABASE \(try connection.quoted(identifier: name))"
            if let owner { command += " OWNER \(try connection.quoted(identifier: owner))" }
            if let template { command += " TEMPLATE \(try connection.quoted(identifier: template))" }
            do {
                try connection.run(script: command)
            } catch let error as PostgresError where error.sqlState == "42P04" || error.sqlState == "23505" {
                return false  // Somebody else was quicker.
            }
            return true
        }
    }

    /// Removes a database and ends the sessions in it; nothing happens when there is none.
    public static func dropDatabase(_ name: String, on server: PostgresConfiguration) async throws {
        try await BlockingConnection.detached {
            let connection = try BlockingConnection(server)
            let quoted = try connection.quoted(identifier: name)
            try connection.run(script: "DROP DATABASE IF EXISTS \(quoted) WITH (FORCE)")
        }
    }

    /// Clears away what is dead and counts what is there, in the whole database, as autovacuum does before long.
    public static func vacuum(_ configuration: PostgresConfiguration) async throws {
        try await BlockingConnection.detached {
            try BlockingConnection(configuration).run(script: "VACUUM (ANALYZE)")
        }
    }

    /// Runs a script of many statements, such as one that makes roles, as one transaction.
    ///
    /// - Parameters:
    ///   - settings: what the script reads with `current_setting`; values that may not be part of its text.
    public static func run(
        script: String, settings: [String: String] = [:], on configuration: PostgresConfiguration
    ) async throws {
        try await BlockingConnection.detached {
            let connection = try BlockingConnection(configuration)
            try connection.transaction {
                for (name, value) in settings {
                    try connection.query(Statement("SELECT set_config($1, $2, true)", name, value))
                }
                try connection.run(script: script)
            }
        }
    }
}
