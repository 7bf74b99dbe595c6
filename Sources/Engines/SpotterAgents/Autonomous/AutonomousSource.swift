import Foundation
public import SpotterDomain
public import SpotterEngine

/// Makes assignments of agents on their own: of tasks of kind `autonomous`, and of what such agents delegate.
public struct AutonomousSource: ProgramSource {
    private let organizations: any OrganizationStore
    private let agents: any AgentStore
    private let memory: any WorkingMemoryStore
    private let tools: ToolCaller
    private let models: any ModelCatalog
    private let prompts: @Sendable () -> AutonomyPrompts

    /// A source that reads from these stores; `prompts` are those of the files as they are now.
    public init(
        organizations: any OrganizationStore, agents: any AgentStore, memory: any WorkingMemoryStore,
        tools: ToolCaller, models: any ModelCatalog, prompts: @escaping @Sendable () -> AutonomyPrompts
    ) {
        self.organizations = organizations
        self.agents = agents
        self.memory = memory
        self.tools = tools
        self.models = models
        self.prompts = prompts
    }

    /// Tools that every agent on its own has, whatever its list says.
    static let coreTools = ["store_data", "retrieve_data", "http_request"]
    /// The most colleagues that an agent is told of.
    private static let mostColleagues = 100

    /// The run of `journal`. Its input says what is to be done: see ``WorkItemOrder``.
    public func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        let execution = journal.execution
        guard let id = execution.agentId, let number = execution.agentVersion else {
            throw ExecutionError(code: "agent_missing", message: "The task names no agent.")
        }
        do {
            let organization = try await organizations.organization(in: scope)
            let version = try await agents.version(number, of: id, in: scope)
            let agent = Agent(
                id: id, version: number, settings: version.settings.resolved, createdAt: version.createdAt,
                updatedAt: version.createdAt)
            let known = try await memory.recall(
                [.agent(id), .organization], limit: TurnContext.entriesRecalled, in: scope)
            let others = try await agents.list(
                AgentFilter(enabled: true), PageRequest(limit: Self.mostColleagues), in: scope)
            let order = try execution.input.decodedUnchecked(as: WorkItemOrder.self)
            return assignment(
                for: journal, order, organization, agent, known, others.items.filter { $0.id != id }, in: scope)
        } catch let error as SpotterError where error.code == .notFound {
            throw ExecutionError(code: "agent_missing", message: error.message)
        }
    }

    private func assignment(
        for journal: Journal, _ order: WorkItemOrder, _ organization: Organization, _ agent: Agent,
        _ memory: [MemoryEntry], _ colleagues: [Agent], in scope: OrganizationScope
    ) -> Assignment {
        let (settings, prompts) = (agent.settings, prompts())
        let timeout = Duration.seconds(order.timeoutSeconds)
        let model = order.model ?? settings.model
        let (limits, standard) = (order.limits ?? AutonomyLimits(), AutonomyLimits.standard)
        let brief = AutonomousBrief(
            maxIterations: limits.maxIterations ?? standard.iterations,
            maxConsecutiveErrors: limits.maxConsecutiveErrors ?? standard.consecutiveErrors,
            isDryRun: order.dryRun ?? false, timeoutSeconds: order.timeoutSeconds, colleagues: colleagues)
        let allowed = (settings.tools ?? []) + Self.coreTools.filter { settings.tools?.contains($0) != true }
        let request = ModelRequest(
            model: model,
            system: system(prompts, order, organization, settings, brief, at: journal.execution.createdAt),
            messages: [], tools: ProgramTool.allCases.map(\.description) + tools.descriptions(of: allowed, in: scope),
            temperature: settings.temperature,
            maxOutputTokens: limits.maxOutputTokens ?? settings.maxOutputTokens ?? standard.outputTokens,
            isStreaming: true, timeout: timeout)
        let task = prompts.fill(
            .task,
            [
                "title": order.title, "description": order.description ?? "",
                "input": order.input == .object(JSONObject()) ? "" : "Input:\n\(order.input.description)",
            ])
        let context = ChatContext(
            request: request, past: TurnPast(messages: [.user(task)], memory: memory), settings: settings.context,
            window: models.contextWindow(ofModel: model))
        return Assignment(
            journal: journal, program: AutonomousProgram(context: context, prompts: prompts, brief: brief),
            scope: scope, organization: organization, agent: agent, tools: allowed, isDryRun: brief.isDryRun,
            timeout: timeout)
    }

    private func system(
        _ prompts: AutonomyPrompts, _ order: WorkItemOrder, _ organization: Organization, _ settings: AgentSettings,
        _ brief: AutonomousBrief, at time: Date
    ) -> String {
        let template = PromptTemplate(organization: organization, now: time)
        var values = template.values
        values["agent.prompt"] = template.fill(settings.systemPrompt)
        values["user"] = order.requestedBy ?? "nobody in particular"
        values["preferences"] = order.preferences.map { $0.string ?? $0.description } ?? "nothing was said"
        values["colleagues"] = brief.introduction
        return prompts.fill(.system, values)
    }
}
