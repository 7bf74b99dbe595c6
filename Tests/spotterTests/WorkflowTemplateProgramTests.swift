import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// Every template of a workflow, with its options, on the real program: sub-agents whose model is scripted, real tools over
/// a demonstration gym, and a person who decides.
@Suite(.timeLimit(.minutes(6))) struct WorkflowTemplateProgramTests {
    /// One run and what it must come to.
    struct Case: Sendable {
        let template: String
        /// What the workflow's variables are told; texts in `<…>` stand for records of the gym.
        let variables: JSONValue
        /// What the model answers, by words of the request; the first that fit count.
        var answers: [(words: String, answer: String)] = []
        /// What people say to requests that have these words; yes to all others.
        var refusals: [String] = []
        /// Nodes that end well, in this order among others.
        let path: [String]
        /// Nodes that must not be reached.
        var without: [String] = []
    }

    private static let everything: JSONValue = [
        "feature_name": "Waiting lists", "requirements": ["Fair", "Quick"], "enable_documentation": true,
        "deployment_target": "production",
    ]
    private static let bug: JSONValue = [
        "bug_id": "BUG-7", "title": "Twice charged", "description": "A payment is taken twice.",
        "affected_components": ["payments"],
    ]
    private static let release: JSONValue = [
        "application_name": "desk", "version": "2.1.0", "source_commit": "abc123", "environment": "production",
    ]

    private static let cases: [Case] = [
        Case(
            template: "development", variables: everything,
            path: [
                "plan", "implement", "review", "test", "checked", "accepted", "document", "approve_production",
                "deploy",
            ]
        ),
        Case(
            template: "development", variables: everything, answers: [("Review this code", "Slow. VERDICT: FAIL")],
            refusals: ["Go on all the same"], path: ["implement#4", "review#4", "go_on"],
            without: ["accepted", "document", "deploy"]),
        Case(
            template: "development",
            variables: everything.merging(patch: [
                "enable_code_review": false, "enable_testing": false, "enable_documentation": false,
                "deployment_target": "staging",
            ]), path: ["plan", "implement", "deploy"], without: ["review", "test", "document", "approve_production"]),
        Case(
            template: "development", variables: everything, refusals: ["to production"],
            path: ["document", "approve_production"], without: ["deploy"]),
        Case(
            template: "bug-fix",
            variables: bug.merging(patch: ["severity": "critical", "auto_deploy_fix": true]),
            path: ["alarm", "analyse", "fix", "verify", "approve", "deploy", "report"]),
        Case(
            template: "bug-fix",
            variables: bug.merging(patch: ["auto_deploy_fix": true, "enable_root_cause_analysis": false]),
            path: ["fix", "verify", "deploy", "report"], without: ["alarm", "analyse", "approve"]),
        Case(
            template: "bug-fix", variables: bug, answers: [("Test whether this change", "No. VERDICT: FAIL")],
            path: ["fix#4", "verify#4", "ask", "report"], without: ["deploy"]),
        Case(
            template: "deployment", variables: release.merging(patch: ["strategy": "blue_green"]),
            path: ["prepare", "test", "approve", "green", "smoke", "switch", "verify", "retire", "report"],
            without: ["rollback", "canary", "rolling", "recreate"]),
        Case(
            template: "deployment", variables: release.merging(patch: ["strategy": "blue_green"]),
            answers: [("Try desk", "It is down. VERDICT: FAIL")], path: ["green", "smoke", "rollback", "report"],
            without: ["switch", "retire"]),
        Case(
            template: "deployment",
            variables: release.merging(patch: ["strategy": "canary", "run_tests": false, "require_approval": false]),
            answers: [("now 2.1.0, and healthy", "Errors. VERDICT: FAIL")],
            path: ["canary", "verify", "rollback", "report"], without: ["test", "approve", "retire"]),
        Case(
            template: "deployment",
            variables: release.merging(patch: ["strategy": "recreate", "rollback_on_failure": false]),
            answers: [("Recreate:", "!")], refusals: ["Go back to the version before"],
            path: ["broken", "approve_rollback", "report"], without: ["verify", "rollback"]),
        Case(
            template: "deployment", variables: release, answers: [("on abc123 by the pipeline", "VERDICT: FAIL")],
            path: ["test", "report"], without: ["approve", "rolling"]),
        Case(
            template: "security-audit",
            variables: [
                "project_name": "desk", "scope": "comprehensive", "compliance_standards": ["GDPR", "PCI_DSS"],
                "include_infrastructure_scanning": true, "include_penetration_testing": true, "auto_remediate": true,
            ], answers: [("CRITICAL: NO", "Open door. CRITICAL: YES")],
            path: [
                "model", "approve_attack", "attack", "findings", "alarm", "approve_remedy", "remedy", "retest",
                "write_report", "send_report",
            ]),
        Case(
            template: "security-audit",
            variables: ["project_name": "desk", "include_penetration_testing": true, "generate_report": false],
            refusals: ["as a test"], path: ["code", "dependencies", "findings"],
            without: ["attack", "infrastructure", "alarm", "remedy", "write_report", "failed", "tell"]),
        // What is asked of the model says that there was no attack, in the findings and in the report.
        Case(
            template: "security-audit",
            variables: ["project_name": "desk", "include_penetration_testing": true],
            answers: [
                ("Attack: it was not attacked", "CRITICAL: YES"), ("Say that it was not attacked", "Not attacked."),
            ], refusals: ["as a test"],
            path: ["approve_attack", "together", "findings", "alarm", "write_report", "send_report", "done"],
            without: ["attack", "scan_failed", "failed", "tell"]),
        Case(
            template: "lead-follow-up", variables: ["lead_id": "<lead>", "follow_ups": 1, "pause_days": 0],
            path: ["profile", "write", "approve", "send", "pause", "send#2", "hand_over"]),
        Case(
            template: "churn-rescue", variables: ["minimum_risk": 1, "most": 3, "offer": "A session with a coach"],
            path: ["find", "approve", "profile", "write", "send", "tag", "next", "report"]),
        Case(
            template: "churn-rescue", variables: ["minimum_risk": 1], refusals: ["are to be written to"],
            path: ["find", "approve"], without: ["profile", "write", "report"]),
        Case(
            template: "failed-payment",
            variables: [
                "client_id": "<client>", "amount": "49.00 GBP", "due": "Friday", "failed_on": "<tomorrow>",
                "reminders": 1, "pause_days": 0,
            ], path: ["known", "tell", "pause", "look", "tell#2", "look#2", "approve_pause", "pause_membership"],
            without: ["ticket", "thank"]),
        Case(
            template: "failed-payment",
            variables: [
                "client_id": "<other>", "amount": "49.00 GBP", "due": "Friday", "failed_on": "<tomorrow>",
                "reminders": 0, "pause_after": false, "pause_days": 0,
            ], path: ["look", "ticket"], without: ["approve_pause", "pause_membership"]),
        Case(
            template: "class-cancelled",
            variables: ["session_id": "<session>", "class": "Spin", "time": "Monday at six", "approve_above": 0],
            path: ["bookings", "look_for", "approve", "next", "complete"], without: ["refused"]),
        Case(
            template: "monthly-report", variables: ["export_payments": true, "require_approval": true],
            path: ["revenue", "recurring", "churn", "operations", "payments", "export", "explain", "approve", "send"]),
    ]

    @Test func `every template comes to its end in every way that its options and its people take`() async throws {
        let double = try ProviderDouble { Self.reply(to: $0) }
        defer { double.stop() }
        let server = try await RunningSpotter.start(environment: [
            "OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": double.openAIURL,
        ])
        defer { server.remove() }
        let seeded = try await RunningSpotter.command(
            ["templates", "seed", "--organization", "iron-temple", "--packs", "engineering"], data: server.folder)
        #expect(seeded.code == 0, "\(seeded.output)")
        let gym = try await GymRecords(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, one) in Self.cases.enumerated() {
                if number >= 8 { try await group.next() }
                group.addTask { try await TemplateRun(server, one, number).check(gym) }
            }
            try await group.waitForAll()
        }
        let tried = Set(Self.cases.map(\.template))
        let all = try await server.send("GET", "/v1/workflow-templates").body["data"]?.array ?? []
        #expect(Set(all.compactMap { $0["name"]?.string }) == tried)
        #expect(await server.stop() == 0)
    }

    /// What the case that a request belongs to says; its number stands in the names of its workflow's things.
    private static func reply(to call: ProviderDouble.Call) -> ProviderReply {
        let asked = call.body["messages"]?.array?.last?["content"] ?? call.body["input"]?.array?.last?["content"]
        let text = asked?.string ?? asked?.description ?? ""
        let one = cases.enumerated().first { text.contains(TemplateRun.mark($0.offset)) }?.element
        if let answer = one?.answers.first(where: { text.contains($0.words) })?.answer {
            return answer == "!"
                ? .failure(status: 400, body: #"{"error":{"type":"invalid_request_error","message":"no"}}"#)
                : .text(answer)
        }
        if text.contains("VERDICT: PASS") { return .text("All good.\nVERDICT: PASS") }
        if text.contains("CRITICAL: NO") { return .text("Nothing.\nCRITICAL: NO") }
        return .text("It is done.")
    }
}

/// Records of the demonstration gym that runs work on.
private struct GymRecords: Sendable {
    let values: [String: String]

    init(_ server: RunningSpotter) async throws {
        func rows(_ path: String) async throws -> [JSONValue] {
            try await server.send("GET", path).body["data"]?.array ?? []
        }
        let clients = try await rows("/v1/crm/clients?status=active&limit=50").filter { $0["email"]?.string != nil }
        let leads = try await rows("/v1/crm/leads?status=new&limit=50").filter { $0["email"]?.string != nil }
        let bookings = try await rows("/v1/crm/bookings?status=booked&limit=50")
        values = [
            "<client>": try #require(clients.first?["id"]?.string),
            "<other>": try #require(clients.dropFirst().first?["id"]?.string),
            "<lead>": try #require(leads.first?["id"]?.string),
            "<session>": try #require(
                bookings.first?["session_id"]?.string ?? bookings.first?["class_session_id"]?.string),
            "<tomorrow>": String(Timestamp.string(from: Date() + 86_400).prefix(10)),
        ]
    }
}

/// One run of one template, with the people around it.
private struct TemplateRun {
    let server: RunningSpotter
    let one: WorkflowTemplateProgramTests.Case
    let number: Int

    init(_ server: RunningSpotter, _ one: WorkflowTemplateProgramTests.Case, _ number: Int) {
        (self.server, self.one, self.number) = (server, one, number)
    }

    /// What tells the requests of a case apart.
    static func mark(_ number: Int) -> String { "case-\(number)." }

    func check(_ gym: GymRecords) async throws {
        var variables = one.variables.object ?? JSONObject()
        for (name, value) in variables {
            if let record = value.string.flatMap({ gym.values[$0] }) { variables[name] = .string(record) }
        }
        // Each has a text that finds its way into what the model is asked.
        for name in ["feature_name", "title", "application_name", "project_name"] {
            if let text = variables[name]?.string { variables[name] = .string("\(text) \(Self.mark(number))") }
        }
        let made = try await server.send(
            "POST", "/v1/workflow-templates/\(one.template)/instantiate",
            [
                "name": .string("\(one.template) \(number)"), "triggers": false, "variables": .object(variables),
            ])
        #expect(made.status == 201, "\(one.template): \(made.body)")
        let id = try #require(made.body["id"]?.string)
        let started = try await server.send("POST", "/v1/workflows/\(id)/executions", [:])
        let run = try #require(started.body["execution_id"]?.string, "\(started.body)")
        let execution = try await ended(run)
        let note: Comment = "\(one.template) \(number): \(execution)"
        #expect(execution["state"] == "completed", note)
        let path = execution["output"]?["path"]?.array?.compactMap(\.string) ?? []
        var rest = path[...]
        for node in one.path {
            let place = rest.firstIndex(of: node)
            #expect(place != nil, "\(one.template) \(number): \(node) is not where it should be in \(path)")
            if let place { rest = rest[(place + 1)...] }
        }
        #expect(Set(path).isDisjoint(with: one.without), note)
    }

    /// Decides and answers until it is over.
    private func ended(_ run: String) async throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let found = try await server.send("GET", "/v1/executions/\(run)?wait_ms=300").body
            let isOver = ["completed", "failed", "cancelled"].contains(found["state"]?.string ?? "")
            if isOver || ContinuousClock.now > deadline { return found }
            let open = try await server.send("GET", "/v1/approvals?state=pending&execution_id=\(run)").body["data"]
            for approval in open?.array ?? [] {
                let message = approval["message"]?.string ?? ""
                _ = try await server.send(
                    "POST", "/v1/approvals/\(approval["id"]?.string ?? "")/decision",
                    ["approved": .bool(!one.refusals.contains(where: message.contains))])
            }
            if found["current_step"]?.string == "ask" {
                _ = try await server.send("POST", "/v1/executions/\(run)/input", ["answer": "Try it tomorrow."])
            }
        }
    }
}
