public import Foundation

/// For how many days an organisation's past is kept; what is nil is kept for good, but for deliveries, which have bounds
/// of their own.
///
/// The audit log is none of it: a chain whose beginning is missing proves nothing. Neither is the ledger, nor what the
/// gym has recorded of its members.
public struct TenantRetention: Sendable, Codable, Hashable, FieldsDescribed {
    /// Conversations, with their messages, since the last message.
    public var conversationsDays: Int?
    /// Executions that have ended, with their journals and what was said in calls.
    public var executionsDays: Int?
    /// The event log.
    public var eventsDays: Int?
    /// Messages that went out, or will not any more.
    public var messagesDays: Int?
    /// What came to hooks; nil means 80 hours.
    public var hookDeliveriesDays: Int?
    /// What hooks have sent; nil means seven days.
    public var sentDeliveriesDays: Int?

    /// Times, each of which may be left out.
    public init(
        conversationsDays: Int? = nil, executionsDays: Int? = nil, eventsDays: Int? = nil, messagesDays: Int? = nil,
        hookDeliveriesDays: Int? = nil, sentDeliveriesDays: Int? = nil
    ) {
        self.conversationsDays = conversationsDays
        self.executionsDays = executionsDays
        self.eventsDays = eventsDays
        self.messagesDays = messagesDays
        self.hookDeliveriesDays = hookDeliveriesDays
        self.sentDeliveriesDays = sentDeliveriesDays
    }

    /// For how long what came to hooks is kept, in seconds.
    public var hookDeliveries: TimeInterval { seconds(hookDeliveriesDays) ?? HookDelivery.lifetime }
    /// For how long what hooks have sent is kept, in seconds.
    public var sentDeliveries: TimeInterval { seconds(sentDeliveriesDays) ?? OutboundDelivery.lifetime }

    private func seconds(_ days: Int?) -> TimeInterval? { days.map { TimeInterval($0) * 86_400 } }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "conversations_days": Field("Conversations, since their last message.", range: 1...36_500),
        "executions_days": Field("Executions that have ended.", range: 7...36_500),
        // Streams are resumed, and deliveries sent again, from what is there.
        "events_days": Field("The event log.", range: 7...36_500),
        // The cap on marketing looks back a week.
        "messages_days": Field("Messages that went out, or will not any more.", range: 8...36_500),
        // A sender may repeat a message for 80 hours.
        "hook_deliveries_days": Field("What came to hooks; 80 hours without it.", range: 4...36_500),
        "sent_deliveries_days": Field("What hooks have sent; seven days without it.", range: 1...36_500),
    ]
}

/// How much of an organisation's past was forgotten.
public struct ForgottenPast: Sendable, Hashable {
    /// Of each kind.
    public var conversations, executions, events, messages: Int

    /// Counts.
    public init(conversations: Int = 0, executions: Int = 0, events: Int = 0, messages: Int = 0) {
        (self.conversations, self.executions) = (conversations, executions)
        (self.events, self.messages) = (events, messages)
    }

    /// The largest of them: whether one batch was full.
    public var most: Int { max(conversations, executions, events, messages) }
    /// All of them together.
    public var total: Int { conversations + executions + events + messages }
}

/// For how long an organisation's past is kept, and forgetting it.
public protocol RetentionStore: Sendable {
    /// What the organisation's file said when it was applied last.
    func retention(in scope: OrganizationScope) async throws -> TenantRetention
    /// Forgets at most `limit` of each kind whose time is over by the store's own clock: conversations in which nobody is
    /// answering, executions that are in the history, events that triggers and hooks have looked at.
    func forgetPast(limit: Int, in scope: OrganizationScope) async throws -> ForgottenPast
}
