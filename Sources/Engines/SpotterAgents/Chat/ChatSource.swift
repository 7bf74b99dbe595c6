import Foundation
public import SpotterDomain
public import SpotterEngine

/// Makes assignments of chat turns, also of those that another process began.
public struct ChatSource: ProgramSource {
    private let conversations: any ConversationStore
    private let agents: any AgentStore
    private let tools: ToolCaller
    private let models: any ModelCatalog

    /// How many earlier messages are read for a turn, beside the memory block before them. More than are shown, so that
    /// those that no longer are can be summarised.
    static let messagesRead = 2 * ContextBudget.mostMessages

    /// A source that reads from these stores and tells models of `tools`; `models` knows how much they can read.
    public init(
        conversations: any ConversationStore, agents: any AgentStore, tools: ToolCaller, models: any ModelCatalog
    ) {
        self.models = models
        self.agents = agents
        self.conversations = conversations
        self.tools = tools
    }

    /// The turn of `journal`: its agent in the version that it began with, and the conversation up to the message that
    /// it answers.
    public func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        guard let conversation = journal.execution.conversationId else {
            throw ExecutionError(code: "conversation_deleted", message: "The conversation was deleted.")
        }
        do {
            let context = try await conversations.turnContext(of: conversation, limit: Self.messagesRead, in: scope)
            // What was said after this turn began belongs to later turns.
            let question = journal.execution.question
            let last = context.messages.lastIndex { message in
                guard message.role == .user else { return false }
                return question.map { $0 == message.id } ?? (message.executionId == journal.execution.id)
            }
            let agent = try await agent(of: journal.execution, in: context, scope)
            let past =
                if let last {
                    TurnPast(
                        Array(context.messages[...last]), block: context.block, unread: context.unread,
                        memory: context.memory)
                } else {
                    // So old that the conversation has moved on by more than is read, or was summarised beyond it.
                    TurnPast(messages: [Self.question(of: journal.execution)], memory: context.memory)
                }
            return assignment(for: journal, agent, context.organization, past, in: scope)
        } catch let error as SpotterError where error.code == .notFound {
            throw ExecutionError(code: "conversation_deleted", message: error.message)
        }
    }

    /// The message that the turn answers, as its execution knows it.
    private static func question(of execution: Execution) -> ModelMessage {
        .user(execution.input["content"]?.string ?? "")
    }

    /// The agent as it was when the turn began.
    private func agent(
        of execution: Execution, in context: TurnContext, _ scope: OrganizationScope
    ) async throws -> Agent {
        guard let id = execution.agentId, let number = execution.agentVersion,
            id != context.agent.id || number != context.agent.version
        else { return context.agent }
        let version = try await agents.version(number, of: id, in: scope)
        return Agent(
            id: id, version: number, settings: version.settings, createdAt: version.createdAt,
            updatedAt: version.createdAt)
    }

    func assignment(
        for journal: Journal, _ agent: Agent, _ organization: Organization, _ past: TurnPast,
        in scope: OrganizationScope
    ) -> Assignment {
        let settings = agent.settings.resolved
        let timeout = Duration.seconds(settings.limits?.timeoutSeconds ?? 300)
        let prompt = PromptTemplate(organization: organization, now: journal.execution.createdAt)
        let request = ModelRequest(
            model: settings.model, system: prompt.fill(settings.systemPrompt),
            messages: [], tools: tools.descriptions(of: settings.tools ?? [], in: scope),
            temperature: settings.temperature, maxOutputTokens: settings.maxOutputTokens ?? 4_096,
            isStreaming: journal.execution.input["stream"]?.bool ?? false, timeout: timeout)
        let context = ChatContext(
            request: request, past: past, settings: settings.context,
            window: models.contextWindow(ofModel: settings.model))
        return Assignment(
            journal: journal, program: ChatProgram(context: context, limits: settings.limits ?? AgentLimits()),
            scope: scope, organization: organization, agent: agent, timeout: timeout)
    }
}
