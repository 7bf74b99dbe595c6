import Foundation
public import SpotterDomain

extension StoreConformance {
    static let workflowActions: [StoreBehaviour] = [
        StoreBehaviour("a workflow of a CRM has one account, however many ask at once, and each organisation its own") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.workflowActions.workflow(named: "lead", in: gym.scope), nil)
            let ids = try await withThrowingTaskGroup(of: UUID.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await stores.workflowActions.workflow(
                            named: "lead", new: (gym.id() as WorkflowID).uuid, in: gym.scope)
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            try requireEqual(ids.count, 1)
            try requireEqual(try await stores.workflowActions.workflow(named: "lead", in: gym.scope), ids.first)
            try requireEqual(try await stores.workflowActions.workflow(named: "lead", in: other.scope), nil)
        },
        StoreBehaviour("what workflows have agents do is queued once for a key, and listed by workflow, newest first") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Analyst")
            let first = try await gym.workflowAction(by: agent, workflow: "one", receipt: "key")
            try await requireThrows(ReceiptExists.self) {
                _ = try await gym.workflowAction(by: agent, workflow: "one", receipt: "key")
            }
            let second = try await gym.workflowAction(by: agent, workflow: "two")
            let all = try await allPages(limit: 1) {
                try await stores.workflowActions.list(workflow: nil, $0, in: gym.scope)
            }
            try requireEqual(all.map(\.execution), [second.id, first.id])
            try requireEqual(all.map(\.workflow), ["two", "one"])
            try requireEqual(all.map(\.state), [.queued, .queued])
            try requireEqual(all[0].sum, UsageSum(key: nil, lines: 0, usage: TokenUsage(), cost: .zero))
            let one = try await stores.workflowActions.list(workflow: "one", PageRequest(), in: gym.scope).items
            try requireEqual(one.map(\.execution), [first.id])
            try requireEqual(one.map(\.agent), [agent.id])
            try requireEqual(
                try await stores.workflowActions.list(workflow: "three", PageRequest(), in: gym.scope).items, [])
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(
                try await stores.workflowActions.list(workflow: nil, PageRequest(), in: other.scope).items, [])
            let runs = try await stores.executions.list(ExecutionFilter(), PageRequest(), in: gym.scope).items
            try requireEqual(Set(runs.map(\.id)), [first.id, second.id])
        },
        StoreBehaviour("lines are added up by the workflow that they were spent for, by the CRM's name of it") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Analyst")
            let run = try await gym.workflowAction(by: agent, workflow: "lead")
            let workflow = try await gym.workflow(named: "Graph")
            let account = try await stores.workflowActions.workflow(named: "lead", in: gym.scope)
            let turn = try await gym.begunTurn()
            for (id, count) in [(account, 1), (workflow.id.uuid, 2), (nil, 1)] as [(UUID?, Int)] {
                for _ in 0..<count {
                    let line = LedgerLine(
                        id: gym.id(), at: TestOrganization.start, call: .init(step: gym.id()), execution: run.id,
                        agentId: agent.id, conversationId: nil, taskId: nil, provider: "openai", model: "m",
                        outcome: .completed, usage: TokenUsage(inputTokens: 1, modelCalls: 1), rawUsage: nil,
                        isEstimate: false, priceVersion: nil, markupVersion: nil, cost: .zero, workflow: id)
                    try await gym.record(ExecutionRecord(execution: turn, ledger: [line]))
                }
            }
            let usage = try await stores.ledger.usage(LedgerFilter(), by: .workflow, in: gym.scope)
            let counts = Dictionary(uniqueKeysWithValues: usage.groups.map { ($0.key ?? "none", $0.lines) })
            try requireEqual(counts, ["crm:lead": 1, workflow.id.description: 2, "none": 1])
            let mine = try await stores.ledger.usage(LedgerFilter(workflow: account), by: nil, in: gym.scope)
            try requireEqual(mine.total.lines, 1)
        },
    ]
}

extension TestOrganization {
    /// An analysis that a workflow of a CRM has asked for.
    public func workflowAction(by agent: Agent, workflow: String, receipt key: String? = nil) async throws -> Execution
    {
        let action = WorkflowAction(.analysis, by: agent.id, workflow: workflow, prompt: "How?")
        let account = try await stores.workflowActions.workflow(
            named: workflow, new: (id() as WorkflowID).uuid, in: scope)
        let execution = Execution(
            id: id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: agent.id,
            agentVersion: agent.version, input: try JSONValue.object([:]).with(ExecutionOrigin(workflow: account)),
            createdAt: Self.start)
        try await stores.workflowActions.start(
            execution, action, for: account, receipt: key.map { receipt($0) }, in: scope)
        return execution
    }
}
