import Foundation
public import SpotterDomain
public import SpotterEngine

/// Makes assignments of chat turns, also of those that another process began.
public struct ChatSource: ProgramSource {
    private let conversations: any ConversationStore
    private let tools: ToolCaller

    /// How many earlier messages are read for a turn; what fits of them is shown to the model.
    static let messagesRead = 100

    /// A source that reads from `conversations` and tells models of `tools`.
    public init(conversations: any ConversationStore, tools: ToolCaller) {
        self.conversations = conversations
        self.tools = tools
    }

    /// The turn of `journal` as its conversation stands: up to the message that it answers.
    public func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        guard let conversation = journal.execution.conversationId else {
            throw ExecutionError(code: "conversation_deleted", message: "The conversation was deleted.")
        }
        do {
            let context = try await conversations.turnContext(of: conversation, limit: Self.messagesRead, in: scope)
            // What was said after this turn began belongs to later turns.
            let last = context.messages.lastIndex { $0.executionId == journal.execution.id && $0.role == .user }
            let messages = last.map { Array(context.messages[...$0]) } ?? context.messages
            return assignment(for: journal, context, messages: messages, in: scope)
        } catch let error as SpotterError where error.code == .notFound {
            throw ExecutionError(code: "conversation_deleted", message: error.message)
        }
    }

    func assignment(
        for journal: Journal, _ context: TurnContext, messages: [Message], in scope: OrganizationScope
    ) -> Assignment {
        let settings = context.agent.settings.resolved
        let timeout = Duration.seconds(settings.limits?.timeoutSeconds ?? 300)
        let prompt = PromptTemplate(organization: context.organization, now: journal.execution.createdAt)
        let request = ModelRequest(
            model: settings.model, system: prompt.fill(settings.systemPrompt),
            messages: ChatHistory(messages).messages, tools: tools.descriptions(of: settings.tools ?? []),
            temperature: settings.temperature, maxOutputTokens: settings.maxOutputTokens ?? 4_096,
            isStreaming: journal.execution.input["stream"]?.bool ?? false, timeout: timeout)
        return Assignment(
            journal: journal, program: ChatProgram(request: request, limits: settings.limits ?? AgentLimits()),
            scope: scope, organization: context.organization, agent: context.agent, timeout: timeout)
    }
}
