import Foundation
public import HTTPClientKit
public import SpotterDomain

/// Hands SMS to a provider that speaks Twilio's API: `POST /2010-04-01/Accounts/{sid}/Messages.json`, a form, basic
/// authentication.
///
/// The API has no idempotency key: where a request was sent and its answer did not come, the outcome is unknown, and it
/// is not sent again.
public struct SMSTransport: MessageTransport {
    /// An account at the provider. Shows its token to nobody who prints or dumps it.
    public struct Account: Sendable, CustomStringConvertible, CustomReflectable {
        let sid: String
        let token: String
        let from: String
        let baseURL: String
        let statusCallback: String?

        /// - Parameters:
        ///   - from: a number in E.164, or the SID of a messaging service (`MG…`).
        ///   - baseURL: nil means Twilio's own.
        ///   - statusCallback: where the provider reports what becomes of messages.
        public init(sid: String, token: String, from: String, baseURL: String? = nil, statusCallback: String? = nil) {
            self.sid = sid
            self.token = token
            self.from = from
            var base = baseURL ?? "https://api.twilio.com"
            while base.hasSuffix("/") { base.removeLast() }
            self.baseURL = base
            self.statusCallback = statusCallback
        }

        /// The account without the token.
        public var description: String { "account \(sid)" }
        /// No members: `dump` finds nothing.
        public var customMirror: Mirror { Mirror(self, children: [:]) }
    }

    private let account: Account
    private let client: HTTPClient

    /// A way out over one account.
    public init(account: Account, client: HTTPClient) {
        self.account = account
        self.client = client
    }

    /// Sends one message.
    public func deliver(_ message: OutboxMessage) async -> DeliveryOutcome {
        var request = OutgoingRequest("POST", "\(account.baseURL)/2010-04-01/Accounts/\(account.sid)/Messages.json")
        let credentials = Data("\(account.sid):\(account.token)".utf8).base64EncodedString()
        request.headers.append("Authorization", "Basic \(credentials)")
        request.headers.append("Content-Type", "application/x-www-form-urlencoded")
        request.headers.append("Accept", "application/json")
        request.body = Array(FormEncoding.text(of: fields(message)).utf8)
        request.connectTimeout = .seconds(10)
        request.deadline = .seconds(30)
        request.responseByteLimit = 256 << 10
        do {
            return TwilioAnswer(try await client.send(request)).outcome
        } catch let error as HTTPClientError {
            return Self.outcome(error)
        } catch {
            return .unknown(reason: "The outcome is not known.")
        }
    }

    private func fields(_ message: OutboxMessage) -> [(String, String)] {
        var fields = [("To", message.recipient), ("Body", message.body)]
        fields.append((account.from.hasPrefix("MG") ? "MessagingServiceSid" : "From", account.from))
        if let callback = account.statusCallback { fields.append(("StatusCallback", callback)) }
        return fields
    }

    private static func outcome(_ error: HTTPClientError) -> DeliveryOutcome {
        let reason = "The SMS provider was not reached: \(error)."
        return switch error {
        case .nameResolution, .connect, .addressRefused, .tls, .timeout(.connect), .outOfMemory:
            .postponed(reason: reason, after: nil)
        case .invalidRequest: .refused(reason: reason, isOptOut: false)
        // A request that was cancelled may have been sent.
        case .cancelled, .shutDown, .timeout, .tooLarge, .connectionLost, .protocolViolation, .bodyAlreadyConsumed:
            .unknown(reason: "The SMS was sent and no answer came: \(error).")
        }
    }
}
