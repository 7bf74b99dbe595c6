import SpotterDomain
import SpotterTesting
import Testing

/// Everything that locks executions, at once and crosswise: a circle of locks would end one of them with an error.
struct DeadlockTests {
    @Test func `records, changes, rescues, claims and deletions of one family at once never deadlock`() async throws {
        let fresh = try await TestStores.fresh()
        let gym = try await TestOrganization.make(in: fresh.stores)
        for _ in 0..<60 {
            let family = try await Family(of: gym)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for work in family.work { group.addTask { try await Self.mayLose(work) } }
                try await group.waitForAll()
            }
            // Everything that was to end has ended, and everybody was told.
            let (first, second) = (family.parents[0].id, family.parents[1].id)
            let parents = try await fresh.stores.executions.journals(of: [first, second], in: gym.scope)
            #expect(parents.map(\.execution.signals) == [4, 3])
        }
        try await fresh.close()
    }

    /// Who is second may find nothing left to write; any other error is a failure.
    private static func mayLose(_ work: @Sendable () async throws -> Void) async throws {
        do { try await work() } catch is LeaseLost {} catch let error as SpotterError {
            // Which locks they were is in the cause.
            throw error.cause ?? error
        }
    }
}

/// Two parents, each with children of three workers, one of which is dead; the records hold them crosswise.
private struct Family: Sendable {
    let gym: TestOrganization
    /// One of each parent: of the turns of one conversation only one is under way at a time.
    let conversations: [Conversation]
    let parents: [Execution]
    /// Held by the worker that holds the other's parent.
    let children: [Execution]
    /// Held by nobody that lives, for the last time.
    let lost: [Execution]
    let waiting: Execution
    /// Waited for by the second child, whose end its parent waits for.
    let grandchild: Execution
    let claimer: WorkerID

    init(of gym: TestOrganization) async throws {
        self.gym = gym
        let agent = try await gym.agent(named: "Agent \(gym.word())")
        let talks = [try await gym.conversation(with: agent), try await gym.conversation(with: agent)]
        conversations = talks
        claimer = try await gym.worker()
        let workers = [try await gym.worker(), try await gym.worker()]
        let dead = try await gym.worker(lease: .zero)
        let both = talks.map { gym.turn(of: $0, with: agent) }
        parents = both
        children = zip(talks, both).map { gym.turn(of: $0, with: agent, parent: $1.id) }
        lost = zip(talks, both).map {
            gym.turn(of: $0, with: agent, parent: $1.id, crashes: Rescue.crashesAllowed - 1)
        }
        waiting = gym.turn(of: talks[0], with: agent, parent: children[0].id)
        grandchild = gym.turn(of: talks[1], with: agent, parent: children[1].id)
        let held = zip(children + parents, [workers[0], workers[1], workers[1], workers[0]])
        for (execution, worker) in Array(held) + lost.map({ ($0, dead) }) + [(waiting, claimer), (grandchild, claimer)]
        {
            let conversation = execution.conversationId ?? talks[0].id
            _ = try await gym.stores.executions.begin(
                execution, message: gym.message("Hello", in: conversation, execution: execution.id), events: [],
                receipt: nil, worker: worker, in: gym.scope)
        }
        // Behind each parent somebody waits.
        for talk in talks { _ = try await gym.ask("Next", gym.turn(of: talk, with: agent), in: talk, worker: claimer) }
    }

    var work: [@Sendable () async throws -> Void] {
        let cross = [0, 1].map { index in
            record([children[index], parents[1 - index]], ending: [children[index].id])
        }
        return cross + [
            record([grandchild, parents[1]], ending: [grandchild.id]), change(children[1].id, to: .cancelled),
            change(waiting.id, to: .cancelled), change(parents[0].id, to: nil), change(parents[1].id, to: nil),
            change(parents[0].id, to: nil), rescue, rescue, wakeAndClaim, enqueue, enqueue,
            ask(conversations[0]), ask(conversations[1]), change(waiting.id, to: nil),
            { try await gym.stores.conversations.delete(conversations[0].id, version: nil, in: gym.scope) },
        ]
    }

    private func record(
        _ executions: [Execution], ending: Set<ExecutionID>
    ) -> @Sendable () async throws -> Void {
        let records = executions.map { execution in
            var last = execution
            let step = gym.step(0, of: execution, kind: .tool, state: .completed)
            if ending.contains(execution.id) { last.state = .completed }
            return ExecutionRecord(
                execution: last, steps: ending.contains(execution.id) ? [step] : [],
                events: [EventDraft(.stepCompleted, execution: execution.id)],
                message: execution.conversationId.map { gym.message("Hi", in: $0, role: .assistant) })
        }
        return { _ = try await gym.stores.executions.record(records, at: TestOrganization.start, in: gym.scope) }
    }

    private func change(_ id: ExecutionID, to state: ExecutionState?) -> @Sendable () async throws -> Void {
        {
            _ = try await gym.stores.executions.change(id, at: TestOrganization.start, in: gym.scope) { journal in
                if journal.execution.state.isTerminal { return nil }
                var changed = journal.execution
                changed.state = state ?? changed.state
                return ExecutionChange(execution: changed, events: [EventDraft(.stepCompleted, execution: id)])
            }
        }
    }

    private func ask(_ conversation: Conversation) -> @Sendable () async throws -> Void {
        {
            let execution = Execution(
                id: gym.id(), kind: .message, state: .running, attempt: 1, conversationId: conversation.id,
                agentId: conversation.agentId, agentVersion: 1, input: [:], createdAt: TestOrganization.start,
                startedAt: TestOrganization.start)
            do { _ = try await gym.ask("And?", execution, in: conversation, worker: claimer) } catch let error
                as SpotterError where error.code == .notFound || error.code == .conflict
            {}
        }
    }

    private func rescue() async throws {
        _ = try await gym.stores.queue.rescue(limit: 10, at: TestOrganization.start, in: gym.scope)
    }

    private func wakeAndClaim() async throws {
        _ = try await gym.stores.queue.wakeDue()
        _ = try await gym.stores.queue.claim(8, for: claimer, after: nil)
    }

    private func enqueue() async throws {
        _ = try await gym.stores.executions.enqueue(
            ["a", "b", "c"].shuffled().map { gym.work(uniqueKey: $0) }, receipt: nil, in: gym.scope)
    }
}
