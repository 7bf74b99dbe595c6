public import Foundation

/// Marks the ids of deliveries.
public enum HookDeliveryKind: IdentifierKind {
    /// Ids begin with `hdel_`.
    public static let prefix = "hdel"
}

/// The id of a message that a hook has taken.
public typealias HookDeliveryID = Identifier<HookDeliveryKind>

/// A genuine message that a hook has taken. Never changes.
public struct HookDelivery: Sendable, Hashable {
    /// What came of it.
    public enum State: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// What it starts is in the queue.
        case accepted
        /// It starts nothing: `reason` says why.
        case failed
    }

    /// How long deliveries are kept, and so for how long a repetition is known as one: senders that keep to Standard
    /// Webhooks try for 75 hours and 35 minutes.
    public static let lifetime: TimeInterval = 80 * 3_600

    /// Never changes.
    public let id: HookDeliveryID
    /// The hook that took it.
    public let hookId: HookID
    /// Unique among the deliveries of its hook: from what was signed, so that nobody can make a copy pass for another.
    public let key: String
    /// The sender's own name for it, for people; nil where it gave none.
    public let externalId: String?
    /// What came of it.
    public let state: State
    /// Why it starts nothing; nil where it does.
    public let reason: String?
    /// What it started.
    public let executionId: ExecutionID?
    /// The delivery that this one repeats by somebody's wish.
    public let replayOf: HookDeliveryID?
    /// What was sent.
    public let payload: JSONValue
    /// Those of the message's headers that expressions may name.
    public let headers: [String: String]
    /// When it came.
    public let receivedAt: Date

    /// A delivery.
    public init(
        id: HookDeliveryID, hookId: HookID, key: String, externalId: String?, state: State, reason: String?,
        executionId: ExecutionID?, replayOf: HookDeliveryID?, payload: JSONValue, headers: [String: String],
        receivedAt: Date
    ) {
        self.id = id
        self.hookId = hookId
        self.key = key
        self.externalId = externalId
        self.state = state
        self.reason = reason
        self.executionId = executionId
        self.replayOf = replayOf
        self.payload = payload
        self.headers = headers
        self.receivedAt = receivedAt
    }

    /// The event that tells of it.
    public var event: EventDraft {
        var data = JSONObject()
        data["hook_id"] = .string(hookId.description)
        data["delivery_id"] = .string(id.description)
        data["state"] = .string(state.rawValue)
        if let reason { data["reason"] = .string(reason) }
        if let executionId { data["execution_id"] = .string(executionId.description) }
        return EventDraft(.hookReceived, execution: executionId, data: .object(data))
    }
}

/// What a store says of a delivery.
public enum HookAcceptance: Sendable, Hashable {
    /// It is the first with its key.
    case taken
    /// There was one already: this one.
    case known(HookDelivery)
}

/// Where hooks and their deliveries are kept.
///
/// Names are unique in an organisation, compared after Unicode NFC and case folding: a second hook of that name is a
/// `conflict`. An organisation has at most ``HookLimits/mostHooks``.
public protocol HookStore: Sendable {
    /// Throws `conflict`, `limitReached`.
    func create(_ hook: Hook, receipt: Receipt?, in scope: OrganizationScope) async throws
    /// Throws `notFound`.
    func hook(_ id: HookID, in scope: OrganizationScope) async throws -> Hook
    /// Whose hook it is: for a message, of which nothing else is known. Nil where there is none.
    func organization(ofHook id: HookID) async throws -> OrganizationID?
    /// Newest first.
    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Hook>
    /// Puts `hook` in the place of the stored one if that is `hook.version - 1`; otherwise throws `preconditionFailed`,
    /// or `notFound`.
    func update(_ hook: Hook, in scope: OrganizationScope) async throws
    /// Deletes it and its deliveries; what they have started goes on. With `version`, only if that is the current one.
    func delete(_ id: HookID, version: Int?, in scope: OrganizationScope) async throws
    /// Writes a delivery, what it starts, and its event, in one transaction; of any number with the same key one is
    /// taken. Throws `notFound` where the hook, or the task of the execution, is gone; `ReceiptExists`.
    ///
    /// - Parameter notes: what else is written with it, if it is the first with its key.
    func accept(
        _ delivery: HookDelivery, starting execution: Execution?, noting notes: HookNotes?, receipt: Receipt?,
        in scope: OrganizationScope
    ) async throws -> HookAcceptance
    /// Newest first; throws `notFound` for a hook that there is not.
    func deliveries(
        of id: HookID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<HookDelivery>
    /// Throws `notFound`.
    func delivery(_ id: HookDeliveryID, of hook: HookID, in scope: OrganizationScope) async throws -> HookDelivery
    /// Forgets at most `limit` deliveries that came before `date`, oldest first. Returns how many.
    func forgetDeliveries(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int
}

extension HookStore {
    /// A delivery with which nothing else is written.
    public func accept(
        _ delivery: HookDelivery, starting execution: Execution?, receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> HookAcceptance {
        try await accept(delivery, starting: execution, noting: nil, receipt: receipt, in: scope)
    }
}

/// What is written with a delivery beside what it starts.
public struct HookNotes: Sendable, Hashable {
    /// What people have said about being written to.
    public var consents: [Consent]
    /// What the staff is told.
    public var notice: StaffNotice?
    /// The key under which the notice is told once.
    public var noticeKey: String?
    /// Beside those of the delivery and of the consents.
    public var events: [EventDraft]

    /// Notes; by default none.
    public init(
        consents: [Consent] = [], notice: StaffNotice? = nil, noticeKey: String? = nil, events: [EventDraft] = []
    ) {
        self.consents = consents
        self.notice = notice
        self.noticeKey = noticeKey
        self.events = events
    }
}
