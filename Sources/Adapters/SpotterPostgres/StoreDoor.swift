import PostgresKit
import SpotterDomain

/// How every store reaches the database: as its scope's organisation, with failures put into the domain's words, and with
/// the audit log told of what a task changes for somebody.
struct StoreDoor: Sendable {
    let database: Database
    /// Whether what is written here is somebody's act. What keeps the books of the program itself is not.
    var isAudited = true

    /// The same door, for writes that are nobody's act.
    var unaudited: StoreDoor {
        var door = self
        door.isAudited = false
        return door
    }

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
        if let slip = openSlip(scope) { return try await write(scope, [statement], slip)[0] }
        do {
            return try await database.withOrganization(scope.organization.uuid).query(statement)
        } catch { throw StoreFailure.translate(error) }
    }

    /// Several statements that write, all or none, in one round trip.
    func write(_ scope: OrganizationScope, _ statements: [Statement]) async throws -> [Rows] {
        if let slip = openSlip(scope), !statements.isEmpty { return try await write(scope, statements, slip) }
        do {
            return try await database.withOrganization(scope.organization.uuid).batch(statements)
        } catch { throw StoreFailure.translate(error) }
    }

    /// Statements that depend on each other's results, in one transaction. `work` waits for nothing but the database.
    func transaction<Value: Sendable>(
        _ scope: OrganizationScope, _ work: (Transaction) async throws -> Value
    ) async throws -> Value {
        let slip = openSlip(scope)
        do {
            let (value, closing) = try await database.withOrganization(scope.organization.uuid).transaction(
                closing: { transaction in
                    guard transaction.hasChanged, let slip else { return [] }
                    return slip.slip.drafts(in: scope.organization).map(AuditSQL.appendIfChanged)
                }, work)
            note(slip, closing, scope)
            return value
        } catch { throw StoreFailure.translate(error) }
    }

    // MARK: The audit log

    private typealias OpenSlip = (slip: AuditSlip, drafts: [AuditDraft])

    /// The slip of the present task, unless what it stands for is written.
    private func openSlip(_ scope: OrganizationScope) -> OpenSlip? {
        guard isAudited, let slip = AuditSlip.current else { return nil }
        let drafts = slip.drafts(in: scope.organization)
        return drafts.isEmpty ? nil : (slip, drafts)
    }

    private func write(
        _ scope: OrganizationScope, _ statements: [Statement], _ slip: OpenSlip
    ) async throws -> [Rows] {
        do {
            let rows = try await database.withOrganization(scope.organization.uuid).batch(
                statements + slip.drafts.map(AuditSQL.appendIfChanged))
            note(slip, Array(rows[statements.count...]), scope)
            return Array(rows[..<statements.count])
        } catch { throw StoreFailure.translate(error) }
    }

    private func note(_ slip: OpenSlip?, _ appended: [Rows], _ scope: OrganizationScope) {
        guard let slip, !appended.isEmpty, appended.allSatisfy({ $0.affected > 0 }) else { return }
        slip.slip.wasKept(in: scope.organization)
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
