import Dispatch
import Foundation
import ServiceKit
import SpotterAgents
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import Synchronization

extension SpotterProduct {
    func openChat(organization: String, agent: String) async throws -> any ChatSession {
        // The application lives as long as the session, in a task of its own that ends when the session is closed.
        let (opened, opening) = AsyncThrowingStream.makeStream(of: TerminalChat.self)
        let (closed, closing) = AsyncStream.makeStream(of: Void.self)
        let lifetime = Task {
            do {
                try await withApplication { application, _, _ in
                    let scope = OrganizationScope(try await self.organization(organization, in: application).id)
                    let found = try await self.agent(agent, in: scope, application)
                    let conversation = try await begin(with: found, in: scope, application)
                    try await runServices(of: application) {
                        opening.yield(
                            TerminalChat(
                                agent: found, conversation: conversation.id, scope: scope, application: application,
                                closing: closing))
                        for await _ in closed {}
                    }
                }
                opening.finish()
            } catch {
                opening.finish(throwing: error)
            }
        }
        for try await session in opened {
            session.lifetime(lifetime)
            return session
        }
        throw CancellationError()
    }

    func runServices(of application: Application, _ work: @escaping @Sendable () async -> Void) async throws {
        let group = application.serviceGroup(server: nil)
        try await application.run(group) {
            await work()
            group.shutDown()
        }
    }

    func agent(_ name: String, in scope: OrganizationScope, _ application: Application) async throws -> Agent {
        let store = application.stores.agents
        if let id = AgentID(name) { return try await store.agent(id, in: scope) }
        if let agent = try await store.agent(named: name, in: scope) { return agent }
        let byRole = try await store.list(AgentFilter(role: name), PageRequest(limit: 1), in: scope)
        if let agent = byRole.items.first { return agent }
        let all = try await store.list(AgentFilter(), PageRequest(limit: 200), in: scope).items
        let names = all.map(\.settings.name)
        let hint = DidYouMean.hint(for: name, among: names + all.compactMap(\.settings.role))
        let problem = DidYouMean.sentence("There is no agent \(name)\(hint)")
        throw SpotterError(.notFound, "\(problem) There are: \(names.joined(separator: ", ")).")
    }

    private func begin(
        with agent: Agent, in scope: OrganizationScope, _ application: Application
    ) async throws -> Conversation {
        let now = application.clock.now()
        let conversation = Conversation(
            id: application.ids.id(at: now), agentId: agent.id, title: "In the terminal", createdAt: now, updatedAt: now
        )
        try await application.stores.conversations.create(conversation, receipt: nil, in: scope)
        return conversation
    }
}

/// A conversation in this process.
private final class TerminalChat: ChatSession {
    let agent: Agent
    private let conversation: ConversationID
    private let scope: OrganizationScope
    private let application: Application
    private let closing: AsyncStream<Void>.Continuation
    /// The turn that is under way.
    private let current = Mutex<ExecutionID?>(nil)
    private let task = AsyncStream.makeStream(of: Task<Void, Never>.self)

    init(
        agent: Agent, conversation: ConversationID, scope: OrganizationScope, application: Application,
        closing: AsyncStream<Void>.Continuation
    ) {
        self.agent = agent
        self.conversation = conversation
        self.scope = scope
        self.application = application
        self.closing = closing
    }

    func lifetime(_ lifetime: Task<Void, Never>) {
        task.continuation.yield(lifetime)
        task.continuation.finish()
    }

    func send(_ content: String, onEvent: @escaping @Sendable (Event) async throws -> Void) async throws {
        let turn = ChatTurn(conversation: conversation, content: content, isStreaming: true)
        let started = try await application.chat.start(turn, in: scope)
        current.withLock { $0 = started.execution.id }
        defer { current.withLock { $0 = nil } }
        try await application.feed.follow(
            after: started.position, execution: started.execution.id, in: scope
        ) { events in
            for event in events { try await onEvent(event) }
            let ends = [EventType.executionCompleted, .executionFailed, .executionCancelled].map(\.rawValue)
            return !events.contains { ends.contains($0.type) }
        }
    }

    func decide(_ decision: ConsoleDecision, on id: ApprovalID) async throws {
        _ = try await application.decide(decision, on: id, in: scope)
    }

    func cancel() async throws {
        guard let execution = current.withLock(\.self) else { return }
        _ = try await application.workforce.control.cancel(execution, in: scope)
    }

    func onInterrupt(_ act: @escaping @Sendable () -> Void) {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            // The handler holds its source: it is heeded for as long as the process lives.
            _ = source
            act()
        }
        source.resume()
    }

    func close() async {
        closing.finish()
        for await lifetime in task.stream { await lifetime.value }
    }
}
