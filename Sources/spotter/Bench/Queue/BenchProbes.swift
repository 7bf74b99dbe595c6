import Foundation
import SpotterDomain
import SpotterEngine
import Synchronization

/// What probes do while the queue is measured, as their input says; and when they began.
final class BenchProbes: ProgramSource {
    /// What one probe does.
    enum Behaviour: String {
        /// Ends at once.
        case end
        /// Ends at once, and its beginning is kept.
        case timed
        /// Waits for an answer that nobody gives.
        case park
        /// Calls a model.
        case call

        var input: JSONValue { ["behaviour": .string(rawValue)] }
    }

    private let starts = Mutex<[ExecutionID: ContinuousClock.Instant]>([:])

    func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        let behaviour = journal.execution.input["behaviour"]?.string.flatMap(Behaviour.init) ?? .end
        return Assignment(
            journal: journal, program: BenchProgram(behaviour: behaviour, probes: self), scope: scope,
            organization: nil, agent: nil, timeout: .seconds(300))
    }

    fileprivate func began(_ id: ExecutionID) { starts.withLock { $0[id] = .now } }

    /// When its run began; waits until it does.
    ///
    /// - Throws: `SpotterError` after ten seconds.
    func start(of id: ExecutionID) async throws -> ContinuousClock.Instant {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if let start = starts.withLock({ $0.removeValue(forKey: id) }) { return start }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw SpotterError(.unavailable, "An execution was not begun within ten seconds.")
    }
}

private struct BenchProgram: Program {
    let behaviour: BenchProbes.Behaviour
    let probes: BenchProbes

    func decide(_ journal: Journal) -> [Command] {
        switch behaviour {
        case .end: break
        // The measurement sees the run begin; what the program decides does not depend on it.
        case .timed: probes.began(journal.execution.id)
        case .park:
            guard journal.steps.isEmpty else { return [] }
            return [.wait(.input(question: "?", timeout: nil), name: "question")]
        case .call:
            guard journal.step(named: "model") == nil else { break }
            return [.callModel(Self.request, name: "model")]
        }
        return [.finish(output: .object(JSONObject()), answer: nil)]
    }

    private static let request = ModelRequest(
        model: "openai/bench", system: "You help.", messages: [.user("Wait.")], timeout: .seconds(300))
}
