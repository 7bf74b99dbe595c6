import Foundation
import SpotterDomain
import SpotterPostgres
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
}
