import Foundation
public import SpotterDomain
public import SpotterEngine

/// Makes assignments of task runs: one turn of the agent, in the version that the run began with, without a
/// conversation around it.
public struct TaskSource: ProgramSource {
    private let organizations: any OrganizationStore
    private let agents: any AgentStore
    private let tools: ToolCaller
    private let memory: any WorkingMemoryStore
    private let models: any ModelCatalog

    /// A source that reads from these stores and tells models of `tools`; `models` knows how much they can read.
    public init(
        organizations: any OrganizationStore, agents: any AgentStore, memory: any WorkingMemoryStore,
        tools: ToolCaller, models: any ModelCatalog
    ) {
        self.memory = memory
        self.models = models
        self.organizations = organizations
        self.agents = agents
        self.tools = tools
    }

    /// The run of `journal`. Its input says what is to be done: `title`, `description`, `input`; `response_schema` where
    /// a JSON object of that form is wanted.
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
            return try assignment(for: journal, organization, agent, known, in: scope)
        } catch let error as SpotterError where error.code == .notFound {
            throw ExecutionError(code: "agent_missing", message: error.message)
        }
    }

    private func assignment(
        for journal: Journal, _ organization: Organization, _ agent: Agent, _ memory: [MemoryEntry],
        in scope: OrganizationScope
    ) throws -> Assignment {
        let settings = agent.settings
        // The task says how long a run may take; what the agent says is for its turns in conversations.
        let seconds = journal.execution.input["timeout_seconds"]?.int ?? settings.limits?.timeoutSeconds ?? 300
        let timeout = Duration.seconds(seconds)
        let prompt = PromptTemplate(organization: organization, now: journal.execution.createdAt)
        var request = ModelRequest(
            model: settings.model, system: prompt.fill(settings.systemPrompt),
            messages: [],
            tools: tools.descriptions(of: settings.tools ?? [], in: scope), temperature: settings.temperature,
            maxOutputTokens: settings.maxOutputTokens ?? 4_096, isStreaming: false, timeout: timeout)
        request.responseSchema = try Self.schema(in: journal.execution.input)
        let context = ChatContext(
            request: request,
            past: TurnPast(messages: [.user(Self.message(for: journal.execution.input))], memory: memory),
            settings: settings.context, window: models.contextWindow(ofModel: settings.model))
        return Assignment(
            journal: journal, program: ChatProgram(context: context, limits: settings.limits ?? AgentLimits()),
            scope: scope, organization: organization, agent: agent, timeout: timeout)
    }

    /// What the answer must look like, if whoever asked said so.
    private static func schema(in input: JSONValue) throws -> ResponseSchema? {
        guard let declared = input["response_schema"], !declared.isNull else { return nil }
        do {
            return try ResponseSchema(name: "answer", schema: JSONSchema(declared: declared))
        } catch {
            throw ExecutionError(code: "parameters_invalid", message: "The schema of the answer cannot be used.")
        }
    }

    /// What the agent is told: the task in words, and its input as it is.
    static func message(for input: JSONValue) -> String {
        var parts = [input["title"]?.string, input["description"]?.string].compactMap { $0 }.filter { !$0.isEmpty }
        if let data = input["input"], data != .null, data != .object(JSONObject()) {
            parts.append("Input:\n\(data.description)")
        }
        return parts.joined(separator: "\n\n")
    }
}
