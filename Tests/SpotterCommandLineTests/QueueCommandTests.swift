import Foundation
import SpotterDomain
import Synchronization
import Testing

@testable import SpotterCommandLine

/// `spotter queue requeue`.
struct QueueCommandTests {
    private static let ids: [ExecutionID] = (0..<3).map { _ in
        RandomIDGenerator().id(at: Date(timeIntervalSince1970: 1_800_000_000))
    }

    @Test func `one that cannot be tried again keeps none of the others back`() async throws {
        let output = Mutex("")
        let errors = Mutex("")
        let terminal = Terminal(
            isInteractive: false, usesColor: false,
            output: { text in
                output.withLock { $0 += text }
                return .written
            }, errors: { text in errors.withLock { $0 += text } }, input: { nil })
        let refused = try await QueueRequeueCommand.requeue(Self.ids, asJSON: false, terminal) { id in
            guard id != Self.ids[1] else { throw SpotterError(.conflict, "Its deadline has passed.") }
            return Execution(
                id: id, kind: .probe, state: .queued, attempt: 1, conversationId: nil, agentId: nil, agentVersion: nil,
                input: [:], createdAt: Date(timeIntervalSince1970: 1_800_000_000))
        }
        #expect(refused == 1)
        #expect(output.withLock { $0 } == "\(Self.ids[0]) is queued.\n\(Self.ids[2]) is queued.\n")
        #expect(errors.withLock { $0 } == "\(Self.ids[1]): Its deadline has passed.\n")
    }

    @Test func `what is wrong with the database stops all of it`() async throws {
        let terminal = Terminal(
            isInteractive: false, usesColor: false, output: { _ in .written }, errors: { _ in }, input: { nil })
        await #expect(throws: SpotterError.self) {
            try await QueueRequeueCommand.requeue(Self.ids, asJSON: false, terminal) { _ in
                throw SpotterError(.unavailable, "Nobody answers.")
            }
        }
    }
}
