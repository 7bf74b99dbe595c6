public import SpotterDomain
public import SpotterEngine

/// Makes assignments of compressions.
public struct CompressionSource: ProgramSource {
    private let conversations: any ConversationStore
    private let models: any ModelCatalog
    private let sessions: SessionCompression?

    /// How long one may take.
    private static let timeout = Duration.seconds(180)

    /// A source that reads sessions from `conversations`; `models` knows how much models can read.
    ///
    /// - Parameter sessions: where the contracts are of sessions that are no conversations; nil leaves those out.
    public init(
        conversations: any ConversationStore, models: any ModelCatalog,
        sessions: (contracts: any ContractStore, agents: any AgentStore, organizations: any OrganizationStore)? = nil
    ) {
        self.sessions = sessions.map {
            SessionCompression(contracts: $0.contracts, agents: $0.agents, organizations: $0.organizations)
        }
        self.conversations = conversations
        self.models = models
    }

    /// The session of `journal` as it is now, to be summarised by the agent of the session.
    public func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        if let session = journal.execution.input[SessionCompression.member]?.string, let sessions {
            return try await sessions.assignment(for: journal, of: session, in: scope)
        }
        guard let session = journal.execution.conversationId else {
            throw ExecutionError(code: "conversation_deleted", message: "The conversation was deleted.")
        }
        do {
            let context = try await conversations.turnContext(
                of: session, limit: ChatSource.messagesRead, in: scope)
            let settings = context.agent.settings.resolved
            // The same prompt as the agent's turns have: what fits beside it is what counts.
            let request = ModelRequest(
                model: settings.model, system: settings.systemPrompt, messages: [],
                maxOutputTokens: settings.maxOutputTokens ?? 4_096, timeout: Self.timeout)
            let past = TurnPast(
                context.messages, block: context.block, unread: context.unread, memory: context.memory)
            let program = CompressionProgram(
                context: ChatContext(
                    request: request, past: past, settings: settings.context,
                    window: models.contextWindow(ofModel: settings.model)),
                block: context.block)
            return Assignment(
                journal: journal, program: program, scope: scope, organization: context.organization,
                agent: context.agent, timeout: Self.timeout)
        } catch let error as SpotterError where error.code == .notFound {
            throw ExecutionError(code: "conversation_deleted", message: error.message)
        }
    }
}
