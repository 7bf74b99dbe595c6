import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// `spotter chat` with what the agent may not do by itself: the real program asks whoever is at the terminal.
@Suite(.timeLimit(.minutes(3))) struct ChatApprovalProgramTests {
    @Test func `the terminal asks, decides as it is answered, and goes on`() async throws {
        let home = try TestHome(
            """
            policy:
              approvers: [role:owner]
              rules:
                - tools: [view_class_schedule]
                  then: ask
            """)
        defer { home.remove() }
        let environment = ["SPOTTER_HOME": home.path]
        let server = try await RunningSpotter.start(environment: environment)
        defer { server.remove() }
        let said = try await RunningSpotter.command(
            ["chat", "--organization", "iron-temple"], data: server.folder, environment: environment,
            input: "Which classes are on tomorrow?\nperhaps\ny\nWhich classes are on tomorrow?\nn\n\n")
        #expect(said.code == 0, "\(said)")
        let text = said.output
        #expect(text.components(separatedBy: "Waiting for an approval:").count == 3, "\(text)")
        // What is no answer is asked again.
        #expect(text.components(separatedBy: "Approve? y/n").count == 4)
        #expect(text.contains("approved by console") && text.contains("rejected by console"))
        #expect(text.contains("Spin:") || text.contains("sessions on"))
        #expect(!text.contains("POST /v1/approvals"))
        let asked = try await server.send("GET", "/v1/approvals")
        let states = Set(asked.body["data"]?.array?.compactMap { $0["state"]?.string } ?? [])
        #expect(states == ["approved", "rejected"], "\(asked.body)")
        #expect(await server.stop() == 0)
    }
}
