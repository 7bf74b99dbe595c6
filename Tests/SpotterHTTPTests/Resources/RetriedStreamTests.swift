import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterHTTP

/// The event stream of an execution that has ended more than once, because it was retried.
@Suite(.timeLimit(.minutes(5))) struct RetriedStreamTests {
    /// An execution in the queue, where nobody takes it up.
    private static func execution(in api: TestAPI) async throws -> ExecutionID {
        let execution = Execution(
            id: api.ours.home.id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: [:], createdAt: Date())
        return try await api.stores.executions.enqueue([execution], receipt: nil, in: api.ours.scope)[0]
    }

    private static func move(
        _ id: ExecutionID, to state: ExecutionState, telling types: [EventType], in api: TestAPI
    ) async throws {
        _ = try await api.stores.executions.change(id, at: Date(), in: api.ours.scope) { journal in
            var execution = journal.execution
            execution.state = state
            execution.completedAt = state.isTerminal ? Date() : nil
            return ExecutionChange(execution: execution, events: types.map { EventDraft($0, execution: id) })
        }
    }

    @Test func `it goes on after the first end`() async throws {
        try await TestAPI.with { api in
            let id = try await Self.execution(in: api)
            try await Self.move(id, to: .failed, telling: [.executionFailed], in: api)
            try await Self.move(id, to: .queued, telling: [.executionQueued], in: api)
            var headers = HTTPHeaders()
            headers.append("authorization", "Bearer \(api.ours.token)")
            let request = HTTPRequest(method: .get, target: "/v1/executions/\(id)/events", headers: headers)
            let response = await APIResponder(api.services).respond(to: request)
            guard case .stream(let produce) = response.body else { throw SpotterError(.internal, "no stream") }
            let (firstEnd, tell) = AsyncStream.makeStream(of: Void.self)
            let written = Mutex("")
            let reading = Task {
                defer { tell.finish() }
                try await produce(
                    HTTPBodyWriter { bytes in
                        let text = written.withLock { text in
                            text += String(decoding: bytes, as: UTF8.self)
                            return text
                        }
                        if text.contains("event: execution.failed") { tell.finish() }
                    })
            }
            for await _ in firstEnd {}
            try await Self.move(id, to: .completed, telling: [.executionCompleted], in: api)
            try await reading.value
            #expect(
                StreamedEvent.parse(written.withLock { $0 }).map(\.type) == [
                    "execution.queued", "execution.failed", "execution.queued", "execution.completed",
                ])
        }
    }

    @Test func `one that is over is told to its last end, however much lies between`() async throws {
        try await TestAPI.with { api in
            let id = try await Self.execution(in: api)
            try await Self.move(id, to: .failed, telling: [.executionFailed], in: api)
            let many = [EventType](repeating: .messageDelta, count: 450)
            try await Self.move(id, to: .queued, telling: [.executionQueued] + many, in: api)
            try await Self.move(id, to: .completed, telling: [.executionCompleted], in: api)
            let answer = try await api.ask(.get, "/v1/executions/\(id)/events")
            #expect(answer.events.count == 4 + many.count)
            #expect(answer.events.last?.type == "execution.completed")
        }
    }
}
