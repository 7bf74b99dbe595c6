import Foundation
import PostgresKit
import SpotterDomain
@testable import SpotterPostgres
import SpotterTesting
import Testing

struct AgentBenchScriptsTests {
    @Test func `the benchmark gives each parameter of the store's statements a value`() {
        let ids = RandomIDGenerator()
        let scripts = AgentBenchScripts(organization: ids.id(at: .now), agent: ids.id(at: .now))
        for script in [scripts.read, scripts.list, scripts.create] {
            #expect(!script.contains("$"), "\(script)")
            #expect(script.contains("spotter.agents"))
        }
    }

    @Test func `the database takes what the benchmark sends`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        let agent = try await gym.agent(named: "Coach")
        let scripts = AgentBenchScripts(organization: gym.scope.organization, agent: agent.id)
        for script in [scripts.read, scripts.list, scripts.create] {
            // What begins with a backslash is pgbench's own.
            let statements = script.split(separator: "\n").filter { !$0.hasPrefix("\\") }.joined(separator: "\n")
            try await Administration.run(script: statements, on: stores.configuration)
        }
        let agents = try await gym.stores.agents.list(AgentFilter(), PageRequest(), in: gym.scope).items
        #expect(agents.count == 2)
    }
}
