import SpotterDomain

/// The models `offline-example-1` to `-9`: each goes through one demonstration of an agent on its own, the same way
/// every time, calling real tools. Which line comes next follows from how often the model has spoken already.
struct ExampleScript: Sendable {
    /// What the demonstrations show, in their order.
    static let titles = [
        "calculation", "research and store", "API integration", "several phases", "error recovery", "status",
        "context and preferences", "linked task", "user input",
    ]

    private let lines: [Line]

    /// One answer of the model.
    enum Line {
        /// Calls tools, with a sentence before.
        case calls(String, [(name: String, arguments: JSONValue)])
        /// Ends with a text made from what the tools said.
        case end(@Sendable (Results) -> String)
    }

    /// What the tools have said so far.
    struct Results {
        let all: [ToolResult]

        /// The last result of a tool as it was; null without one.
        func last(_ name: String) -> JSONValue { all.last { $0.name == name }?.output ?? .null }
        /// The same as text.
        func text(_ name: String) -> String { all.last { $0.name == name }?.text ?? "" }
    }

    /// The script of a model's name; nil for other models.
    init?(model: String) {
        guard model.hasPrefix("offline-example-"), let number = Int(model.dropFirst("offline-example-".count)),
            Self.titles.indices.contains(number - 1)
        else { return nil }
        lines = Self.scripts[number - 1]
    }

    /// The answer that comes next.
    func answer(_ request: ModelRequest) -> ModelResponse {
        let spoken = request.messages.count { $0.role == .assistant }
        let results = Results(all: request.messages.flatMap(\.toolResults))
        let parts: [ModelPart]
        var stop = ModelResponse.StopReason.endTurn
        switch lines[min(spoken, lines.count - 1)] {
        case .calls(let thought, let calls):
            parts =
                [.text(thought)]
                + calls.enumerated().map { place, call in
                    .toolCall(
                        ToolCall(id: "call-\(spoken + 1)-\(place + 1)", name: call.name, arguments: call.arguments))
                }
            stop = .toolUse
        case .end(let text): parts = [.text(text(results))]
        }
        return ModelResponse(
            message: ModelMessage(role: .assistant, parts: parts), stopReason: stop,
            usage: TokenUsage(inputTokens: 0, outputTokens: 0, modelCalls: 1), rawUsage: [:], model: request.model,
            provider: OfflineProvider.name)
    }
}

extension ExampleScript {
    private static func plan(_ goal: String, _ phases: String...) -> (name: String, arguments: JSONValue) {
        ("update_plan", ["goal": .string(goal), "phases": .array(phases.map { ["title": .string($0)] })])
    }

    private static func advance(_ summary: String) -> (name: String, arguments: JSONValue) {
        ("advance_phase", ["summary": .string(summary)])
    }

    private static let scripts: [[Line]] = [
        calculation, research, api, phases, recovery, status, preferences, linked, input,
    ]

    private static let calculation: [Line] = [
        .calls("One multiplication and one addition: a plan of one phase.", [plan("17 x 23 + 4", "Calculate")]),
        .calls(
            "17 x 23 is 391; with 4 that is 395.",
            [
                advance("395"),
                (
                    "store_data",
                    [
                        "key": "example-result", "value": 395, "scope": "agent",
                    ]
                ),
            ]),
        .end { _ in "17 x 23 + 4 = 395." },
    ]

    private static let research: [Line] = [
        .calls("First what is on, then it is kept.", [plan("Know this week's classes", "Look", "Keep")]),
        .calls("The schedule tells.", [("view_class_schedule", ["days": 7])]),
        .calls(
            "Now it is kept for later.",
            [
                advance("The week's sessions are known."),
                ("store_data", ["key": "example-week", "value": "looked up", "scope": "agent"]),
            ]),
        .calls("Let us see that it is there.", [("retrieve_data", ["key": "example-week"]), advance("Kept.")]),
        .end { "\($0.last("view_class_schedule")["summary"]?.string ?? "Nothing is on.") Kept as example-week." },
    ]

    private static let api: [Line] = [
        .calls("One request.", [plan("Ask an API", "Ask")]),
        .calls(
            "The request goes out.",
            [
                ("http_request", ["method": "GET", "url": "https://api.example.com/status"])
            ]),
        .calls("That is all there was to do.", [advance("Asked.")]),
        .end { "The API, or what keeps us from it, says: \($0.text("http_request").prefix(400))" },
    ]

    private static let phases: [Line] = [
        .calls("Three phases.", [plan("A picture of the gym", "Members", "Classes", "Report")]),
        .calls(
            "Two look-ups that do not depend on each other, side by side.",
            [
                ("search_clients", ["query": "a", "limit": 3]), ("view_class_schedule", ["days": 1]),
            ]),
        .calls("Both are in.", [advance("Members were looked up."), advance("Classes were looked up.")]),
        .calls("Only the report is left.", [advance("Written.")]),
        .end { results in
            "Members: \(results.last("search_clients")["summary"]?.string ?? "none") "
                + "Classes: \(results.last("view_class_schedule")["summary"]?.string ?? "none")"
        },
    ]

    private static let recovery: [Line] = [
        .calls("One phase.", [plan("Find a class", "Find")]),
        .calls("A tool by this name might exist.", [("find_class", ["name": "Spin"])]),
        .calls("It does not; the schedule knows, too.", [("view_class_schedule", ["class_name": "Spin"])]),
        .calls("Found.", [advance("By another tool.")]),
        .end {
            "The first tool did not exist; the schedule did: \($0.last("view_class_schedule")["summary"]?.string ?? "")"
        },
    ]

    private static let status: [Line] = [
        .calls(
            "Four phases, so that there is something to follow.", [plan("Be followed", "One", "Two", "Three", "Four")]),
        .calls("A quarter.", [advance("25 percent")]), .calls("Half.", [advance("50 percent")]),
        .calls("Nearly.", [advance("75 percent")]), .calls("Done.", [advance("100 percent")]),
        .end { _ in "Each phase was told as it came: see the events, or GET /v1/executions/{id} while it runs." },
    ]

    private static let preferences: [Line] = [
        .calls("What was asked for is in the task and in the preferences.", [plan("Heed preferences", "Answer")]),
        .calls(
            "Noted.", [("store_data", ["key": "example-tone", "value": "short", "scope": "agent"]), advance("Noted.")]),
        .end { _ in "Short, as preferred." },
    ]

    private static let linked: [Line] = [
        .calls("A colleague can do the counting.", [plan("Work together", "Delegate", "Sum up")]),
        .calls(
            "To whoever answers members.",
            [
                (
                    "delegate",
                    ["capability": "member-support", "task": "Which classes are on tomorrow?"]
                )
            ]),
        .calls("The result is here.", [advance("The colleague has answered."), advance("Summed up.")]),
        .end { "The colleague says: \($0.last("delegate")["output"]?["content"]?.string ?? $0.text("delegate"))" },
    ]

    private static let input: [Line] = [
        .calls("One question.", [plan("Plan an open day", "Ask", "Note it")]),
        .calls(
            "Only a person can say.",
            [
                ("ask_user", ["question": "On which day shall the open day be?", "options": ["Saturday", "Sunday"]])
            ]),
        .calls(
            "Noted.",
            [
                advance("Answered."),
                (
                    "store_data",
                    [
                        "key": "example-open-day", "value": "decided", "scope": "agent",
                    ]
                ), advance("Noted."),
            ]),
        .end { "The open day is on \($0.last("ask_user")["answer"]?.string ?? "the day that was said")." },
    ]
}
