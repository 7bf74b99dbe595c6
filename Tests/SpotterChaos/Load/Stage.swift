import Foundation
import SpotterDomain
import SpotterPostgres

/// Where work is put into the queue that no request of the API asks for, as a part of the product would put it there.
struct Stage: Sendable {
    let stores: PostgresStores
    let scope: OrganizationScope
    /// The service outside, for who must find out what became of a call.
    let recorder: Recorder
    let deadline: ContinuousClock.Instant
    private let ids = RandomIDGenerator()

    init(
        stores: PostgresStores, scope: OrganizationScope, recorder: Recorder, deadline: ContinuousClock.Instant
    ) {
        (self.stores, self.scope, self.recorder, self.deadline) = (stores, scope, recorder, deadline)
    }

    /// What a probe does, see `Rehearsal` of the product.
    func input(_ work: String, _ acts: [Script.Act], children: [JSONValue] = []) -> JSONValue {
        [
            "work": .string(work), "recorder": .string("http://127.0.0.1:\(recorder.port)"),
            "acts": .array(acts.map { .string("\($0)") }), "children": .array(children),
        ]
    }

    /// A run that is not in the queue yet.
    func execution(_ input: JSONValue) -> Execution {
        let now = Date()
        return Execution(
            id: ids.id(at: now), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: input, createdAt: now)
    }

    /// Puts it there, and asks again until it is known to be.
    func enqueue(_ execution: Execution) async throws {
        while true {
            do {
                _ = try await stores.executions.enqueue([execution], receipt: nil, in: scope)
                return
            } catch let error as SpotterError {
                // Written before, and nobody said so.
                if error.code == .conflict { return }
                guard error.code == .unavailable, ContinuousClock.now < deadline else {
                    throw APIClient.Unanswered(description: "enqueue \(execution.id): \(error)")
                }
            }
            try await Task.sleep(for: .milliseconds(150))
        }
    }
}
