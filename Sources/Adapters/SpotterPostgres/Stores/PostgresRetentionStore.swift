import PostgresKit
import SpotterDomain

/// For how long organisations keep their past, in PostgreSQL.
struct PostgresRetentionStore: RetentionStore {
    let door: StoreDoor

    func retention(in scope: OrganizationScope) async throws -> TenantRetention {
        let statement = Statement("SELECT coalesce(retention, '{}')::json FROM spotter.organizations")
        guard
            let found = try await door.read(scope, statement).firstDecoded({
                try $0.document(0, as: TenantRetention.self)
            })
        else { throw SpotterError.notFound("organization") }
        return found
    }

    func forgetPast(limit: Int, in scope: OrganizationScope) async throws -> ForgottenPast {
        let statement = Statement(
            "SELECT conversations, executions, events, messages FROM app.forget_past($1)", limit)
        return try await door.write(scope, statement).firstDecoded { row in
            ForgottenPast(
                conversations: Int(try row.get(0, as: Int64.self)), executions: Int(try row.get(1, as: Int64.self)),
                events: Int(try row.get(2, as: Int64.self)), messages: Int(try row.get(3, as: Int64.self)))
        } ?? ForgottenPast()
    }
}
