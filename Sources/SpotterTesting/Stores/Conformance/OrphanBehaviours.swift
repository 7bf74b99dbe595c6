import Foundation
import SpotterDomain

extension StoreConformance {
    /// What was begun by a run that has ended.
    static let orphans: [StoreBehaviour] = [
        StoreBehaviour("open executions are orphans when their parents have ended or are not there") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let parents = try await gym.probes(6)
            let none = gym.work(parent: gym.id())
            var children: [Execution] = []
            for parent in parents { children.append(gym.work(parent: parent.id)) }
            _ = try await stores.executions.enqueue(children + [none], receipt: nil, in: gym.scope)
            try requireEqual(try await stores.queue.orphans(limit: 9, after: nil), gym.names([none]))
            for (parent, state) in zip(parents, [ExecutionState.completed, .failed, .cancelled, .waiting, .paused]) {
                var ended = parent
                ended.state = state
                if state.isTerminal { ended.completedAt = TestOrganization.start }
                try await gym.record(ExecutionRecord(execution: ended))
            }
            try requireEqual(
                try await stores.queue.orphans(limit: 9, after: nil), gym.names(children[..<3] + [none]))
        },
        StoreBehaviour("orphans that have ended or were asked to end are left alone") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            let runs = [gym.work(parent: gym.id()), gym.work(parent: gym.id()), gym.work(parent: gym.id())]
            _ = try await stores.executions.enqueue(runs, receipt: nil, in: gym.scope)
            for id in runs.prefix(2).map(\.id) {
                _ = try await stores.executions.change(id, at: TestOrganization.start, receipt: nil, in: gym.scope) {
                    $0.cancellation(at: TestOrganization.start, reason: "parent_ended")
                }
            }
            let event = try await stores.events.events(after: 0, execution: runs[0].id, limit: 9, in: gym.scope).last
            try requireEqual(event?.type, "execution.cancelled")
            try requireEqual(event?.data, ["reason": "parent_ended"])
            try requireEqual(try await stores.queue.orphans(limit: 9, after: nil), gym.names([runs[2]]))
            try requireEqual(try await stores.queue.claim(9, for: worker, after: nil).map(\.execution), [runs[2].id])
            try requireEqual(try await stores.queue.orphans(limit: 9, after: nil), gym.names([runs[2]]))
            try await gym.ask(.cancel, of: runs[2])
            try requireEqual(try await stores.queue.orphans(limit: 9, after: nil), [])
        },
        StoreBehaviour("orphans of all organisations are found part by part") { stores in
            var all: [Claim.Name] = []
            for _ in 0..<3 {
                let gym = try await TestOrganization.make(in: stores)
                let runs = [gym.work(parent: gym.id()), gym.work(parent: gym.id()), gym.work()]
                _ = try await stores.executions.enqueue(runs, receipt: nil, in: gym.scope)
                all += gym.names(runs[..<2])
            }
            all.sort { ($0.organization, $0.execution) < ($1.organization, $1.execution) }
            var found: [Claim.Name] = []
            for size in [4, 2, 0] {
                let part = try await stores.queue.orphans(limit: 4, after: found.last)
                try requireEqual(part.count, size)
                found += part
            }
            try requireEqual(found, all)
        },
    ]
}

extension TestOrganization {
    fileprivate func names(_ executions: some Sequence<Execution>) -> [Claim.Name] {
        executions.map(\.id).sorted().map { Claim.Name(organization: scope.organization, execution: $0) }
    }

    /// Runs that a worker has taken up.
    fileprivate func probes(_ count: Int) async throws -> [Execution] {
        let runs = (0..<count).map { _ in work() }
        _ = try await stores.executions.enqueue(runs, receipt: nil, in: scope)
        _ = try await stores.queue.claim(count, for: try await worker(), after: nil)
        return try await stores.executions.journals(of: runs.map(\.id), in: scope).map(\.execution)
    }
}
