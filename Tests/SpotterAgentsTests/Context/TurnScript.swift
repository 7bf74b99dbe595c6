import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting

@testable import SpotterAgents

/// A turn that a test drives by hand: what the program asks for is journalled as the engine would.
struct TurnScript {
    private(set) var journal: Journal
    let program: ChatProgram
    private let now = Date(timeIntervalSince1970: 0)

    init(_ context: ChatContext) {
        program = ChatProgram(context: context, limits: AgentLimits(maxSteps: 200))
        let execution = Execution(
            id: Identifier(UUID()), kind: .message, state: .running, attempt: 1, conversationId: Identifier(UUID()),
            agentId: nil, agentVersion: nil, input: [:], createdAt: now)
        journal = Journal(execution: execution)
    }

    /// What the program wants next.
    func next() -> Command? { program.decide(journal).first }

    mutating func append(
        _ name: String, _ kind: Step.Kind, _ state: Step.State = .completed, output: JSONValue? = nil,
        error: ExecutionError? = nil
    ) {
        var step = Step(
            id: Identifier(UUID()), index: journal.nextIndex, name: name, kind: kind, state: state, attempt: 1,
            input: [:], startedAt: now)
        step.output = output
        step.error = error
        journal.steps.append(step)
    }

    mutating func answer(_ name: String, _ response: ModelResponse) throws {
        append(name, .model, output: try JSONValue(encoding: response))
    }

    mutating func overflow(_ name: String) {
        append(name, .model, .failed, error: ExecutionError(code: "context_too_long", message: "too long"))
    }

    mutating func results(of calls: [ToolCall], _ text: String) throws {
        for call in calls {
            let result = ToolResult(
                callId: call.id, name: call.name, output: .string(text), isError: false, durationMs: 1)
            append(call.name, .tool, output: try JSONValue(encoding: result))
        }
    }

    mutating func enter(_ compaction: Compaction) throws {
        append("compact", .compaction, output: ["compaction": try JSONValue(encoding: compaction), "block": nil])
    }

    /// Goes on until something is sent to the agent's model or the turn ends: writes summaries and enters compactions.
    ///
    /// - Returns: the last command, and the compactions entered on the way.
    mutating func settle(summary: String = "It was summed up.") throws -> (Command?, [Compaction]) {
        var entered: [Compaction] = []
        while true {
            switch next() {
            case .callModel(_, let name)? where name.hasPrefix("summarize") || name.hasPrefix("recap"):
                try answer(name, ScriptedModel.response([.text(summary)]))
            case .compact(let compaction)?:
                entered.append(compaction)
                try enter(compaction)
            case let command: return (command, entered)
            }
        }
    }
}

/// The same numbers again for the same seed.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Words, with signs, digits and other alphabets among them.
    mutating func text(_ words: ClosedRange<Int>) -> String {
        let known = [
            "member", "booking", "Tuesday", "18:30", "€49.90", "freeze", "Ünal", "мария", "予約", "🏋️", "a1b2c3d4e5f6",
            "the", "and.", "\"quoted\"", "{\"id\":7}", "</spotter-summary>",
        ]
        return (0..<Int.random(in: words, using: &self)).map { _ in known.randomElement(using: &self) ?? "" }
            .joined(separator: " ")
    }

    mutating func calls(_ prefix: String) -> [ToolCall] {
        (0..<Int.random(in: 1...3, using: &self)).map {
            ToolCall(id: "\(prefix)-\($0)", name: "search_clients", arguments: ["query": .string(text(1...20))])
        }
    }

    /// What an agent does in a round: thinks, says something, calls tools and reads what they say.
    mutating func round(_ prefix: String) -> [ModelMessage] {
        let calls = calls(prefix)
        let said: [ModelPart] = [
            .thinking(text(0...10), signature: text(1...4), provider: "anthropic"), .text(text(0...20)),
        ]
        let results = calls.map {
            ModelPart.toolResult(
                ToolResult(callId: $0.id, name: $0.name, output: .string(text(0...200)), isError: false, durationMs: 1))
        }
        return [
            ModelMessage(role: .assistant, parts: said + calls.map { .toolCall($0) }, model: "m"),
            ModelMessage(role: .tool, parts: results),
        ]
    }

    mutating func exchanges(_ count: Int) -> [TurnPast.Exchange] {
        (0..<count).map { number in
            var messages = [ModelMessage.user(text(1...80))]
            for part in 0..<Int.random(in: 0...3, using: &self) { messages += round("e\(number)-\(part)") }
            messages.append(ModelMessage(role: .assistant, parts: [.text(text(1...120))]))
            return TurnPast.Exchange(last: Identifier(UUID()), messages: messages, count: 2)
        }
    }
}
