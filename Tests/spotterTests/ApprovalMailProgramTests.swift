import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// Somebody with an address and no token at hand decides: the real program and a real mail server.
@Suite(.timeLimit(.minutes(3))) struct ApprovalMailProgramTests {
    private static let workflow: JSONValue = [
        "name": "Ask the owner",
        "nodes": [
            [
                "id": "ask", "type": "human_approval",
                "config": [
                    "message": "May the sauna be closed?", "approvers": ["role:owner"], "timeout_ms": 3_600_000,
                ],
            ]
        ], "edges": [],
    ]

    @Test func `who may decide gets a letter, and its link decides once and stands in the audit log`() async throws {
        let mail = try await MailServer.start()
        let home = try TestHome(
            """
            messaging:
              email: {smtp: "smtp://127.0.0.1:\(mail.port)", from: "Gym <hello@gym.test>", tls: none}
            """)
        defer { home.remove() }
        let server = try await RunningSpotter.start(environment: [
            "SPOTTER_HOME": home.path, "SPOTTER_PUBLIC_URL": "https://spotter.test/",
        ])
        defer { server.remove() }
        let issued = try await server.send(
            "POST", "/v1/tokens", ["name": "Dana", "role": "owner", "subject": "dana@gym.test"])
        #expect(issued.status == 201, "\(issued.body)")
        let workflow = try await server.send("POST", "/v1/workflows", Self.workflow)
        #expect(workflow.status == 201, "\(workflow.body)")
        let begun = try await server.send(
            "POST", "/v1/workflows/\(workflow.body["id"]?.string ?? "")/executions", ["input": [:]])
        let run = try #require(begun.body["execution_id"]?.string, "\(begun.body)")

        #expect(try await settled(in: server)["status"] == "sent")
        let letter = try #require(try mail.mails.first)
        #expect(letter.receivers == ["dana@gym.test"])
        #expect(letter.headers["subject"] == "Please decide: May the sauna be closed?")
        let text = try #require(letter.parts["text/plain"])
        let link = try #require(
            text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("https://spotter.test/v1/") })
        let path = String(link.dropFirst("https://spotter.test".count))
        // Whoever may read the outbox cannot decide by it.
        let outbox = try await server.send("GET", "/v1/crm/outbox")
        let kept = try #require(outbox.body["data"]?[0])
        #expect(kept["approval_id"]?.string?.hasPrefix("appr_") == true)
        #expect(!outbox.body.description.contains("approval-link"))
        #expect(!server.log.contains("approval-link?link="))

        let page = try await server.text("GET", path, token: "none")
        #expect(page.status == 200 && page.text.contains("May the sauna be closed?"))
        #expect(page.text.contains("dana@gym.test (owner)"))
        let decided = try await server.text("POST", path + "&decision=approve", token: "none")
        #expect(decided.status == 200 && decided.text.contains("approved"))
        #expect(try await server.text("POST", path + "&decision=reject", token: "none").status == 409)
        let ended = try await server.send("GET", "/v1/executions/\(run)?wait_ms=20000")
        #expect(ended.body["state"] == "completed")

        let activity = try await server.send("GET", "/v1/activity?action=decideApprovalLink")
        let entries = activity.body["data"]?.array ?? []
        #expect(entries.count == 1, "\(activity.body)")
        #expect(entries.first?["actor"]?["kind"] == "link" && entries.first?["actor"]?["id"] == issued.body["id"])
        #expect(entries.first?["resource_id"] == kept["approval_id"])
        #expect(try mail.mails.count == 1)
        #expect(await server.stop() == 0)
    }

    /// The first message of the outbox when the courier has done with it.
    private func settled(in server: RunningSpotter) async throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let message = try await server.send("GET", "/v1/crm/outbox").body["data"]?[0] ?? .null
            let isUnderWay = ["", "held", "queued", "sending"].contains(message["status"]?.string ?? "")
            if !isUnderWay || ContinuousClock.now > deadline { return message }
        }
    }
}
