public import Foundation

/// What must hold between records of one kind, such as that no more book than there are places. Pure: the store reads
/// what there is, the rules say what may be written.
public protocol RecordRules<Kind>: Sendable {
    /// The kind that they are about.
    associatedtype Kind: RecordKind

    /// The rules among what is there.
    init(_ known: KnownRecords)
    /// Lets a record in, perhaps changed.
    ///
    /// - Throws: `invalid` or `conflict` where it cannot be.
    mutating func admit(
        _ record: inout GymRecord<Kind>, replacing old: GymRecord<Kind>?, _ setting: RecordSetting) throws
    /// Takes note that a record is deleted.
    ///
    /// - Throws: `conflict` where it cannot be.
    mutating func remove(_ record: GymRecord<Kind>) throws
    /// Other records of the kind that change because of those let in and deleted.
    mutating func consequences(_ setting: RecordSetting) -> [GymRecord<Kind>]
    /// Bookings that get a place because of records of another kind than bookings.
    func promotions(_ setting: RecordSetting) -> [Booking]
}

extension RecordRules {
    /// Takes note of nothing.
    public mutating func remove(_ record: GymRecord<Kind>) throws {}
    /// None.
    public mutating func consequences(_ setting: RecordSetting) -> [GymRecord<Kind>] { [] }
    /// None.
    public func promotions(_ setting: RecordSetting) -> [Booking] { [] }
}

/// No rules beyond those of each record alone.
public struct FreeRules<Kind: RecordKind>: RecordRules {
    /// Nothing needs to be known.
    public init(_ known: KnownRecords) {}
    /// Lets everything in.
    public mutating func admit(
        _ record: inout GymRecord<Kind>, replacing old: GymRecord<Kind>?, _ setting: RecordSetting
    ) {}
}

/// What a store has read before records are written: locked, so that it stays so until they are.
public struct KnownRecords: Sendable {
    /// A session with who is in it: for bookings, for the session itself, and for people who are deleted.
    public struct Room: Sendable, Hashable {
        /// The session.
        public let session: ClassSession
        /// Everybody's booking of it, cancelled ones too.
        public let bookings: [Booking]

        /// A session with its bookings.
        public init(session: ClassSession, bookings: [Booking]) {
            self.session = session
            self.bookings = bookings
        }
    }

    /// A payment with what was given back of it, for refunds and for the payment itself.
    public struct Paid: Sendable, Hashable {
        /// The payment.
        public let payment: Payment
        /// What was given back.
        public let refunds: [Refund]

        /// A payment with its refunds.
        public init(payment: Payment, refunds: [Refund]) {
            self.payment = payment
            self.refunds = refunds
        }
    }

    /// The ids that exist among those asked for.
    public var ids: [RecordReference.Target: Set<UUID>] = [:]
    /// Names of classes, for their sessions.
    public var classNames: [UUID: String] = [:]
    /// Sessions with their bookings.
    public var rooms: [ClassSessionID: Room] = [:]
    /// Payments with their refunds.
    public var payments: [PaymentID: Paid] = [:]

    /// What is still valid of subscriptions' histories.
    public var openChanges: [SubscriptionID: SubscriptionChange] = [:]

    /// Nothing is known.
    public init() {}
}
