public import Foundation

/// What came of a hook's look at a stretch of the log.
public struct OutboundPass: Sendable {
    /// The hook.
    public let hook: HookID
    /// Where it was when the look began.
    public let start: Int64
    /// Everything up to here was looked at.
    public var position: Int64
    /// What is to be sent.
    public var deliveries: [OutboundDelivery] = []

    /// A look that begins where the last one ended.
    public init(_ hook: HookID, from start: Int64) {
        self.hook = hook
        self.start = start
        position = start
    }
}

/// A hook that has not looked at everything yet.
public struct OutboundFeed: Sendable, Hashable {
    /// The hook.
    public let hook: HookID
    /// What it sends where.
    public let target: HookTarget
    /// Everything up to here was looked at.
    public let position: Int64

    /// A feed.
    public init(hook: HookID, target: HookTarget, position: Int64) {
        self.hook = hook
        self.target = target
        self.position = position
    }
}

/// A delivery that is somebody's for a while.
public struct OutboundClaim: Sendable, Hashable {
    /// Whose it is.
    public let organization: OrganizationID
    /// The hook that sends it.
    public let hook: HookID
    /// The delivery.
    public let id: HookDeliveryID
    /// Which attempt it is; 1 or more.
    public let attempt: Int
    /// Only ever grows: tells this claim from those before and after it.
    public let fence: Int64
    /// Whether nothing has come through to the target lately.
    public let isFailing: Bool

    /// A claim.
    public init(
        organization: OrganizationID, hook: HookID, id: HookDeliveryID, attempt: Int, fence: Int64, isFailing: Bool
    ) {
        self.organization = organization
        self.hook = hook
        self.id = id
        self.attempt = attempt
        self.fence = fence
        self.isFailing = isFailing
    }
}

/// How many deliveries somebody takes.
public struct OutboundWish: Sendable {
    /// At most so many.
    public var limit: Int
    /// Of them at most so many to targets that fail: those never take all the places of those that do not.
    public var failing: Int
    /// For how long they are the caller's.
    public var lease: Duration
    /// The look begins behind this hook.
    public var after: (organization: OrganizationID, hook: HookID)?

    /// A wish.
    public init(
        limit: Int, failing: Int, lease: Duration, after: (organization: OrganizationID, hook: HookID)? = nil
    ) {
        self.limit = limit
        self.failing = failing
        self.lease = lease
        self.after = after
    }
}

/// What is sent, and where.
public struct OutboundParcel: Sendable {
    /// The hook as it is now.
    public let hook: Hook
    /// The delivery.
    public let delivery: OutboundDelivery
    /// The very bytes.
    public let body: [UInt8]

    /// A parcel.
    public init(hook: Hook, delivery: OutboundDelivery, body: [UInt8]) {
        self.hook = hook
        self.delivery = delivery
        self.body = body
    }
}

/// Events on their way to the targets of hooks. The database's clock alone decides what is due.
public protocol OutboundStore: Sendable {
    // MARK: Following the log

    /// The organisations of which a hook that sends has not looked at everything, in no order.
    func organizationsWithNews() async throws -> [OrganizationID]
    /// Hooks that have not looked at everything and have room for more, those furthest behind first.
    func feeds(limit: Int, in scope: OrganizationScope) async throws -> [OutboundFeed]
    /// Moves a hook on and queues what it sends, in one transaction, if it is still where it was when the look began.
    /// Of each event there is one delivery of the hook, however often it is queued.
    ///
    /// - Returns: whether it was there; if not, nothing was written.
    func advance(_ pass: OutboundPass, in scope: OrganizationScope) async throws -> Bool

    // MARK: Sending

    /// Takes deliveries that are due, going round the hooks, at most ``OutboundLimits/mostAtOnce`` of one at a time
    /// over all processes, and one of a target that fails. One that is taken and not reported is due again when its
    /// time is over.
    func claim(_ wish: OutboundWish) async throws -> [OutboundClaim]
    /// What is to be sent; nil where the event or the hook is gone.
    func parcel(for claim: OutboundClaim) async throws -> OutboundParcel?
    /// Writes what became of a delivery. A target that is gone, or at which nothing has succeeded for `failureLimit`,
    /// is disabled with an event, and what waits for it is cancelled.
    ///
    /// - Returns: why the hook was disabled by this; nil where it was not.
    /// - Throws: `LeaseLost` when somebody else has the delivery now.
    func record(
        _ outcome: OutboundOutcome, of claim: OutboundClaim, failureLimit: Duration, at now: Date
    ) async throws -> String?

    // MARK: For people

    /// How it goes with a target; throws `notFound` for a hook that does not send.
    func endpoint(of hook: HookID, in scope: OrganizationScope) async throws -> HookEndpoint
    /// Newest first; throws `notFound` for a hook that does not send.
    func deliveries(
        of hook: HookID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<OutboundDelivery>
    /// Throws `notFound`.
    func delivery(_ id: HookDeliveryID, of hook: HookID, in scope: OrganizationScope) async throws -> OutboundDelivery
    /// Sends a delivery again that has ended, from the first attempt on; one that waits is due now.
    ///
    /// - Throws: `notFound`; `ReceiptExists`.
    func requeue(
        _ id: HookDeliveryID, of hook: HookID, receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> OutboundDelivery
    /// Queues events, as new deliveries or once more; those that wait are left alone. Returns how many are queued now.
    ///
    /// - Throws: `notFound`, `conflict` where the hook is disabled.
    func queue(_ deliveries: [OutboundDelivery], of hook: HookID, in scope: OrganizationScope) async throws -> Int
    /// The last place of the log before a time; 0 where there is none.
    func position(before time: Date, in scope: OrganizationScope) async throws -> Int64
    /// Forgets at most `limit` deliveries that have ended and were queued before `date`, oldest first.
    func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int
}

extension EventDraft {
    /// The target of a hook is given up.
    public static func disabled(_ hook: HookID, name: String, _ reason: String) -> EventDraft {
        EventDraft(
            .hookDisabled,
            data: ["hook_id": .string(hook.description), "name": .string(name), "reason": .string(reason)])
    }
}

extension SpotterError {
    /// What a hook that is disabled cannot do.
    public static var disabledHook: SpotterError {
        SpotterError(.conflict, "The hook is disabled and sends nothing. Enable it first.")
    }
}
