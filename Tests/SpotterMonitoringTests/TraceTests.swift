import Foundation
import MetricsKit
import ServiceKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterMonitoring

/// A collector that reads what OTLP/HTTP in JSON says, and answers as it is told.
private final class FakeCollector: Sendable {
    private let state = Mutex<(answers: [Int], documents: [JSONValue])>(([], []))

    init(_ answers: Int...) { state.withLock { $0.answers = answers } }

    func take(_ bytes: [UInt8]) throws -> TraceExporter.Answer {
        let document = try JSONParser.parse(bytes)
        let status = state.withLock { state -> Int in
            let status = state.answers.isEmpty ? 200 : state.answers.removeFirst()
            state.documents.append(document)
            return status
        }
        if status == 0 { throw URLError(.cannotConnectToHost) }
        return TraceExporter.Answer(status: status)
    }

    var documents: [JSONValue] { state.withLock { $0.documents } }

    /// The spans of the last document.
    var spans: [JSONValue] {
        documents.last?["resourceSpans"]?.array?.first?["scopeSpans"]?.array?.first?["spans"]?.array ?? []
    }
}

/// Runs as spans: as somebody looks at them, and as a collector is sent them.
@Suite struct TraceTests {
    private let stores = StoreSet.memory()
    private let meters = Meters(version: "test")

    private func exporter(_ collector: FakeCollector) -> TraceExporter {
        TraceExporter(
            timelines: TimelineService(
                executions: stores.executions, monitoring: stores.monitoring, agents: stores.agents),
            executions: stores.executions, resource: ["service.name": "spotter"], version: "1", meters: meters,
            log: .silent, sleep: { _ in }, send: { try collector.take($0) })
    }

    /// A run that has called a model and a tool, with a child that it waited for.
    private func family(_ gym: TestOrganization) async throws -> (parent: Execution, child: Execution) {
        let parent = try #require(TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        let run = gym.work()
        _ = try await TraceParent.$current.withValue(parent) {
            try await stores.executions.enqueue([run], receipt: nil, in: gym.scope)
        }
        let child = gym.work(parent: run.id)
        _ = try await stores.executions.enqueue([child], receipt: nil, in: gym.scope)
        let start = TestOrganization.start
        func step(_ index: Int, _ name: String, _ kind: Step.Kind, _ input: JSONValue, _ output: JSONValue) -> Step {
            Step(
                id: gym.id(), index: index, name: name, kind: kind, state: .completed, attempt: 1, input: input,
                output: output, usage: kind == .model ? TokenUsage(inputTokens: 10, outputTokens: 5) : nil,
                child: kind == .child ? child.id : nil, startedAt: start + Double(index),
                completedAt: start + Double(index) + 0.5)
        }
        let steps = [
            step(
                0, "answer", .model, ["model": "gpt-5", "max_tokens": 900, "temperature": 0.5],
                [
                    "provider": "openai", "model": "gpt-5-2026", "stop_reason": "tool_use",
                    "finish_reason": "tool_calls", "response_id": "chatcmpl-1", "request_id": "req-1",
                    "first_chunk_ms": 250,
                ]),
            step(1, "find_client", .tool, ["call_id": "call-1"], ["is_error": true]),
            step(2, "part", .child, [:], [:]),
        ]
        let ended = try await stores.executions.change(run.id, at: start, in: gym.scope) { journal in
            var execution = journal.execution
            execution.state = .completed
            execution.startedAt = execution.createdAt
            execution.completedAt = start + 4
            return ExecutionChange(execution: execution, steps: steps)
        }
        return (ended, child)
    }

    @Test func `a timeline has the run, its steps and what it began`() async throws {
        let gym = try await TestOrganization.make(in: stores)
        let (run, child) = try await family(gym)
        let service = TimelineService(
            executions: stores.executions, monitoring: stores.monitoring, agents: stores.agents)
        let timeline = try await service.timeline(of: run.id, in: gym.scope)
        #expect(timeline.trace.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        let names = Set(timeline.spans.map(\.name))
        #expect(names.isSuperset(of: ["chat gpt-5", "execute_tool find_client", "part"]))
        let waiting = try #require(timeline.spans.first { $0.kind == .child })
        let inner = try #require(timeline.spans.first { $0.record == child.id.description })
        #expect(inner.parentRecord == waiting.record)
        #expect(inner.parent == waiting.id)
        #expect(timeline.spans.allSatisfy { $0.kind == .execution || $0.parentRecord != nil })
        #expect(Set(timeline.spans.map(\.id)).count == timeline.spans.count)
        // A child by itself belongs to the same trace.
        #expect(try await service.timeline(of: child.id, in: gym.scope).trace == timeline.trace)
    }

    @Test func `a collector is sent the same spans once, with their names and ids as the conventions have them`()
        async throws
    {
        let gym = try await TestOrganization.make(in: stores)
        let (run, child) = try await family(gym)
        let collector = FakeCollector()
        let exporter = exporter(collector)
        // Probes are nobody's work: the run is told of as another kind would be.
        let timeline = try await TimelineService(
            executions: stores.executions, monitoring: stores.monitoring, agents: stores.agents
        )
        .timeline(of: run.id, in: gym.scope)
        let document = OTLPDocument(resource: ["service.name": "spotter"], version: "1")
            .json([(gym.scope.organization, timeline)])
        _ = try collector.take(document.bytes)
        #expect(collector.spans.count == timeline.spans.count)
        let chat = try #require(collector.spans.first { $0["name"] == "chat gpt-5" })
        #expect(chat["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(chat["spanId"]?.string?.count == 16)
        #expect(chat["kind"] == 3)
        #expect(chat["startTimeUnixNano"]?.string?.count == 19)
        let attributes = Dictionary(
            uniqueKeysWithValues: (chat["attributes"]?.array ?? []).map { ($0["key"]?.string ?? "", $0["value"]) })
        #expect(attributes["gen_ai.operation.name"] == ["stringValue": "chat"])
        #expect(attributes["gen_ai.provider.name"] == ["stringValue": "openai"])
        #expect(attributes["gen_ai.request.model"] == ["stringValue": "gpt-5"])
        #expect(attributes["gen_ai.usage.input_tokens"] == ["intValue": "10"])
        #expect(attributes["gen_ai.request.max_tokens"] == ["intValue": "900"])
        #expect(attributes["gen_ai.request.temperature"] == ["doubleValue": 0.5])
        #expect(attributes["gen_ai.response.id"] == ["stringValue": "chatcmpl-1"])
        #expect(attributes["gen_ai.response.time_to_first_chunk"] == ["doubleValue": 0.25])
        #expect(
            attributes["gen_ai.response.finish_reasons"]
                == ["arrayValue": ["values": [["stringValue": "tool_calls"]]]])
        let failed = try #require(collector.spans.first { $0["name"] == "execute_tool find_client" })
        #expect(failed["status"] == ["code": 2])
        let root = try #require(collector.spans.first { $0["name"]?.string?.hasPrefix("probe") == true })
        #expect(root["parentSpanId"] == "00f067aa0ba902b7")
        // What another waits for goes with that one, and probes go nowhere.
        exporter.note([ended(child), ended(run)], of: gym.scope.organization)
        while await exporter.sendOnce() {}
        #expect(collector.documents.count == 1)
    }

    @Test func `a run of an agent is named by the agent, and says whose model has answered`() async throws {
        let gym = try await TestOrganization.make(in: stores)
        let agent = try await gym.agent(named: "Front Desk")
        let run = try await gym.start(gym.task(for: agent), by: agent)
        let start = TestOrganization.start
        let tool = Step(
            id: gym.id(), index: 0, name: "find_client", kind: .tool, state: .completed, attempt: 1, input: [:],
            startedAt: start, completedAt: start)
        let answer = Step(
            id: gym.id(), index: 1, name: "answer", kind: .model, state: .completed, attempt: 1,
            input: ["model": "gpt-5"], output: ["provider": "openai"], startedAt: start, completedAt: start)
        _ = try await stores.executions.change(run.id, at: start, in: gym.scope) {
            ExecutionChange(execution: $0.execution, steps: [tool, answer])
        }
        let timelines = TimelineService(
            executions: stores.executions, monitoring: stores.monitoring, agents: stores.agents)
        var spans = try await timelines.timeline(of: run.id, in: gym.scope).spans
        let whole = try #require(spans.first { $0.record == run.id.description })
        #expect(whole.name == "invoke_agent Front Desk")
        #expect(whole.attributes["gen_ai.agent.name"] == "Front Desk")
        #expect(whole.attributes["gen_ai.provider.name"] == "openai")
        #expect(spans.first { $0.kind == .tool }?.attributes["gen_ai.tool.type"] == "function")
        // What the journal does not know is not made up.
        let chat = try #require(spans.first { $0.kind == .model })
        #expect(chat.attributes["gen_ai.response.id"] == nil)
        #expect(chat.attributes["gen_ai.request.max_tokens"] == nil)
        // An agent that is gone has no name any more.
        try await stores.agents.delete(agent.id, version: nil, in: gym.scope)
        spans = try await timelines.timeline(of: run.id, in: gym.scope).spans
        #expect(spans.first { $0.record == run.id.description }?.name == "invoke_agent")
    }

    @Test func `a collector that is away is tried again, and given up after some tries`() async throws {
        let gym = try await TestOrganization.make(in: stores)
        let run = try await message(gym)
        let patient = FakeCollector(503, 0, 429)
        let exporter = exporter(patient)
        exporter.note([ended(run)], of: gym.scope.organization)
        while await exporter.sendOnce() {}
        #expect(patient.documents.count == 4)
        let recorded = meters.registry.recorded
        #expect(recorded.contains("spotter_trace_spans_sent"))
        #expect(!recorded.contains("spotter_trace_spans_dropped"))
        for answers in [FakeCollector(503, 503, 503, 503, 503), FakeCollector(400)] {
            let other = self.exporter(answers)
            other.note([ended(run)], of: gym.scope.organization)
            while await other.sendOnce() {}
            #expect([5, 1].contains(answers.documents.count))
        }
        #expect(meters.registry.recorded.contains("spotter_trace_spans_dropped"))
    }

    @Test func `the line is bounded, and what does not fit is counted`() async throws {
        let gym = try await TestOrganization.make(in: stores)
        let run = gym.work()
        let exporter = exporter(FakeCollector())
        let events = Array(repeating: ended(run), count: TraceExporter.longestLine + 5)
        exporter.note(events, of: gym.scope.organization)
        let text = await meters.registry.text(.plain)
        #expect(text.contains("spotter_trace_spans_dropped_total 5\n"))
    }

    private func message(_ gym: TestOrganization) async throws -> Execution {
        let agent = try await gym.agent(named: "Desk")
        let run = try await gym.start(gym.task(for: agent), by: agent)
        return try await gym.end(run.id)
    }

    private func ended(_ run: Execution) -> Event {
        Event(position: 1, type: "execution.completed", execution: run.id, at: Date(), data: [:])
    }
}
