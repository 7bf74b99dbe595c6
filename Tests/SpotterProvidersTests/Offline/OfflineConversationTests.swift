import SpotterDomain
import SpotterProviders
import Testing

/// Follow-ups, results and errors: more than one question.
struct OfflineConversationTests {
    private func call(after history: [ModelMessage], _ text: String) -> ToolCall? {
        OfflineModel().answer(OfflineFixtures.request(history + [.user(text)])).message.toolCalls.first
    }

    /// A question with its call and a result, as a conversation keeps them.
    private func asked(_ question: String, result: JSONValue = ["summary": "Nothing."]) throws -> [ModelMessage] {
        let response = OfflineFixtures.ask(question)
        let call = try #require(response.message.toolCalls.first)
        return [.user(question), response.message, Self.tool(call, result), OfflineFixtures.said("Nothing.")]
    }

    private static func tool(_ call: ToolCall, _ output: JSONValue, isError: Bool = false) -> ModelMessage {
        let result = ToolResult(callId: call.id, name: call.name, output: output, isError: isError, durationMs: 1)
        return ModelMessage(role: .tool, parts: [.toolResult(result)])
    }

    @Test(
        arguments: [
            ("What classes are on today?", "and tomorrow?", "view_class_schedule", ["from": "tomorrow"]),
            ("What classes are on today?", "What about Friday?", "view_class_schedule", ["from": "friday"]),
            ("What classes are on today?", "tomorrow", "view_class_schedule", ["from": "tomorrow"]),
            (
                "Is there space in Spin tomorrow?", "and on Friday?", "check_class_availability",
                ["class_name": "Spin", "date": "friday"]
            ),
            (
                "Is there space in Spin tomorrow?", "and Yoga?", "check_class_availability",
                ["class_name": "Yoga", "date": "tomorrow"]
            ),
            ("Find Anna Lindqvist", "and Ben Carver?", "search_clients", ["query": "Ben Carver"]),
            (
                "Find Anna Lindqvist", "What about the cancelled ones?", "search_clients",
                ["query": "Anna Lindqvist", "status": "cancelled"]
            ),
            (
                "When is the next yoga class?", "Is there space in it?", "check_class_availability",
                ["class_name": "yoga"]
            ),
        ] as [(String, String, String, JSONValue)])
    func `a follow-up goes on from the question before`(
        _ first: String, _ second: String, _ tool: String, _ arguments: JSONValue
    ) throws {
        let call = try #require(self.call(after: asked(first), second))
        #expect(call.name == tool)
        #expect(call.arguments == arguments)
    }

    @Test func `a follow-up may follow a follow-up`() throws {
        var history = try asked("What classes are on today?")
        history += [.user("and tomorrow?"), OfflineFixtures.said("Nothing.")]
        let call = try #require(self.call(after: history, "and on Sunday?"))
        #expect(call.name == "view_class_schedule" && call.arguments == ["from": "sunday"])
    }

    @Test(arguments: ["thanks!", "What is the capital of France?", "cancel my booking", "hello"])
    func `other words after a question call nothing`(_ text: String) throws {
        #expect(try self.call(after: asked("What classes are on today?"), text) == nil)
    }

    @Test func `names that a tool has answered are known`() throws {
        let history = try asked(
            "What classes are on today?", result: ["sessions": [["class": "Power Hour"], ["class": "Deep Stretch"]]])
        let call = try #require(self.call(after: history, "is power hour full tomorrow?"))
        #expect(call.arguments == ["class_name": "power hour", "date": "tomorrow"])
    }

    @Test func `a result is told by its summary and its rows, without ids`() throws {
        var messages = Array(try asked("What classes are on today?").prefix(2))
        let call = try #require(messages[1].toolCalls.first)
        let result: JSONValue = [
            "summary": "2 sessions on Saturday 2026-11-21.", "timezone": "Europe/London", "has_more": false,
            "sessions": [
                ["class": "Spin", "starts": "18:30", "spots_left": 4, "session_id": "session_1"],
                ["class": "Yoga Flow", "starts": "07:30", "spots_left": 0, "session_id": "session_2"],
            ],
        ]
        messages.append(Self.tool(call, result))
        let response = OfflineModel().answer(OfflineFixtures.request(messages))
        #expect(
            response.message.text == """
                2 sessions on Saturday 2026-11-21.
                - Spin: starts 18:30, spots left 4
                - Yoga Flow: starts 07:30, spots left 0

                (Spotter's offline model)
                """)
        #expect(response.stopReason == .endTurn && response.message.toolCalls.isEmpty)
    }

    static let outputs: [(JSONValue, String)] = [
        ("Sent.", "Sent."), (nil, "answered nothing more"), ([:], "answered nothing more"),
        (["score": 71, "risk": "high"], "- Score: 71\n- Risk: high"), ([], "answered nothing more"),
        (["a", "b"], "- a\n- b"), ([["name": "Anna", "id": "x_1"]], "- Anna"), (42, "42"), (true, "true"),
        (["items": [["id": "only_1"]]], "Items:\n- only_1"),
        (["total": ["amount": "12.50", "currency": "GBP"]], "12.50"),
        (["rows": .array((1...40).map { .int($0) })], "and 28 more"),
    ]

    @Test(arguments: outputs)
    func `whatever a tool answers is put into words`(_ output: JSONValue, _ expected: String) {
        let call = ToolCall(id: "1", name: "some_tool", arguments: [:])
        let messages: [ModelMessage] = [
            .user("x"), ModelMessage(role: .assistant, parts: [.toolCall(call)]), Self.tool(call, output),
        ]
        let text = OfflineModel().answer(OfflineFixtures.request(messages)).message.text
        #expect(text.contains(expected))
        #expect(text.ranges(of: "offline model").count == 1)
    }

    @Test(
        arguments: [
            ("There is no class \"Spam\"; did you mean \"Spin\"?", "There is no class"),
            (["error": ["message": "no such member"]], "no such member."), (nil, "gave no reason"),
            (["code": 7], "{\"code\":7}"),
        ] as [(JSONValue, String)])
    func `an error is explained and the tool not called again`(_ output: JSONValue, _ expected: String) {
        let call = ToolCall(id: "1", name: "check_class_availability", arguments: [:])
        let messages: [ModelMessage] = [
            .user("Is Spam full?"), ModelMessage(role: .assistant, parts: [.toolCall(call)]),
            Self.tool(call, output, isError: true),
        ]
        let response = OfflineModel().answer(OfflineFixtures.request(messages))
        #expect(response.message.toolCalls.isEmpty)
        #expect(response.message.text.hasPrefix("That did not work.") && response.message.text.contains(expected))
    }

    @Test func `call ids differ along a conversation and are the same for the same question`() throws {
        let history = try asked("What classes are on today?")
        let first = try #require(history[1].toolCalls.first)
        let second = try #require(call(after: history, "and tomorrow?"))
        #expect(first.id != second.id)
        #expect(call(after: history, "and tomorrow?") == second)
        #expect(second.id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    }
}
