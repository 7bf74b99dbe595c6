import Foundation
import PostgresKit
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterTesting
import Synchronization
import Testing

/// Files, tasks, posts and campaigns.
struct AutomationToolsTests {
    @Test func `an export is a file of real rows that no spreadsheet takes for formulas`() async throws {
        let gym = try await DeskFixture.make()
        _ = try await gym.member(
            "=HYPERLINK(\"x\")", email: "a@example.org", phone: "+44 7700 900123", tags: ["a", "b"])
        let dry = try await gym.call("export_data", ["kind": "clients"], isDryRun: true)
        #expect(dry["rows"] == 1 && dry["document_id"] == nil)
        let done = try await gym.call("export_data", ["kind": "clients", "status": "active"], key: "k1")
        let id = try #require(done["document_id"]?.string.flatMap { DocumentID($0) })
        #expect(done["download"] == .string("/v1/documents/\(id)") && done["rows"] == 1)
        let again = try await gym.call("export_data", ["kind": "clients", "status": "active"], key: "k1")
        #expect(again["document_id"] == done["document_id"])
        let documents = gym.stores.postgres.documents
        let file = try await documents.document(id, at: gym.now, in: gym.home.scope)
        let lines = String(decoding: file.content, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines[0] == "id,name,email,phone,status,tags,joined,cancelled,source,last_visit")
        #expect(lines[1].contains("\"'=HYPERLINK(\"\"x\"\")\",a@example.org,'+44 7700 900123,active,a; b,"))
        await #expect(throws: SpotterError.self) {
            try await documents.document(id, at: gym.now + Document.lifetime, in: gym.home.scope)
        }
        let other = try await DeskFixture.make()
        await #expect(throws: SpotterError.self) {
            try await documents.document(id, at: gym.now, in: other.home.scope)
        }
        #expect(try await gym.failure("export_data", ["kind": "leads"]).contains("nothing to export"))
        let wrong: JSONValue = ["kind": "clients", "status": "booked"]
        #expect(try await gym.failure("export_data", wrong).contains("There are: trial, active, paused, cancelled."))
        #expect(try await gym.failure("export_data", ["kind": "payments", "tag": "x"]).contains("Leave tag out"))
    }

    @Test func `every kind can be exported`() async throws {
        let gym = try await DeskFixture.make()
        let anna = try await gym.member("Anna")
        _ = try await gym.lead("Leo")
        try await gym.pay(anna, 49.5, "2026-11-01T00:30:00Z", refund: 1)
        try await gym.subscribe(anna, plan: "Gold", 49.5)
        try await gym.book(anna, gym.session("Spin", "2026-11-24T18:30:00Z"))
        for (kind, cell) in [
            ("clients", "Anna"), ("leads", "Leo"), ("payments", "2026-11-01 00:30,49.50,GBP,1.00,succeeded"),
            ("subscriptions", "Gold,active,49.50,GBP,month,49.50"), ("bookings", "Spin,2026-11-24 18:30"),
        ] {
            let done = try await gym.call("export_data", ["kind": .string(kind)])
            let id = try #require(done["document_id"]?.string.flatMap { DocumentID($0) })
            let file = try await gym.stores.postgres.documents.document(id, at: gym.now, in: gym.home.scope)
            let text = String(decoding: file.content, as: UTF8.self)
            #expect(text.contains(cell), "\(text)")
            let widths = text.split(separator: "\r\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false).count
            }
            #expect(Set(widths).count == 1)
        }
    }

    @Test func `a task is planned once for its key, in the gym's time`() async throws {
        let gym = try await DeskFixture.make()
        let agent = try await gym.home.agent(named: "Coach")
        let once: JSONValue = [
            "title": "Report", "instructions": "Write it.", "date": "monday", "time": "09:00", "agent": "coach",
        ]
        let dry = try await gym.call("schedule_task", once, isDryRun: true, agent: agent.id)
        #expect(
            dry["summary"] == "Nothing was scheduled. Coach would do \"Report\" once, on Monday 2026-11-23 at 09:00.")
        let done = try await gym.call("schedule_task", once, key: "k1", agent: agent.id)
        let again = try await gym.call("schedule_task", once, key: "k1", agent: agent.id)
        #expect(done["task_id"] == again["task_id"] && done["next_run"] == "2026-11-23 09:00")
        let weekly = try await gym.call(
            "schedule_task", ["title": "Weekly", "instructions": "x", "cron": "0 9 * * 1"], agent: agent.id)
        #expect(weekly["next_run"] == "2026-11-23 09:00")
        for (arguments, said) in [
            (["title": "x", "instructions": "x"], "Say when"),
            (["title": "x", "instructions": "x", "cron": "99 * * * *"], "cron"),
            (["title": "x", "instructions": "x", "date": "today"], "Give the local time"),
            (["title": "x", "instructions": "x", "date": "yesterday", "time": "9am"], "has passed"),
            (["title": "x", "instructions": "x", "cron": "0 9 * * 1", "agent": "Coch"], "did you mean \"Coach\"?"),
        ] as [(JSONValue, String)] {
            #expect(
                try await gym.failure("schedule_task", arguments, isDryRun: arguments["agent"] == nil, by: agent.id)
                    .contains(said))
        }
    }

    @Test func `a procedure that exists is started once, and others are listed`() async throws {
        let gym = try await DeskFixture.make()
        let agent = try await gym.home.agent(named: "Coach")
        let task = try await gym.home.task("Freeze offer", for: agent)
        let wish: JSONValue = ["workflow": "freeze OFFER", "input": ["client": "Anna"]]
        #expect(
            try await gym.summary("trigger_workflow", wish, isDryRun: true)
                == "Nothing was started. Freeze offer could be.")
        let done = try await gym.call("trigger_workflow", wish, key: "k1")
        let again = try await gym.call("trigger_workflow", wish, key: "k1")
        let run = try #require(done["execution_id"]?.string.flatMap { ExecutionID($0) })
        #expect(again["execution_id"] == done["execution_id"])
        let journal = try await gym.stores.postgres.executions.journal(of: run, in: gym.home.scope)
        #expect(journal.execution.taskId == task.id && journal.execution.state == .queued)
        let message = try await gym.failure("trigger_workflow", ["workflow": "Freze offer"])
        #expect(message.contains("did you mean \"Freeze offer\"?") && message.contains(task.id.description))
    }

    @Test func `a task for a lead reaches the team once`() async throws {
        let gym = try await DeskFixture.make()
        let leo = try await gym.lead("Leo")
        _ = try await gym.staff("Fay Desk")
        let wish: JSONValue = [
            "lead_id": .string(leo.description), "title": "Send prices", "details": "Asked for prices.",
            "assignee": "fay", "due_date": "monday",
        ]
        let done = try await gym.call("create_lead_task", wish, key: "k1")
        #expect(
            done["summary"] == """
                There is a task for Fay Desk: "Send prices" about Leo, due Monday 2026-11-23 at 18:00.
                """)
        #expect(try await gym.call("create_lead_task", wish, key: "k1")["ticket_id"] == done["ticket_id"])
        #expect(try await gym.summary("create_lead_task", wish, isDryRun: true).hasPrefix("Nothing was created."))
        #expect(
            try await gym.count(Statement("SELECT count(*) FROM spotter.tickets WHERE category = 'lead_task'")) == 1)
    }

    @Test func `a post waits for its time, and is published or fails with a reason`() async throws {
        let gym = try await DeskFixture.make()
        let wish: JSONValue = [
            "platform": "facebook", "content": "Spin is back.", "hashtags": ["#Spin", "IronTemple"], "date": "today",
            "time": "11:00",
        ]
        let done = try await gym.call("schedule_social_post", wish, key: "k1")
        #expect(done["needs_connection"] == true)
        #expect(try await gym.call("schedule_social_post", wish, key: "k1")["post_id"] == done["post_id"])
        let post = try #require(done["post_id"]?.string.flatMap { SocialPostID($0) })
        let desk = gym.stores.postgres.posts
        #expect(try await desk.claimDue(at: gym.now, until: gym.now + 60, limit: 5, in: gym.home.scope).isEmpty)
        let due = gym.now + 3_600
        let claimed = try await desk.claimDue(at: due, until: due + 60, limit: 5, in: gym.home.scope)
        #expect(claimed.map(\.text) == ["Spin is back.\n\n#Spin #IronTemple"])
        #expect(try await desk.claimDue(at: due, until: due + 60, limit: 5, in: gym.home.scope).isEmpty)
        let outcome = await NoPublisher().publish(claimed[0], key: "k", in: gym.home.scope)
        try await desk.record(outcome, of: post, at: due, in: gym.home.scope)
        let failed = Statement(
            "SELECT count(*) FROM spotter.social_posts WHERE status = 'failed' AND error LIKE '%needs a connection%'")
        #expect(try await gym.count(failed) == 1)
        for (arguments, said) in [
            (["platform": "x", "content": .string(String(repeating: "a", count: 281))], "x takes 280"),
            (["platform": "instagram", "content": "Hi"], "Give media_url"),
            (["platform": "facebook", "content": "Hi", "hashtags": ["a b"]], "is no hashtag"),
            (["platform": "facebook", "content": "Hi", "hashtags": ["Spin", "#spin"]], "twice"),
        ] as [(JSONValue, String)] {
            var object = try #require(arguments.object)
            (object["date"], object["time"]) = ("tomorrow", "09:00")
            #expect(try await gym.failure("schedule_social_post", .object(object)).contains(said))
        }
    }

    @Test func `a campaign reaches those who agreed, step by step, and stops for who is back`() async throws {
        let gym = try await DeskFixture.make()
        let (anna, ben) = (
            try await gym.member("Anna Li", email: "a@example.org"), try await gym.member("Ben", email: "b@example.org")
        )
        let cleo = try await gym.member("Cleo", email: "c@example.org")
        for client in [anna, ben] { try await gym.consent(client, at: gym.now - 60) }
        try await gym.consent(cleo, granted: false, at: gym.now - 60)
        let wish: JSONValue = [
            "name": "We miss you", "audience": [:],
            "steps": [
                ["channel": "email", "subject": "Hello {{first_name}}", "body": "Come back.", "delay_days": 0],
                ["channel": "email", "subject": "Still here", "body": "Come.", "delay_days": 7],
            ],
        ]
        let dry = try await gym.call("create_retention_campaign", wish, isDryRun: true)
        #expect(dry["matching"] == 3 && dry["reachable"] == 2 && dry["without_consent"] == 1)
        let done = try await gym.call("create_retention_campaign", wish, key: "k1")
        #expect(done["status"] == "running")
        #expect(try await gym.call("create_retention_campaign", wish, key: "k1")["campaign_id"] == done["campaign_id"])
        #expect(try await gym.count(Statement("SELECT count(*) FROM spotter.campaign_members")) == 2)

        let messenger = RecordingMessenger()
        let clock = ManualClock(gym.now + 1)
        let clerk = gym.clerk(messenger, clock)
        var round = FrontDeskClerk.Done()
        try await clerk.look(in: gym.home.scope, &round)
        #expect(messenger.subjects == ["Hello Anna", "Hello Ben"])
        try await clerk.look(in: gym.home.scope, &round)
        #expect(messenger.subjects.count == 2)
        try await gym.checkIn(ben, gym.now + 86_400)
        clock.advance(by: 7 * 86_400 + 1)
        try await clerk.look(in: gym.home.scope, &round)
        #expect(messenger.subjects == ["Hello Anna", "Hello Ben", "Still here"])
        let stopped = Statement(
            "SELECT count(*) FROM spotter.campaign_members WHERE stop_reason = 'The member has visited since.'")
        #expect(try await gym.count(stopped) == 1)
        let over = Statement("SELECT count(*) FROM spotter.campaigns WHERE status = 'completed'")
        #expect(try await gym.count(over) == 1)
    }

    @Test func `a campaign that reaches nobody, or says what is not known, is refused`() async throws {
        let gym = try await DeskFixture.make()
        func wish(_ step: JSONValue, _ audience: JSONValue = [:]) -> JSONValue {
            ["name": "x", "audience": audience, "steps": [step]]
        }
        let mail: JSONValue = ["channel": "email", "subject": "x", "body": "x", "delay_days": 0]
        #expect(try await gym.failure("create_retention_campaign", wish(mail)).contains("No member matches"))
        let anna = try await gym.member("Anna", email: "a@example.org")
        #expect(try await gym.failure("create_retention_campaign", wish(mail)).contains("none of them consented"))
        try await gym.consent(anna, at: gym.now)
        try await gym.checkIn(anna, gym.now - 3 * 86_400)
        let absent: JSONValue = ["inactive_days": 7]
        #expect(try await gym.failure("create_retention_campaign", wish(mail, absent)).contains("No member matches"))
        let bare: JSONValue = ["channel": "email", "body": "x", "delay_days": 0]
        #expect(try await gym.failure("create_retention_campaign", wish(bare)).contains("needs a subject"))
        let unknown: JSONValue = ["channel": "sms", "body": "Hi {{nickname}}", "delay_days": 0]
        #expect(try await gym.failure("create_retention_campaign", wish(unknown)).contains("{{first_name}}"))
    }

    @Test func `drafts and hashtags rest on what the gym has`() async throws {
        let gym = try await DeskFixture.make()
        _ = try await gym.session("Spin", "2026-11-24T18:30:00Z", capacity: 20, booked: 13)
        let answer = try await gym.call(
            "generate_social_content",
            ["theme": "Legs that remember Spin", "platform": "instagram", "call_to_action": "Book in the app"])
        let draft = try #require(answer["drafts"]?[0]?["content"]?.string)
        #expect(
            draft == """
                Legs that remember Spin.
                All of Spin
                There is a place for you:
                Tuesday 18:30 with Dana Whitlock, 7 places free
                Book in the app, and bring a friend.
                """)
        #expect(answer["facts"]?[2] == "Spin on Tuesday 2026-11-24 at 18:30 with Dana Whitlock: 7 places free.")
        let short = try await gym.call(
            "generate_social_content",
            ["theme": .string(String(repeating: "word ", count: 40)), "platform": "x", "drafts": 3])
        for draft in short["drafts"]?.array ?? [] { #expect((draft["length"]?.int ?? 999) <= 280) }
        let tags = try await gym.call("generate_hashtags", ["topic": "the early Spin class", "platform": "x"])
        #expect(column("hashtag", tags, "hashtags") == ["IronTemple", "Spin"])
        let more = try await gym.call(
            "generate_hashtags", ["topic": "early spin", "platform": "instagram", "count": 5])
        #expect(column("from", more, "hashtags") == ["the gym's name", "a class", "the topic", "common", "common"])
    }
}

/// Keeps what campaigns send.
private final class RecordingMessenger: CampaignMessenger {
    private let sent = Mutex<[String: String]>([:])

    var subjects: [String] { sent.withLock { $0.values.sorted() } }

    func send(_ turn: CampaignTurn, in scope: OrganizationScope, at now: Date) async throws -> CampaignTurnOutcome {
        let first = String(turn.name.split(separator: " ").first ?? "")
        let subject = MessageFields.fill(turn.step.subject ?? "", ["first_name": first])
        sent.withLock { $0[turn.key] = subject }
        return .sent
    }
}

extension DeskFixture {
    /// A clerk with another way out for messages.
    fileprivate func clerk(_ messenger: any CampaignMessenger, _ clock: any WallClock) -> FrontDeskClerk {
        FrontDeskClerk(
            organizations: stores.postgres.organizations, posts: stores.postgres.posts, publisher: NoPublisher(),
            campaigns: stores.postgres.campaigns, messenger: messenger, clock: clock, log: .silent)
    }

    fileprivate func failure(
        _ name: String, _ arguments: JSONValue, isDryRun: Bool, by agent: AgentID
    ) async throws -> String {
        let error = await #expect(throws: ToolFailure.self) {
            try await call(name, arguments, isDryRun: isDryRun, agent: agent)
        }
        return try #require(error).message
    }
}
