import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterWorkflows

/// Processes die before or after each write of a run; others go on, and it comes to the same.
@Suite(.timeLimit(.minutes(5))) struct FlowCrashTests {
    struct Death: Sendable, CustomTestStringConvertible {
        let fault: FaultyExecutionStore.Fault
        let write: Int
        var testDescription: String { "\(fault) write \(write)" }
    }

    static let deaths = (1...14).flatMap { write in
        [Death(fault: .deathBefore, write: write), Death(fault: .deathAfter, write: write)]
    }

    private typealias F = FlowFixture

    private static let definition = F.definition(
        [
            F.node("fork", .parallel), F.task("a", nil, ["set": ["count": "{{vars.count + 1}}"]]),
            F.node("act", .task, ["tool": "act", "arguments": ["note": "x"]]), F.task("bad"),
            F.node("caught", .errorHandler), F.node("meet", .join),
            F.task("review", "review {{nodes.review.output.content}}"), F.task("end"),
        ],
        [
            "fork > a", "fork > act", "fork > bad", "bad > caught", "a > meet", "act > meet", "caught > meet",
            "meet > review", "review > review if nodes.review.output.content == \"bad\" max 2", "review > end",
        ], variables: ["count": .init(type: .integer, default: 0)])

    @Test(arguments: deaths)
    func `whichever write a process dies at, the run comes to the same`(death: Death) async throws {
        let fixture = try await FlowFixture()
        fixture.agents.answer { content, _, _ in
            switch content {
            case "bad": .failure(ExecutionError(code: "odd", message: "Odd."))
            case "review null": .success(["content": "bad"])
            case "review bad": .success(["content": "good"])
            default: nil
            }
        }
        let tool = RecordingTool(effect: .keyed)
        let id = try await fixture.start(Self.definition)
        let store = FaultyExecutionStore(fixture.executions, faults: [death.write: death.fault])
        let first = fixture.engine(tools: [tool], store: store)
        try await first.working { _ = try await first.workOff() }
        fixture.world.clock.advance(by: 25)
        try await fixture.work(fixture.engine(tools: [tool]))
        let journal = try await fixture.journal(id)
        #expect(journal.execution.state == .completed, "\(String(describing: journal.execution.error))")
        #expect(journal.execution.output?["variables"]?["count"] == 1)
        #expect(Set(tool.calls.map(\.effectKey)).count == 1)
        let ended = journal.execution.output?["path"]?.array?.compactMap(\.string) ?? []
        #expect(Set(ended) == ["fork", "a", "act", "caught", "meet", "review", "review#2", "end"])
        #expect(ended.count == 8)
        let children = try await fixture.children(of: id)
        #expect(children.count { $0.state.isTerminal } == children.count)
        #expect(children.count == 5)
    }
}
