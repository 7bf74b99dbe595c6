import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// What each role may do, written down a second time and tried on every route there is.
struct RoleTests {
    private static let everybody: Set<Role> = [.owner, .admin, .staff, .readOnly, .operator]
    private static let workers: Set<Role> = [.owner, .admin, .staff, .operator]
    private static let managers: Set<Role> = [.owner, .admin, .operator]

    /// Who has which scope without being given fewer. A scope that is not here fails the first test.
    private static let holders: [String: Set<Role>] = [
        "agents:read": everybody, "agents:write": managers, "agents:report": managers,
        "conversations:read": everybody, "conversations:write": workers,
        "tools:read": everybody, "tools:invoke": workers,
        "executions:read": everybody, "executions:write": workers,
        "tasks:read": everybody, "tasks:write": workers,
        "workflows:read": everybody, "workflows:write": managers,
        "memory:read": everybody, "memory:write": workers,
        "events:read": everybody, "events:write": workers.union([.hook]),
        "crm:read": everybody, "crm:write": workers,
        "tokens:read": managers, "tokens:write": managers,
        "billing:read": everybody, "billing:write": managers,
        "hooks:read": managers, "hooks:write": managers,
        "approvals:read": everybody, "approvals:decide": workers,
        "audit:read": managers, "monitoring:read": everybody, "monitoring:write": managers,
        "admin": [.operator],
    ]

    @Test(arguments: Permission.allCases)
    func `every scope has its holders`(_ permission: Permission) throws {
        let holders = try #require(Self.holders[permission.rawValue], "say above who has \(permission.rawValue)")
        #expect(holders == Set(Role.allCases.filter { $0.permissions.contains(permission) }))
    }

    @Test(arguments: TestAPI.operations)
    func `each role is let in where it may be, and nowhere else`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            guard let permission = route.permission, name != "streamEvents" else { return }
            let holders = try #require(Self.holders[permission.rawValue])
            let things = try await Belongings(of: api.ours, in: api)
            let (path, body) = (try things.path(of: route), try things.body(of: route))
            for role in Role.allCases where !holders.contains(role) {
                let token = try await api.ours.token(role: role)
                let before = try await api.ours.everything()
                let answer = try await api.send(route.method, path, body, token: token)
                #expect(answer.status == 403, "\(role)")
                #expect(answer["code"] == "forbidden")
                #expect(try await api.ours.everything() == before, "\(role)")
            }
            // Who may decide at all is another question than who is asked about this.
            guard permission != .approvalsDecide else { return }
            for role in Role.allCases where holders.contains(role) {
                let token = try await api.ours.token(role: role)
                let answer = try await api.send(route.method, path, body, token: token)
                #expect(answer.status != 401 && answer.status != 403, "\(role): \(answer.text)")
            }
        }
    }

    @Test func `roles rise: who is above may do all that those below may`() {
        let rising: [Role] = [.readOnly, .staff, .admin, .owner, .operator]
        for (lower, higher) in zip(rising, rising.dropFirst()) {
            #expect(lower.permissions.isSubset(of: higher.permissions), "\(lower) \(higher)")
            #expect(higher.mayGrant(lower))
        }
        // A hook writes and reads nothing.
        #expect(Role.hook.permissions.allSatisfy { !$0.rawValue.hasSuffix(":read") })
        #expect(Role.allCases.allSatisfy { $0.mayGrant(.hook) })
    }
}
