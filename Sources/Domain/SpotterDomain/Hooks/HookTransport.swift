/// A message to a target.
public struct HookCall: Sendable {
    /// Where it goes.
    public let url: String
    /// In their order.
    public let headers: [(name: String, value: String)]
    /// The very bytes.
    public let body: [UInt8]
    /// Whose connections it goes by: no two hooks share any.
    public let partition: String

    /// A message.
    public init(url: String, headers: [(name: String, value: String)], body: [UInt8], partition: String) {
        self.url = url
        self.headers = headers
        self.body = body
        self.partition = partition
    }
}

/// The way out for events.
public protocol HookTransport: Sendable {
    /// Whether anything could be sent there, as far as it can be told without a connection.
    ///
    /// - Throws: `invalid` at `/url`.
    func check(_ url: String) throws
    /// Sends a message once, follows no redirect, and reads no more of the answer than is kept. Ends by itself.
    func send(_ call: HookCall) async -> HookAnswer
}

/// Signs what is sent.
public protocol HookSigner: Sendable {
    /// The value of `webhook-signature`: one signature for each secret.
    func signature(id: String, timestamp: Int, body: [UInt8], secrets: [String]) throws -> String
}
