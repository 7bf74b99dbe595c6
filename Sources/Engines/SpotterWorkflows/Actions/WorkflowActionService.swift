public import Foundation
public import SpotterDomain

/// Has agents do what workflows of a CRM ask for.
public struct WorkflowActionService: Sendable {
    private let store: any WorkflowActionStore
    private let agents: any AgentStore
    private let ids: any IDGenerator
    private let onStart: @Sendable (OrganizationScope) -> Void

    /// How long a run may take, in seconds, unless its agent says otherwise.
    private static let usualTimeout = 300

    /// - Parameter onStart: tells those who work that there is something to do.
    public init(
        store: any WorkflowActionStore, agents: any AgentStore, ids: any IDGenerator,
        onStart: @escaping @Sendable (OrganizationScope) -> Void
    ) {
        self.store = store
        self.agents = agents
        self.ids = ids
        self.onStart = onStart
    }

    /// Begins what is asked for: a turn of the agent, without a conversation around it. What the workflow knows is a
    /// stranger's words to it.
    ///
    /// - Returns: the run.
    /// - Throws: `invalid` and `unprocessable`, which name the field; `ReceiptExists`.
    public func start(
        _ action: WorkflowAction, by caller: Caller, at now: Date, receipt: (ExecutionID) -> Receipt?
    ) async throws -> ExecutionID {
        let scope = caller.scope
        let prompt = try action.filledPrompt()
        let agent = try await agent(action.agentId, in: scope)
        let workflow = try await store.workflow(
            named: action.workflowId, new: (ids.id(at: now) as WorkflowID).uuid, in: scope)
        var origin = ExecutionOrigin(caller)
        (origin.isUntrusted, origin.workflow) = (true, workflow)
        var input = JSONObject()
        input["title"] = .string(Self.task(of: action.action))
        input["description"] = .string(prompt)
        input["input"] = action.context
        input["response_schema"] = action.answerSchema
        input["timeout_seconds"] = .int(Int64(agent.settings.limits?.timeoutSeconds ?? Self.usualTimeout))
        let execution = Execution(
            id: ids.id(at: now), kind: .task, state: .queued, attempt: 0, conversationId: nil, agentId: agent.id,
            agentVersion: agent.version, input: try JSONValue.object(input).with(origin), priority: .high,
            createdAt: now)
        try await store.start(execution, action, for: workflow, receipt: receipt(execution.id), in: scope)
        onStart(scope)
        return execution.id
    }

    /// Newest first; of one workflow, or of all.
    public func list(
        workflow: String?, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<WorkflowActionEntry> {
        try await store.list(workflow: workflow, page, in: scope)
    }

    /// The account of a workflow; nil where nothing was asked for by it.
    public func workflow(named name: String, in scope: OrganizationScope) async throws -> UUID? {
        try await store.workflow(named: name, in: scope)
    }

    private func agent(_ id: AgentID, in scope: OrganizationScope) async throws -> Agent {
        let agent: Agent
        do {
            agent = try await agents.agent(id, in: scope)
        } catch let error as SpotterError where error.code == .notFound {
            throw SpotterError.invalid("/agent_id", "is not an agent of this organisation")
        }
        guard agent.settings.external == nil else {
            throw SpotterError.invalid("/agent_id", "is an external agent; a workflow asks one of this house")
        }
        return agent
    }

    /// What the agent is told of what it is to do, before the workflow's own words.
    private static func task(of kind: WorkflowAction.Kind) -> String {
        switch kind {
        case .executeTask: "A workflow of the CRM asks for this to be done. Say in the end what came of it."
        case .analysis:
            "A workflow of the CRM asks for an analysis. Answer with the JSON object that is asked for alone."
        case .generateContent:
            "A workflow of the CRM asks for a text. Answer with the text alone, ready to be used as it is."
        }
    }
}
