import Foundation

/// Hands messages to mail servers, by libcurl.
///
/// Each message has a connection and a thread of its own while it is on its way: saying good-bye to a mail server blocks
/// inside libcurl, and would hold up everything else on an event loop. Whoever sends many at once bounds them.
public struct SMTPClient: Sendable {
    /// What the server said when it took a message.
    public struct Receipt: Sendable, Hashable {
        /// Its last line, such as `2.0.0 Ok: queued as 4F2A`; in printable ASCII, cut.
        public let reply: String
    }

    /// A client; clients share nothing.
    public init() {}

    /// Sends a message to all of its receivers, or to none.
    ///
    /// - Throws: `SMTPError`. Cancelling the task ends the exchange within a second.
    public func send(_ message: MailMessage, through server: SMTPServer) async throws -> Receipt {
        let bytes: [UInt8]
        do {
            bytes = try message.encoded()
        } catch {
            throw SMTPError.invalid(error.description)
        }
        let exchange = SMTPExchange(
            server: server, sender: message.from.address, receivers: message.to.map(\.address), content: bytes)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let thread = Thread {
                    waiter.resume(with: exchange.run().map(Receipt.init).mapError { $0 as any Error })
                }
                thread.name = "smtp"
                thread.stackSize = 1 << 20
                thread.start()
            }
        } onCancel: {
            exchange.cancel()
        }
    }
}
