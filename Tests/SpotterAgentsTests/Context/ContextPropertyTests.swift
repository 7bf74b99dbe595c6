import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterAgents

/// What holds for every conversation, whatever was said in it.
struct ContextPropertyTests {
    private struct Case {
        let exchanges: [TurnPast.Exchange]
        let question: ModelMessage
        let window: Int
        let context: ChatContext
        var script: TurnScript

        init(_ seed: UInt64) throws {
            var dice = Dice(seed)
            exchanges = dice.exchanges(Int.random(in: 0...40, using: &dice))
            // Some questions are longer than any room that can be made for them.
            question = .user(dice.text(seed % 8 == 1 ? 1_500...2_000 : 1...60))
            window = seed % 8 == 1 ? 2_000 : Int.random(in: 1_000...40_000, using: &dice)
            context = ChatContext(
                request: ModelRequest(model: "m", system: dice.text(1...60), messages: [], maxOutputTokens: 300),
                past: TurnPast(exchanges: exchanges, question: [question]),
                settings: ContextSettings(maxTokens: window, summary: seed % 2 == 0 ? .extractive : .model),
                window: nil)
            script = TurnScript(context)
            for number in 0..<Int.random(in: 0...12, using: &dice) {
                let round = dice.round("r\(number)")
                let response = ScriptedModel.response(round[0].parts, stopReason: .toolUse)
                try script.answer("think-\(number + 1)", response)
                for result in round[1].toolResults {
                    script.append(result.name, .tool, output: try JSONValue(encoding: result))
                }
            }
        }
    }

    @Test(arguments: UInt64(0)..<80)
    func `calls keep their results, the budget is met or an error says why not, and once is enough`(
        _ seed: UInt64
    ) throws {
        var test = try Case(seed)
        let (command, entered) = try test.script.settle()
        #expect(entered.count <= 1)
        switch command {
        case .callModel(let request, _)?:
            let total =
                TokenEstimate.tokens(of: request.system) + TokenEstimate.tokens(of: request.messages)
            #expect(total <= ContextBudget(window: test.window, answer: 300).limit)
            Self.expectValid(request.messages)
            #expect(request.messages.contains { $0.role == .user && $0.text.contains(test.question.text) })
            #expect(test.script.next() == command)
        case .fail(let error)?:
            #expect(error.code == "context_too_long")
            #expect(error.message.contains("context.max_tokens"))
        default: Issue.record("\(String(describing: command))")
        }
        for compaction in entered { Self.expectHonest(compaction) }
    }

    @Test func `the cases are of every kind`() throws {
        var (whole, compacted, recapped, refused) = (0, 0, 0, 0)
        for seed in UInt64(0)..<40 {
            var test = try Case(seed)
            let (command, entered) = try test.script.settle()
            if case .fail? = command { refused += 1 }
            if entered.isEmpty, case .callModel? = command { whole += 1 }
            if entered.contains(where: { $0.summary != nil }) { compacted += 1 }
            if entered.contains(where: { $0.workSummary != nil }) { recapped += 1 }
        }
        #expect(
            whole > 2 && compacted > 2 && recapped > 2 && refused > 2, "\(whole) \(compacted) \(recapped) \(refused)")
    }

    @Test(arguments: UInt64(0)..<40)
    func `what is shown is the newest, as it was said`(_ seed: UInt64) throws {
        var test = try Case(seed)
        guard case .callModel(let request, _)? = try test.script.settle().0 else { return }
        let original = test.exchanges.messages + [test.question] + Turn(test.script.journal).transcript
        // All but the messages that carry notes are untouched, signatures and all, and in their order.
        let shown = request.messages.filter { $0.role != .user }
        #expect(Array(original.filter { $0.role != .user }.suffix(shown.count)) == shown)
        if let last = original.last, last.role == .tool { #expect(request.messages.last == last) }
    }

    @Test(arguments: UInt64(0)..<40)
    func `a provider that says too long is asked once more with less, and then believed`(_ seed: UInt64) throws {
        var test = try Case(seed)
        guard case .callModel(let first, let name)? = try test.script.settle().0 else { return }
        test.script.overflow(name)
        let (command, entered) = try test.script.settle()
        switch command {
        case .callModel(let second, let again)?:
            #expect(entered.map(\.reason) == [.overflow])
            #expect(TokenEstimate.tokens(of: second.messages) < TokenEstimate.tokens(of: first.messages))
            Self.expectValid(second.messages)
            test.script.overflow(again)
            guard case .fail(let error)? = test.script.next() else {
                Issue.record("a third try")
                return
            }
            #expect(error.code == "context_too_long")
        case .fail(let error)?:
            #expect(entered.isEmpty)
            #expect(error.message == "too long")
        default: Issue.record("\(String(describing: command))")
        }
    }

    @Test(arguments: UInt64(0)..<60)
    func `summaries of anything are short, and the same for the same`(_ seed: UInt64) {
        var dice = Dice(seed)
        let messages = dice.exchanges(Int.random(in: 1...12, using: &dice)).messages
        let tokens = Int.random(in: 20...1_500, using: &dice)
        let previous = seed % 3 == 0 ? dice.text(1...100) : nil
        let task = SummaryTask(subject: .conversation, previous: previous, messages: messages, tokens: tokens)
        #expect(TokenEstimate.tokens(of: task.extract) <= tokens)
        #expect(task.extract == task.extract)
        #expect(TokenEstimate.tokens(of: task.cut(dice.text(1...2_000))) <= tokens)
        let request = task.request(model: "m", room: tokens, timeout: .seconds(1))
        #expect(TokenEstimate.tokens(of: request.messages) <= 2 * tokens + 1_500)
    }

    /// Speakers take turns, and every call is answered in the very next message.
    private static func expectValid(_ messages: [ModelMessage]) {
        #expect(messages.first?.role == .user)
        for (place, message) in messages.enumerated() {
            let following = place + 1 < messages.count ? messages[place + 1] : nil
            let calls = message.toolCalls.map(\.id)
            if !calls.isEmpty { #expect(following?.toolResults.map(\.callId) == calls) }
            if message.role == .tool { #expect(place > 0 && !messages[place - 1].toolCalls.isEmpty) }
            if message.role == .user { #expect(following?.role != .user) }
        }
    }

    private static func expectHonest(_ compaction: Compaction) {
        #expect(compaction.messagesDropped > 0)
        #expect(compaction.tokensAfter < compaction.tokensBefore)
        #expect(compaction.tokensAfter <= compaction.budget)
        let report = compaction.report
        #expect(report["messages_dropped"] == .int(Int64(compaction.messagesDropped)))
        #expect(report["tokens_before"] == .int(Int64(compaction.tokensBefore)))
    }
}
