import Foundation
import SpotterDomain

/// Everything of one organisation.
struct OrganizationRecords: Sendable {
    struct StoredAgent: Sendable {
        var agent: Agent
        var versions: [AgentVersion]
        var isDeleted = false
    }

    struct StoredWorkflow: Sendable {
        var workflow: Workflow
        var versions: [WorkflowVersion]
        var isDeleted = false
    }

    struct StoredTrigger: Sendable {
        var trigger: Trigger
        var isDeleted = false
    }

    struct StoredConversation: Sendable {
        var conversation: Conversation
        /// In the order of their places.
        var messages: [Message] = []
        /// In the order in which they were made.
        var blocks: [MemoryBlock] = []
        /// The execution whose turn it is.
        var floor: ExecutionID?
        /// Messages whose turn has not come, in the order in which they were accepted.
        var line: [Message] = []
    }

    var organization: Organization?
    var limits = TenantDefinition.Limits()
    var rates: [String: StoredRate] = [:]
    var tokens: [TokenID: TokenRecord] = [:]
    var audit: [AuditEntryID: AuditEntry] = [:]
    var receipts: [String: Receipt] = [:]
    var agents: [AgentID: StoredAgent] = [:]
    var workflows: [WorkflowID: StoredWorkflow] = [:]
    var triggers: [TriggerID: StoredTrigger] = [:]
    var alerts: [AlertID: StoredAlert] = [:]
    var incidents: [Incident] = []
    var metrics: [String: StoredSeries] = [:]
    var connectors: [String: StoredConnector] = [:]
    var connectorLinks: [ConnectorLink] = []
    var connectorNotes: [String: [ConnectorNote]] = [:]
    var hooks: [HookID: StoredHook] = [:]
    /// Workflows of a CRM by the CRM's names of them.
    var crmWorkflows: [String: UUID] = [:]
    var workflowActions: [ExecutionID: WorkflowAction] = [:]
    var sessions: [AgentSessionID: AgentSession] = [:]
    var conversations: [ConversationID: StoredConversation] = [:]
    var memory: [MemoryEntryID: MemoryEntry] = [:]
    var executions: [ExecutionID: StoredExecution] = [:]
    var tasks: [WorkItemID: StoredWorkItem] = [:]
    var ledger: [LedgerLine] = []
    var closings: [ClosedMonth] = []
    var budgets: [Budget] = []
    var reservations: [StoredReservation] = []
    /// What became of each task's slots.
    var fires: [WorkItemID: [Date: ScheduleFire]] = [:]
    /// Whether schedules fire; nil if nobody ever said.
    var scheduler: SchedulerState?
    var secrets: [SecretName: StoredSecret] = [:]
    /// The number of the last change of these, among all organisations'.
    var secretsChangedAt: Int64 = 0
    var events: [Event] = []
    var documents: [String: Document] = [:]
    var queue = Queue()
    var outbox: [OutboxID: StoredOutboxMessage] = [:]
    var consents: [Consent] = []
    var notices: [StaffNoticeID: StaffNotice] = [:]
    var noticeKeys: [String: StaffNoticeID] = [:]
    var tickets: [String: TicketOrder] = [:]
    var gym = GymShelf()
    var presences: [AgentID: StoredPresence] = [:]
    var calls: [ExecutionID: StoredCall] = [:]
    var figures: [AgentID: AgentFigures] = [:]
    var contracts: [ContractID: Contract] = [:]
    var sessionBlocks: [SessionBlock] = []
    /// By the key under which each was sent.
    var agentMessages: [String: AgentMessage] = [:]
}

extension OrganizationRecords {
    mutating func insert(_ receipt: Receipt?) throws {
        guard let receipt else { return }
        guard receipts[receipt.key] == nil else { throw ReceiptExists() }
        receipts[receipt.key] = receipt
    }

    /// The organisation with what is known of it elsewhere.
    var currentOrganization: Organization? {
        var organization = organization
        organization?.hasBudgets = budgets.contains { $0.source != .run }
        return organization
    }

    /// The agent, unless it was deleted.
    func agent(_ id: AgentID) throws -> Agent {
        guard let stored = agents[id], !stored.isDeleted else { throw SpotterError.notFound("agent") }
        return stored.agent
    }

    /// Gives each draft the next place in the log.
    mutating func append(_ drafts: [EventDraft], at now: Date) -> [Event] {
        let new = drafts.enumerated().map { offset, draft in
            Event(
                position: Int64(events.count + offset + 1), type: draft.type, execution: draft.execution, at: now,
                data: draft.data)
        }
        events += new
        return new
    }

    /// Keeps a block, unless its conversation is gone.
    mutating func keep(_ block: MemoryBlock) {
        guard conversations[block.conversationId]?.place(of: block) != nil else { return }
        conversations[block.conversationId]?.blocks.append(block)
    }

    /// Adds lines; one of a call that has a line already changes nothing.
    mutating func append(_ lines: [LedgerLine]) throws {
        let opened = closings.map(\.month.end).max() ?? .distantPast
        for line in lines.map({ $0.at < opened ? $0.moved(to: opened) : $0 }) {
            if let call = line.call, ledger.contains(where: { $0.call == call }) { continue }
            if let id = line.corrects, !ledger.contains(where: { $0.id == id }) {
                throw SpotterError.notFound("ledger line")
            }
            guard !ledger.contains(where: { $0.id == line.id }) else {
                throw SpotterError(.conflict, "There is already such a record.")
            }
            ledger.append(line)
        }
    }

    /// Adds what was said to its conversation; false when that is gone.
    mutating func append(_ message: Message) -> Bool {
        guard var stored = conversations[message.conversationId] else { return false }
        if let answer = message.replaces, let place = stored.messages.firstIndex(where: { $0.id == answer }) {
            stored.messages[place].replacedBy = message.id
        }
        stored.messages.append(message)
        stored.conversation.version += 1
        stored.conversation.updatedAt = message.createdAt
        stored.conversation.lastMessageAt = message.createdAt
        conversations[message.conversationId] = stored
        return true
    }
}

/// A page of elements that are listed newest first, by id.
func newestFirst<Element: Sendable, Kind>(
    _ elements: some Sequence<Element>, _ request: PageRequest, id: (Element) -> Identifier<Kind>
) -> Page<Element> {
    let after = request.after.map { Identifier<Kind>($0.uuid) }
    let fetched = elements.filter { element in after.map { id(element) < $0 } ?? true }.sorted { id($0) > id($1) }
    return Page(fetched: fetched, limit: request.limit) { Cursor(id($0).uuid) }
}

extension OrganizationRecords.StoredConversation {
    /// Where the last message is that the block covers.
    func place(of block: MemoryBlock) -> Int? { messages.lastIndex { $0.id == block.through } }

    /// The block that covers most; of several that cover as much, the one made last.
    var newestBlock: MemoryBlock? {
        blocks.max { (place(of: $0) ?? -1, $0.id) < (place(of: $1) ?? -1, $1.id) }
    }
}
