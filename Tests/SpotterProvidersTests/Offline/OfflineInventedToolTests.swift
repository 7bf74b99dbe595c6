import SpotterDomain
import SpotterProviders
import Testing

/// The same model with a dozen tools it has never seen: nothing in it knows a tool by name.
struct OfflineInventedToolTests {
    static let cases: [OfflineCase] = [
        .init(
            "Send a message to anna@example.com saying we close early today", "send_message_to_client",
            ["recipient": "anna@example.com", "message": "we close early today"]),
        .init(
            "please text +44 7700 900123: your class is cancelled", "send_message_to_client",
            ["recipient": "+44 7700 900123", "message": "your class is cancelled"]),
        .init(
            "Send an SMS message to Ben Carver \"see you tomorrow\"", "send_message_to_client",
            ["recipient": "Ben Carver", "message": "see you tomorrow", "channel": "sms"]),
        .init(
            "create an urgent ticket \"Shower broken\"", "create_support_ticket",
            ["title": "Shower broken", "priority": "urgent"]),
        .init("which payments failed?", "query_payments", ["status": "failed"]),
        .init("show the last 5 payments", "query_payments", ["limit": 5]),
        .init(
            "List failed invoices from 2026-11-01 to 2026-11-15", "query_payments",
            ["from": "2026-11-01", "to": "2026-11-15", "status": "failed"]),
        .init("payments since yesterday", "query_payments", ["from": "2026-11-20"]),
        .init("How much revenue did we make this month?", "revenue_report", ["period": "month"]),
        .init("What was our turnover last quarter?", "revenue_report", ["period": "quarter"]),
        .init(
            "Book a trial class for Mia Wong, mia@example.org, tomorrow", "book_trial_class",
            ["name": "Mia Wong", "email": "mia@example.org", "date": "2026-11-22"]),
        .init(
            "pause the membership of client_01kah2wz00e2fvd6rpmhk1s5xv, status paused", "update_client_status",
            ["client_id": "client_01kah2wz00e2fvd6rpmhk1s5xv", "status": "paused"]),
        .init("Who is at risk of leaving?", "churn_risk"),
        .init("churn risk with a minimum score of 80", "churn_risk", ["minimum_score": 80]),
        .init("which members are at risk, including paused ones?", "churn_risk", ["include_paused": true]),
        .init("what's the weather in Lisbon?", "get_weather", ["city": "Lisbon"]),
        .init("weather forecast for new york for 3 days", "get_weather", ["city": "new york", "days": 3]),
        .init(
            "calculate a discount of 15 percent on an amount of 49.90", "calculate_discount",
            ["amount": 49.9, "percent": 15]),
        .init("notify the staff: the sauna is smoking", "notify_staff", ["message": "the sauna is smoking"]),
        .init("which machines were serviced?", "list_equipment"),
        .init("export hot leads as csv", "export_leads", ["format": "csv", "tags": ["hot"]]),
    ]

    private let system = "You are an assistant. Today is Saturday 21 November 2026; be brief."

    @Test(arguments: cases)
    func `tools it has never seen are found and their arguments filled`(_ example: OfflineCase) throws {
        let response = OfflineFixtures.ask(example.question, tools: OfflineFixtures.invented, system: system)
        let call = try #require(response.message.toolCalls.first, "\(response.message.text)")
        #expect(call.name == example.tool)
        #expect(call.arguments == example.arguments)
        let tool = try #require(OfflineFixtures.invented.first { $0.name == call.name })
        #expect(tool.parameters.issues(in: call.arguments).isEmpty)
    }

    @Test(arguments: [
        ("Send a message to anna@example.com", ["message"], ["recipient"]),
        ("book a trial class", ["name", "email", "date"], []),
        ("what's the weather?", ["city"], ["days"]),
        ("notify staff", ["message"], []),
        ("export the leads", ["format"], ["tags"]),
    ])
    func `required arguments that the words lack are asked for in plain words`(
        _ question: String, _ missing: [String], _ others: [String]
    ) {
        let response = OfflineFixtures.ask(question, tools: OfflineFixtures.invented, system: system)
        #expect(response.message.toolCalls.isEmpty, "\(response.message.toolCalls)")
        for name in missing { #expect(response.message.text.contains("- \(name)")) }
        for name in others { #expect(!response.message.text.contains("- \(name)")) }
    }

    @Test(arguments: [
        ("Send a message to anna@example.com", "We open at nine on Sunday.", "send_message_to_client", "message"),
        ("what's the weather?", "Lisbon", "get_weather", "city"),
        ("what's the weather?", "in lisbon", "get_weather", "city"),
        ("export the leads", "csv please", "export_leads", "format"),
        ("notify staff", "there is water on the floor", "notify_staff", "message"),
    ])
    func `the next words answer what was asked`(
        _ question: String, _ answer: String, _ tool: String, _ member: String
    ) throws {
        let tools = OfflineFixtures.invented
        let asked = OfflineFixtures.ask(question, tools: tools)
        try #require(asked.message.toolCalls.isEmpty)
        let request = OfflineFixtures.request([.user(question), asked.message, .user(answer)], tools: tools)
        let call = try #require(OfflineModel().answer(request).message.toolCalls.first)
        #expect(call.name == tool)
        let value = try #require(call.arguments[member]?.string)
        #expect(answer.lowercased().contains(value.lowercased()))
    }

    @Test func `several missing arguments may come one after the other`() throws {
        let tools = OfflineFixtures.invented
        var messages: [ModelMessage] = [.user("book a trial class")]
        for words in ["Mia Wong", "mia@example.org"] {
            let response = OfflineModel().answer(OfflineFixtures.request(messages, tools: tools))
            try #require(response.message.toolCalls.isEmpty)
            messages += [response.message, .user(words)]
        }
        let asked = OfflineModel().answer(OfflineFixtures.request(messages, tools: tools))
        #expect(asked.message.text.contains("- date") && !asked.message.text.contains("- email"))
        messages += [asked.message, .user("2026-11-30")]
        let call = try #require(
            OfflineModel().answer(OfflineFixtures.request(messages, tools: tools)).message.toolCalls.first)
        #expect(call.arguments == ["name": "Mia Wong", "email": "mia@example.org", "date": "2026-11-30"])
    }

    @Test(arguments: ["hello", "thank you!", "what is love?", "sing me a song", "is the earth flat?"])
    func `small talk calls none of them`(_ text: String) {
        #expect(OfflineFixtures.ask(text, tools: OfflineFixtures.invented).message.toolCalls.isEmpty)
    }

    @Test func `what it can do is said from the tools it was given`() {
        let text = OfflineFixtures.ask("what can you do?", tools: OfflineFixtures.invented).message.text
        #expect(text.contains("churn risk") && text.contains("and 4 more"))
        #expect(OfflineFixtures.ask("what can you do?", tools: []).message.text.contains("no tools"))
    }

    @Test func `without a day in the prompt a relative day is asked for where only digits will do`() {
        let text = "Book a trial class for Mia Wong, mia@example.org, tomorrow"
        let response = OfflineFixtures.ask(text, tools: OfflineFixtures.invented)
        #expect(response.message.text.contains("- date"))
        #expect(!response.message.text.contains("- email"))
    }
}
