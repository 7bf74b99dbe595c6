public import Foundation

/// The memory of one request with an `Idempotency-Key`: what was asked, and what was answered.
///
/// A store saves the receipt in the same transaction as the effect, so that either both are there after a crash or
/// neither is. A second request with the key fails in that transaction with `ReceiptExists` and is answered from the
/// first one's receipt.
public struct Receipt: Sendable, Hashable {
    /// How long a receipt is kept at least: a request may be repeated for a day.
    public static let lifetime: TimeInterval = 86_400

    /// As the caller sent it, 1 to 255 printable ASCII characters.
    public let key: String
    /// Whose request it was, and 128 bits over method, target and body: enough to tell one request of a client from
    /// another, and never to take another client's for it.
    public let fingerprint: [UInt8]
    /// nil while the work is still running.
    public var response: Response?
    /// The execution that will complete the response, where there is one.
    public var execution: ExecutionID?
    /// When the first request with the key came in.
    public let createdAt: Date

    /// What was answered, to be sent again as it is.
    public struct Response: Sendable, Hashable {
        /// The HTTP status.
        public let status: Int
        /// The bytes of the body.
        public let body: [UInt8]

        /// A response to be remembered.
        public init(status: Int, body: [UInt8]) {
            self.status = status
            self.body = body
        }
    }

    /// A receipt; without `response`, of work that is still running.
    public init(
        key: String, fingerprint: [UInt8], response: Response? = nil, execution: ExecutionID? = nil, createdAt: Date
    ) {
        self.key = key
        self.fingerprint = fingerprint
        self.response = response
        self.execution = execution
        self.createdAt = createdAt
    }
}

/// Thrown by a store when the receipt's key was used before in this organisation; nothing was written.
public struct ReceiptExists: Error, Sendable {
    /// The error tells no more than that: the receipt is read separately.
    public init() {}
}

/// Where receipts are kept.
public protocol ReceiptStore: Sendable {
    func receipt(forKey key: String, in scope: OrganizationScope) async throws -> Receipt?
    /// Saves a receipt on its own, for requests whose effect is not one transaction. Throws `ReceiptExists`.
    func begin(_ receipt: Receipt, in scope: OrganizationScope) async throws
    /// Begins a receipt anew that was begun before `date` and has no answer: whoever began it has died. Returns false
    /// where there is none such; of several at once one succeeds.
    func takeOver(key: String, begunBefore date: Date, at now: Date, in scope: OrganizationScope) async throws -> Bool
    /// Fills in the answer of a receipt that `begin` saved.
    func complete(key: String, with response: Receipt.Response, in scope: OrganizationScope) async throws
    /// Forgets a receipt whose work failed before it had any effect, so that the caller may try again.
    func abandon(key: String, in scope: OrganizationScope) async throws
    /// Forgets at most `limit` receipts of requests that came in before `date`, oldest first, those whose work never
    /// ended among them. Returns how many.
    func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int
}
