import Foundation
import SpotterDomain

extension StoreConformance {
    static let taskDependencies: [StoreBehaviour] = waitsForDependencies + circles

    private static let waitsForDependencies: [StoreBehaviour] = [
        StoreBehaviour("a run waits until the last runs of all its dependencies have completed") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let (first, second) = (try await gym.task("1", for: agent), try await gym.task("2", for: agent))
            let item = try await gym.task("3", for: agent, after: [first.id, second.id])
            let run = try await gym.start(item, by: agent)
            try require(run.isBlocked)
            try requireEqual(run.wakeAt, nil)
            try requireEqual(try await gym.state(of: item), .blocked)
            let one = try await gym.start(first, by: agent)
            _ = try await gym.end(one.id)
            try requireEqual(try await gym.state(of: item), .blocked)
            let two = try await gym.start(second, by: agent)
            try requireEqual(try await gym.state(of: item), .blocked)
            let position = try await stores.events.lastPosition(in: gym.scope)
            _ = try await gym.end(two.id)
            try requireEqual(try await gym.state(of: item), .queued)
            let events = try await stores.events.events(
                after: position, execution: run.id, limit: 9, in: gym.scope)
            try requireEqual(events.map(\.type), ["execution.queued"])
            let stored = try await stores.executions.execution(run.id, in: gym.scope)
            try requireEqual(stored.currentStep, nil)
            // Now that they have completed, the next run does not wait.
            try requireEqual(try await gym.start(item, by: agent).state, .queued)
            // But it does while one of them is run again.
            _ = try await gym.start(first, by: agent)
            try require(try await gym.start(item, by: agent).isBlocked)
        },
        StoreBehaviour("a failed or cancelled dependency fails all that waits for it, however far away") { stores in
            for end in [ExecutionState.failed, .cancelled] {
                let gym = try await TestOrganization.make(in: stores)
                let agent = try await gym.agent(named: "Coach")
                let first = try await gym.task("0", for: agent)
                var (chain, runs) = ([first], [try await gym.start(first, by: agent)])
                for number in 1...3 {
                    chain.append(try await gym.task("\(number)", for: agent, after: [chain[number - 1].id]))
                    runs.append(try await gym.start(chain[number], by: agent))
                }
                let position = try await stores.events.lastPosition(in: gym.scope)
                _ = try await gym.end(runs[0].id, end)
                for (number, run) in runs.enumerated().dropFirst() {
                    let stored = try await stores.executions.execution(run.id, in: gym.scope)
                    try requireEqual(stored.state, .failed)
                    try requireEqual(stored.error?.code, "dependency_failed")
                    try requireEqual(stored.completedAt, TestOrganization.start)
                    try require(stored.error?.message.contains(chain[number - 1].id.description) ?? false)
                }
                let events = try await stores.events.events(after: position, execution: nil, limit: 9, in: gym.scope)
                try requireEqual(events.map(\.execution), runs.dropFirst().map(\.id))
                // One that is started now fails at once, for the same reason.
                try requireEqual(try await gym.start(chain[1], by: agent).error?.code, "dependency_failed")
            }
        },
        StoreBehaviour("a run that waits is judged anew when its dependencies are changed") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let (first, second) = (try await gym.task("1", for: agent), try await gym.task("2", for: agent))
            let item = try await gym.task("3", for: agent, after: [first.id, second.id])
            let run = try await gym.start(item, by: agent)
            let less = try await gym.change(item) { $0.dependsOn = [second.id] }
            try requireEqual(less.state, .blocked)
            let none = try await gym.change(less.item) { $0.dependsOn = [] }
            try requireEqual(none.state, .queued)
            try requireEqual(try await stores.executions.execution(run.id, in: gym.scope).state, .queued)
        },
        StoreBehaviour("a run that has not begun still waits when it is paused and resumed, or tried again") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let first = try await gym.task("1", for: agent)
            let item = try await gym.task("2", for: agent, after: [first.id])
            let run = try await gym.start(item, by: agent)
            func put(_ state: ExecutionState) async throws -> Execution {
                try await stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) { journal in
                    var execution = journal.execution
                    execution.state = state
                    return ExecutionChange(execution: execution)
                }
            }
            _ = try await put(.paused)
            try requireEqual(try await gym.state(of: item), .paused)
            try require(try await put(.queued).isBlocked)
            let failing = try await gym.start(first, by: agent)
            _ = try await gym.end(failing.id, .failed)
            try requireEqual(try await gym.state(of: item), .failed)
            let again = try await gym.start(first, by: agent)
            try require(try await put(.queued).isBlocked)
            _ = try await gym.end(again.id)
            try requireEqual(try await gym.state(of: item), .queued)
        },
    ]

    private static let circles: [StoreBehaviour] = [
        StoreBehaviour("a dependency that closes a circle is refused, with the way round") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let first = try await gym.task("1", for: agent)
            let second = try await gym.task("2", for: agent, after: [first.id])
            let third = try await gym.task("3", for: agent, after: [second.id])
            let free = try await gym.task("4", for: agent)
            let error = try await requireError(.invalid) {
                try await gym.change(first) { $0.dependsOn = [free.id, third.id] }
            }
            try requireEqual(error.issues.map(\.pointer), ["/depends_on/1"])
            let way = [first, third, second, first].map(\.id.description).joined(separator: " → ")
            try require(error.issues.first?.message.contains(way) ?? false)
            try await requireError(.invalid) { try await gym.change(first) { $0.dependsOn = [first.id] } }
            try requireEqual(
                try await stores.tasks.status(of: first.id, in: gym.scope), WorkItemStatus(item: first))
        },
        StoreBehaviour("changes at once cannot close a circle between them") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            for _ in 0..<5 {
                var ring: [WorkItem] = []
                for number in 0..<4 { ring.append(try await gym.task("\(number)", for: agent)) }
                let items = ring
                let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for (number, item) in items.enumerated() {
                        group.addTask {
                            do {
                                try await gym.change(item) { $0.dependsOn = [items[(number + 1) % 4].id] }
                                return true
                            } catch let error as SpotterError where error.code == .invalid { return false }
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                try requireEqual(made, 3)
            }
        },
    ]

    /// What needs a queue of its own, because runs are taken from it.
    static let taskRaces: [StoreBehaviour] = [
        StoreBehaviour("of dependencies that end at the same time the last lets the run go on") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let worker = try await gym.worker()
            for round in 0..<8 {
                var (items, runs): ([WorkItem], [ExecutionID]) = ([], [])
                for number in 0..<4 {
                    items.append(try await gym.task("\(number)", for: agent))
                    runs.append(try await gym.start(items[number], by: agent).id)
                }
                let claims = try await stores.queue.claim(4, for: worker, after: nil)
                try requireEqual(Set(claims.map(\.execution)), Set(runs))
                let item = try await gym.task("last", for: agent, after: items.map(\.id))
                let held = try await stores.executions.journals(of: runs, in: gym.scope).map(\.execution)
                // On every other round the waiting run is added at the same time too.
                let early = round.isMultiple(of: 2) ? try await gym.start(item, by: agent) : nil
                let late = try await withThrowingTaskGroup(of: Execution?.self) { group in
                    for run in held {
                        group.addTask {
                            try await gym.record(ExecutionRecord(execution: run.ended()))
                            return nil
                        }
                    }
                    if early == nil { group.addTask { try await gym.start(item, by: agent) } }
                    return try await group.reduce(nil) { $0 ?? $1 }
                }
                let run = try unwrap(early ?? late)
                try requireEqual(try await stores.executions.execution(run.id, in: gym.scope).state, .queued)
                _ = try await gym.end(run.id)
            }
        },
        StoreBehaviour("the end of a run is reported with what it lets go on") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let worker = try await gym.worker()
            let first = try await gym.task("1", for: agent)
            let item = try await gym.task("2", for: agent, after: [first.id])
            let one = try await gym.start(first, by: agent)
            let waiting = try await gym.start(item, by: agent)
            _ = try await stores.queue.claim(1, for: worker, after: nil)
            let held = try await stores.executions.execution(one.id, in: gym.scope)
            let report = try await gym.record(
                ExecutionRecord(
                    execution: held.ended(), events: [EventDraft(.executionCompleted, execution: one.id)]))
            try requireEqual(report.events.map(\.type), ["execution.completed", "execution.queued"])
            try requireEqual(report.events.map(\.execution), [one.id, waiting.id])
            try requireEqual(
                try await stores.queue.claim(9, for: worker, after: nil).map(\.execution), [waiting.id])
        },
        StoreBehaviour("a dependency that no process survives fails what waits for it") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let first = try await gym.task("1", for: agent)
            let item = try await gym.task("2", for: agent, after: [first.id])
            let run = try await gym.start(first, by: agent)
            let waiting = try await gym.start(item, by: agent)
            for _ in 0..<Rescue.crashesAllowed {
                let worker = try await gym.worker()
                let claims = try await stores.queue.claim(1, for: worker, after: nil)
                try requireEqual(claims.map(\.execution), [run.id])
                try await stores.queue.leave(worker)
                _ = try await stores.queue.rescue(limit: 9, at: TestOrganization.start, in: gym.scope)
            }
            try requireEqual(try await gym.state(of: first), .failed)
            let stored = try await stores.executions.execution(waiting.id, in: gym.scope)
            try requireEqual(stored.error?.code, "dependency_failed")
        },
        StoreBehaviour("starts, ends and cancellations in a graph of tasks at once leave nothing waiting") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            var layers: [[WorkItem]] = [[]]
            for number in 0..<3 { layers[0].append(try await gym.task("0 \(number)", for: agent)) }
            for layer in 1...2 {
                let below = layers[layer - 1].map(\.id)
                layers.append([])
                for number in 0..<3 {
                    layers[layer].append(try await gym.task("\(layer) \(number)", for: agent, after: below))
                }
            }
            let items = layers.flatMap { $0 }
            for _ in 0..<3 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (number, item) in items.enumerated() {
                        group.addTask {
                            let run = try await gym.start(item, by: agent)
                            if number < 3 { _ = try await gym.end(run.id, number == 2 ? .cancelled : .completed) }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            // Whatever came first: the last runs of the lowest layer have ended, so nothing waits any more.
            let blocked = try await stores.tasks.list(
                WorkItemFilter(state: .blocked), PageRequest(), in: gym.scope)
            try requireEqual(blocked.items.map(\.item.settings.title), [])
        },
    ]
}

extension Execution {
    fileprivate func ended() -> Execution {
        var execution = self
        execution.state = .completed
        execution.completedAt = TestOrganization.start
        return execution
    }
}

extension TestOrganization {
    func state(of item: WorkItem) async throws -> WorkItemState {
        try await stores.tasks.status(of: item.id, in: scope).state
    }
}
