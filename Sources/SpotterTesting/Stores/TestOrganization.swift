public import Foundation
public import SpotterDomain

/// A fresh organisation for one test, and short ways to fill it.
public struct TestOrganization: Sendable {
    /// Where it is kept.
    public let stores: StoreSet
    /// As it was created.
    public let organization: Organization
    /// What stores are asked with.
    public let scope: OrganizationScope
    private let ids: any IDGenerator

    /// Creates an organisation with a slug of its own.
    public static func make(in stores: StoreSet, name: String = "Iron Temple") async throws -> TestOrganization {
        let ids = RandomIDGenerator()
        let id: OrganizationID = ids.id(at: Date())
        let definition = TenantDefinition(
            slug: "gym-" + id.description.dropFirst(4), name: name, timezone: "Europe/London", currency: "GBP",
            plan: .pro)
        let organization = try await stores.organizations.apply(definition, id: id, at: Self.start)
        return TestOrganization(
            stores: stores, organization: organization, scope: OrganizationScope(id), ids: ids)
    }

    /// The time that records made here carry: a whole second, so that every store gives it back exactly.
    public static let start = Date(timeIntervalSince1970: 1_795_000_000)

    /// A new id; later ones are greater.
    public func id<Kind>() -> Identifier<Kind> { ids.id(at: Self.start) }

    /// An agent that is not stored yet.
    public func draftAgent(named name: String, role: String? = nil, template: String? = nil) -> Agent {
        let settings = AgentSettings(
            name: name, description: "Answers members' questions", role: role, systemPrompt: "You are helpful.",
            model: "offline", tools: ["search_clients"], capabilities: ["support"], metadata: ["pack": "gym"])
        return Agent(
            id: id(), version: 1, settings: settings.resolved, template: template, createdAt: Self.start,
            updatedAt: Self.start)
    }

    /// Stores an agent.
    public func agent(named name: String, role: String? = nil, template: String? = nil) async throws -> Agent {
        let agent = draftAgent(named: name, role: role, template: template)
        try await stores.agents.create(agent, receipt: nil, in: scope)
        return agent
    }

    /// Stores a conversation with `agent`.
    public func conversation(with agent: Agent, title: String = "A chat") async throws -> Conversation {
        let conversation = Conversation(
            id: id(), agentId: agent.id, title: title, createdAt: Self.start, updatedAt: Self.start)
        try await stores.conversations.create(conversation, receipt: nil, in: scope)
        return conversation
    }

    /// What somebody says in `conversation`, not stored yet.
    public func message(
        _ text: String, in conversation: ConversationID, role: Message.Role = .user, execution: ExecutionID? = nil
    ) -> Message {
        Message(
            id: id(), conversationId: conversation, role: role, content: text,
            transcript: [ModelMessage(role: role == .user ? .user : .assistant, parts: [.text(text)])],
            executionId: execution, createdAt: Self.start)
    }

    /// A running chat turn, not stored yet.
    public func turn(
        of conversation: Conversation, with agent: Agent, parent: ExecutionID? = nil, crashes: Int = 0
    ) -> Execution {
        Execution(
            id: id(), kind: .message, state: .running, attempt: 1, conversationId: conversation.id,
            agentId: agent.id, agentVersion: agent.version, input: ["content": "Hello"], parentId: parent,
            crashes: crashes, createdAt: Self.start, startedAt: Self.start)
    }

    /// Enters a worker, alive for `lease`: longer than any test, and none at all with `.zero`.
    public func worker(lease: Duration = .seconds(3_600)) async throws -> WorkerID {
        let worker: WorkerID = id()
        try await stores.queue.register(worker, lease: lease)
        return worker
    }

    /// A stored agent, a conversation with it, and a turn that has begun in it, held by `worker` or by a new one.
    public func begunTurn(worker: WorkerID? = nil, receipt: Receipt? = nil) async throws -> Execution {
        let holder = if let worker { worker } else { try await self.worker() }
        let agent = try await agent(named: "Agent \(id() as AgentID)")
        let conversation = try await conversation(with: agent)
        let execution = turn(of: conversation, with: agent)
        _ = try await stores.executions.begin(
            execution, message: message("Hello", in: conversation.id, execution: execution.id),
            events: [EventDraft(.executionStarted, execution: execution.id)], receipt: receipt, worker: holder,
            in: scope)
        return execution
    }
}
