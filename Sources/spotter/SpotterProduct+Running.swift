import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres

extension SpotterProduct {
    func run(
        _ order: RunOrder, onEvent: @escaping @Sendable (Event) -> Void,
        onQuestion: @escaping @Sendable (String) -> JSONValue?
    ) async throws -> Execution {
        try await withApplication { application, _, _ in
            let scope = OrganizationScope(try await self.organization(order.organization, in: application).id)
            let agent = try await self.agent(order.agent, in: scope, application)
            let execution = try Self.execution(for: order, by: agent, application)
            let (outcome, ending) = AsyncThrowingStream.makeStream(of: Execution.self)
            try await self.runServices(of: application) {
                do {
                    _ = try await application.stores.executions.enqueue([execution], receipt: nil, in: scope)
                    application.workforce.announce()
                    let following = Following(
                        application, scope, execution.id, onEvents: { $0.forEach(onEvent) }, onQuestion)
                    ending.yield(try await following.toTheEnd())
                    ending.finish()
                } catch { ending.finish(throwing: error) }
            }
            for try await ended in outcome { return ended }
            return execution
        }
    }

    private static func execution(
        for order: RunOrder, by agent: Agent, _ application: Application
    ) throws -> Execution {
        let now = application.clock.now()
        let wanted = WorkItemOrder(
            title: String(order.task.prefix { $0 != "\n" }.prefix(200)), description: order.task, input: order.input,
            timeoutSeconds: order.timeoutSeconds, limits: order.options.limits, dryRun: order.options.dryRun,
            model: order.options.model, requestedBy: order.options.requestedBy, preferences: order.options.preferences)
        return Execution(
            id: application.ids.id(at: now), kind: .autonomous, state: .queued, attempt: 0, conversationId: nil,
            agentId: agent.id, agentVersion: agent.version, input: try JSONValue(encoding: wanted), createdAt: now)
    }
}

/// Somebody who watches a run, and answers what it asks.
struct Following: Sendable {
    private let application: Application
    private let scope: OrganizationScope
    private let id: ExecutionID
    private let onEvents: @Sendable ([Event]) async throws -> Void
    private let onQuestion: @Sendable (String) -> JSONValue?

    init(
        _ application: Application, _ scope: OrganizationScope, _ id: ExecutionID,
        onEvents: @escaping @Sendable ([Event]) async throws -> Void,
        _ onQuestion: @escaping @Sendable (String) -> JSONValue?
    ) {
        self.application = application
        self.scope = scope
        self.id = id
        self.onEvents = onEvents
        self.onQuestion = onQuestion
    }

    func toTheEnd() async throws -> Execution {
        try await application.feed.follow(after: 0, execution: id, in: scope) { events in
            try await onEvents(events)
            let ends = [EventType.executionCompleted, .executionFailed, .executionCancelled].map(\.rawValue)
            if events.contains(where: { ends.contains($0.type) }) { return false }
            guard events.contains(where: { $0.type == EventType.executionWaiting.rawValue }) else { return true }
            return try await answer()
        }
        return try await application.stores.executions.execution(id, in: scope)
    }

    /// What people have to decide before it goes on, also in what it has begun.
    func openApprovals() async throws -> [Approval] {
        var found: [Approval] = []
        var runs = [id]
        while let run = runs.popLast(), found.count < Self.mostShown {
            let journal = try await application.stores.executions.journal(of: run, in: scope)
            found += journal.openWaits.compactMap { Approval($0, of: run) }
            runs += journal.openWaits.compactMap(\.child)
        }
        return found
    }

    private static let mostShown = 20

    /// False where nobody answers.
    private func answer() async throws -> Bool {
        let journal = try await application.stores.executions.journal(of: id, in: scope)
        for step in journal.openWaits where step.kind == .input {
            guard let answer = onQuestion(step.input["question"]?.string ?? "") else { return false }
            _ = try await application.workforce.control.answer(id, step: step.id, with: answer, in: scope)
        }
        // Approvals are decided elsewhere, by whoever may.
        return !journal.openWaits.contains { $0.kind == .approval }
    }
}
