import PostgresKit
import SpotterDomain

/// How every store reaches the database: as its scope's organisation, with failures put into the domain's words.
struct StoreDoor: Sendable {
    let database: Database

    /// One statement that reads, in one round trip.
    func read(_ scope: OrganizationScope, _ statement: Statement) async throws -> Rows {
        do {
            return try await database.withOrganization(scope.organization.uuid, readOnly: true).query(statement)
        } catch { throw StoreFailure.translate(error) }
    }

    /// Several statements that read, in one round trip.
    func read(_ scope: OrganizationScope, _ statements: [Statement]) async throws -> [Rows] {
        do {
            return try await database.withOrganization(scope.organization.uuid, readOnly: true).batch(statements)
        } catch { throw StoreFailure.translate(error) }
    }

    /// One statement that writes, in one round trip.
    func write(_ scope: OrganizationScope, _ statement: Statement) async throws -> Rows {
        do {
            return try await database.withOrganization(scope.organization.uuid).query(statement)
        } catch { throw StoreFailure.translate(error) }
    }

    /// Several statements that write, all or none, in one round trip.
    func write(_ scope: OrganizationScope, _ statements: [Statement]) async throws -> [Rows] {
        do {
            return try await database.withOrganization(scope.organization.uuid).batch(statements)
        } catch { throw StoreFailure.translate(error) }
    }

    /// Statements that depend on each other's results, in one transaction. `work` waits for nothing but the database.
    func transaction<Value: Sendable>(
        _ scope: OrganizationScope, _ work: (Transaction) async throws -> Value
    ) async throws -> Value {
        do {
            return try await database.withOrganization(scope.organization.uuid).transaction(work)
        } catch { throw StoreFailure.translate(error) }
    }

    /// One of the few questions that cross organisations. For operators only.
    func ask(_ statement: Statement) async throws -> Rows {
        do { return try await database.unscoped.query(statement) } catch { throw StoreFailure.translate(error) }
    }
}

extension Rows {
    /// Decodes every row; a row that cannot be read is an internal error.
    func decoded<Value>(_ decode: (Row) throws -> Value) throws -> [Value] {
        do { return try map(decode) } catch { throw StoreFailure.unreadable(error) }
    }

    /// Decodes the first row, if there is one.
    func firstDecoded<Value>(_ decode: (Row) throws -> Value) throws -> Value? {
        guard let row = first else { return nil }
        do { return try decode(row) } catch { throw StoreFailure.unreadable(error) }
    }
}
