import Foundation
import SpotterDomain

extension StoreConformance {
    static let executionLists: [StoreBehaviour] = [
        StoreBehaviour("executions are listed newest first, by any mix of conversation, agent and state") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var runs: [Execution] = []
            for number in 0..<6 {
                var run = try await gym.begunTurn()
                if number.isMultiple(of: 2) {
                    run.state = .completed
                    try await gym.record(ExecutionRecord(execution: run))
                }
                runs.append(run)
            }
            func list(_ filter: ExecutionFilter) async throws -> [ExecutionID] {
                try await allPages(limit: 2) {
                    try await stores.executions.list(filter, $0, in: gym.scope)
                }.map(\.id)
            }
            try requireEqual(try await list(ExecutionFilter()), runs.map(\.id).reversed())
            try requireEqual(
                try await list(ExecutionFilter(state: .completed)), [4, 2, 0].map { runs[$0].id })
            let third = runs[2]
            for state in [nil, ExecutionState.completed] {
                for agent in [nil, third.agentId] {
                    for conversation in [nil, third.conversationId] where agent != nil || conversation != nil {
                        let filter = ExecutionFilter(state: state, agent: agent, conversation: conversation)
                        try requireEqual(try await list(filter), [third.id])
                    }
                }
            }
            try requireEqual(
                try await list(ExecutionFilter(state: .failed, agent: third.agentId)), [])
            try requireEqual(
                try await list(ExecutionFilter(agent: runs[1].agentId, conversation: third.conversationId)), [])
        },
        StoreBehaviour("executions are listed by task, by parent, and those that were given up") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (task, parent): (WorkItemID, ExecutionID) = (gym.id(), gym.id())
            let others = [gym.work(task: task), gym.work(parent: parent), gym.work()]
            var dead = gym.work(parent: parent, task: task)
            dead.state = .failed
            dead.deadAt = TestOrganization.start
            let runs = others + [dead]
            _ = try await stores.executions.enqueue(runs, receipt: nil, in: gym.scope)
            func list(_ filter: ExecutionFilter) async throws -> [Int] {
                let found = try await allPages(limit: 2) {
                    try await stores.executions.list(filter, $0, in: gym.scope)
                }
                return found.compactMap { execution in runs.firstIndex { $0.id == execution.id } }
            }
            try requireEqual(try await list(ExecutionFilter(task: task)), [3, 0])
            try requireEqual(try await list(ExecutionFilter(parent: parent)), [3, 1])
            try requireEqual(try await list(ExecutionFilter(task: task, parent: parent)), [3])
            try requireEqual(try await list(ExecutionFilter(isDead: true)), [3])
            try requireEqual(try await list(ExecutionFilter(task: task, isDead: true)), [3])
            try requireEqual(try await list(ExecutionFilter(parent: parent, isDead: true)), [3])
            try requireEqual(try await list(ExecutionFilter(state: .queued)), [2, 1, 0])
            try requireEqual(try await list(ExecutionFilter(state: .queued, parent: parent)), [1])
            try requireEqual(try await list(ExecutionFilter(state: .queued, isDead: true)), [])
            try requireEqual(try await list(ExecutionFilter(task: gym.id())), [])
            let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
            try requireEqual(try await list(ExecutionFilter(agent: Identifier(nobody), parent: parent)), [])
        },
        StoreBehaviour("journals of many executions are read at once, and what is not there is left out") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let first = try await gym.begunTurn()
            let second = try await gym.begunTurn()
            let steps = [1, 0].map { gym.step($0, of: first, kind: .tool, state: .completed) }
            let other = gym.step(0, of: second, kind: .model, state: .started)
            try await gym.record(
                ExecutionRecord(execution: first, steps: steps), ExecutionRecord(execution: second, steps: [other]))
            let journals = try await stores.executions.journals(of: [second.id, gym.id(), first.id], in: gym.scope)
            try requireEqual(
                Set(journals),
                [Journal(execution: first, steps: steps.reversed()), Journal(execution: second, steps: [other])])
            try requireEqual(journals.count, 2)
            try requireEqual(try await stores.executions.journals(of: [], in: gym.scope), [])
        },
        StoreBehaviour("an unknown execution is not found, and cannot be written") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await requireError(.notFound) { try await stores.executions.execution(gym.id(), in: gym.scope) }
            try await requireError(.notFound) { try await stores.executions.journal(of: gym.id(), in: gym.scope) }
            try await requireError(.notFound) {
                try await stores.executions.change(gym.id(), at: TestOrganization.start, in: gym.scope) { _ in nil }
            }
            try await requireThrows(LeaseLost.self) { try await gym.record(ExecutionRecord(execution: gym.work())) }
        },
    ]
}
