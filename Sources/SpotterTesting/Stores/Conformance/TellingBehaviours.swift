import Foundation
import SpotterDomain

extension StoreConformance {
    /// Records that hold events alone.
    static let tellings: [StoreBehaviour] = [
        StoreBehaviour("a record that only tells leaves the execution as it is, and hears what is asked of it") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            let other = try await gym.begunTurn()
            var stale = run
            stale.currentStep = "think"
            stale.stepsTotal = 9
            var telling = ExecutionRecord(
                execution: stale, events: [EventDraft(.messageDelta, execution: run.id, data: ["text": "Hel"])])
            telling.onlyTells = true
            var changed = other
            changed.currentStep = "think"
            let report = try await gym.record(telling, ExecutionRecord(execution: changed))
            try requireEqual(report.events.map(\.type), ["message.delta"])
            try requireEqual(report.requested, [:])
            try requireEqual(try await stores.executions.execution(run.id, in: gym.scope), run)
            try requireEqual(try await stores.executions.execution(other.id, in: gym.scope), changed)
            try await gym.ask(.pause, of: run)
            try requireEqual(try await gym.record(telling).requested, [run.id: .pause])
        },
        StoreBehaviour("one that is lost keeps back what others tell with it") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let held = try await gym.begunTurn()
            let left = try await gym.begunTurn(worker: try await gym.worker(lease: .zero))
            _ = try await stores.queue.rescue(limit: 10, at: TestOrganization.start, in: gym.scope)
            let position = try await stores.events.lastPosition(in: gym.scope)
            let records = [held, left].map { run in
                var record = ExecutionRecord(execution: run, events: [EventDraft(.messageDelta, execution: run.id)])
                record.onlyTells = true
                return record
            }
            try await requireThrows(LeaseLost.self) { try await gym.record(records[0], records[1]) }
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), position)
            try await gym.record(records[0])
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), position + 1)
        },
    ]
}
