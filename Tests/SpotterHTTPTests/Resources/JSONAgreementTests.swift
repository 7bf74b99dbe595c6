import Foundation
import SpotterDomain
import Testing

@testable import SpotterHTTP

/// What resources write of themselves is what `Encodable` would write, byte for byte, and what their schemas say.
struct JSONAgreementTests {
    private static let time = Date(timeIntervalSince1970: 1_795_000_000.125)

    private static func id<Kind>(_ number: UInt8) -> Identifier<Kind> {
        Identifier(UUID(uuid: (1, 145, 0, 0, 0, 0, 112, 0, 128, 0, 0, 0, 0, 0, 0, number)))
    }

    private static let settings: [AgentSettings] = [
        AgentSettings(name: "Front Desk", systemPrompt: "You help.", model: "offline"),
        AgentSettings(
            name: "\"Ünï\\cødé\"\n\u{1}\u{7F}", description: "", role: "support",
            systemPrompt: String(repeating: "é", count: 99),
            model: "offline", tools: ["a", "b\t"], capabilities: [], priority: .critical, temperature: 0.1 + 0.2,
            maxOutputTokens: 200_000, limits: AgentLimits(maxSteps: 3), enabled: false,
            metadata: ["z": "1", "a\"b": "2", "snakeCase": ""]),
    ]

    private static func agents() -> [Agent] {
        (settings + settings.map(\.resolved)).enumerated().map { index, settings in
            Agent(
                id: id(UInt8(index)), version: index + 1, settings: settings, template: index == 1 ? "gym/a" : nil,
                createdAt: time, updatedAt: time + 0.5)
        }
    }

    private static func messages() -> [Message] {
        let cost = Cost(base: Money(0.000125, "USD"), markup: Money(-1, "USD"), billed: Money(12, "EUR"))
        let call = ToolCall(id: "call_1", name: "search", arguments: ["deep": [1, 2.5, nil, ["x": true]]])
        let result = ToolResult(callId: "call_1", name: "search", output: ["found": 0], isError: true, durationMs: 7)
        let transcript = [
            ModelMessage(role: .assistant, parts: [.toolCall(call)]),
            ModelMessage(role: .tool, parts: [.toolResult(result)]),
        ]
        return [
            Message(
                id: id(1), conversationId: id(2), role: .user, content: "Hello", transcript: [], createdAt: time),
            Message(
                id: id(3), conversationId: id(2), role: .assistant, content: "",
                transcript: transcript,
                usage: TokenUsage(inputTokens: 1, outputTokens: 2, modelCalls: 3), cost: cost, latencyMs: 0,
                executionId: id(4), createdAt: time),
        ]
    }

    @Test func `agents and their versions`() throws {
        let agents = Self.agents()
        for agent in agents {
            try expectAgreement(AgentResource(agent))
            try expectAgreement(agent.settings)
            try expectAgreement(
                AgentVersionResource(
                    AgentVersion(agentId: agent.id, version: 1, settings: agent.settings, createdAt: Self.time)))
        }
        try expectAgreement(ListResource(Page(items: agents.map(AgentResource.init), next: Cursor(version: 3))))
        try expectAgreement(ListResource(Page<AgentResource>(items: [], next: nil)))
    }

    @Test func `conversations, messages and turns`() throws {
        let quiet = Conversation(
            id: Self.id(1), agentId: Self.id(2), title: "A / B", createdAt: Self.time, updatedAt: Self.time)
        var busy = quiet
        busy.metadata = ["b": "2", "a": "1"]
        busy.lastMessageAt = Self.time
        try expectAgreement(ConversationResource(quiet))
        try expectAgreement(ConversationResource(busy))
        for message in Self.messages() { try expectAgreement(MessageResource(message)) }
        try expectAgreement(ListResource(Page(items: Self.messages().map(MessageResource.init), next: nil)))
    }

    private func expectAgreement<T: JSONWritable & Codable>(_ value: T) throws {
        let written = String(decoding: try JSONWriter.encode(value), as: UTF8.self)
        #expect(try written == encoded(value))
        #expect(JSONSchema.derived(from: T.self).issues(in: try JSONParser.parse(written)).isEmpty)
    }

    /// Knows the value as `Encodable` alone.
    private func encoded(_ value: some Encodable) throws -> String {
        String(decoding: try JSONWriter.encode(value), as: UTF8.self)
    }
}
