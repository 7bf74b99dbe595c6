public import MailKit
public import SpotterDomain

/// Hands e-mail to an organisation's mail server.
///
/// The Message-ID is made of the message's own id, so that every try at it has the same, and a mail program shows a
/// message that was sent twice once.
public struct EmailTransport: MessageTransport {
    private let server: SMTPServer
    private let from: Mailbox
    private let replyTo: Mailbox?
    private let unsubscribe: String?
    private let client = SMTPClient()

    /// - Parameters:
    ///   - from: what people see as the sender, and where the server sends what cannot be delivered.
    ///   - replyTo: where answers go; nil means to the sender.
    ///   - unsubscribe: `mailto:…` or `https://…`, for the head of marketing mail (RFC 2369).
    public init(server: SMTPServer, from: Mailbox, replyTo: Mailbox? = nil, unsubscribe: String? = nil) {
        self.server = server
        self.from = from
        self.replyTo = replyTo
        self.unsubscribe = unsubscribe
    }

    /// What a tenant's file says; nil where it is not what its check lets pass.
    ///
    /// - Parameter password: what the file's reference refers to.
    public init?(_ settings: TenantMessaging.Email, password: String?) {
        guard var server = SMTPServer(address: settings.smtp), let from = try? Mailbox(settings.from) else {
            return nil
        }
        switch settings.tls {
        case .starttls?: server.security = .startTLS
        case .tls?: server.security = .tls
        case TenantMessaging.Email.TLS.none?: server.security = .none
        case nil: break
        }
        if let username = settings.username, let password {
            server.credentials = .init(username: username, password: password)
        }
        let replyTo = settings.replyTo.flatMap { try? Mailbox($0) }
        self.init(server: server, from: from, replyTo: replyTo, unsubscribe: settings.unsubscribe)
    }

    /// Sends one message.
    public func deliver(_ message: OutboxMessage) async -> DeliveryOutcome {
        guard let mail = mail(message) else {
            return .refused(reason: "The address or an attachment cannot be read.", isOptOut: false)
        }
        do {
            let receipt = try await client.send(mail, through: server)
            return .accepted(reference: receipt.reply.isEmpty ? nil : receipt.reply)
        } catch let error as SMTPError {
            return Self.outcome(error)
        } catch {
            return .unknown(reason: "The outcome is not known.")
        }
    }

    private func mail(_ message: OutboxMessage) -> MailMessage? {
        guard let address = try? EmailAddress(message.recipient) else { return nil }
        var mail = MailMessage(
            from: from, to: [Mailbox(address)], subject: message.subject ?? "", text: message.body, html: message.html,
            messageID: "\(message.id)@\(from.address.domain)", date: message.createdAt)
        mail.replyTo = replyTo
        if message.purpose == .marketing { mail.headers += unsubscribing(message.unsubscribeURL) }
        for attachment in message.attachments {
            guard let content = attachment.bytes else { return nil }
            mail.attachments.append(.init(name: attachment.name, contentType: attachment.type, content: content))
        }
        return mail
    }

    /// The receiver's own link before the organisation's address. One press on a button (RFC 8058) wants one https address
    /// and no other.
    private func unsubscribing(_ own: String?) -> [MailMessage.Header] {
        guard let own else { return unsubscribe.map { [.init("List-Unsubscribe", "<\($0)>")] } ?? [] }
        let other = unsubscribe.flatMap { $0.hasPrefix("mailto:") ? ", <\($0)>" : nil } ?? ""
        let list = MailMessage.Header("List-Unsubscribe", "<\(own)>\(other)")
        guard own.hasPrefix("https://") else { return [list] }
        return [list, .init("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]
    }

    private static func outcome(_ error: SMTPError) -> DeliveryOutcome {
        let reason = "The mail could not be handed over: \(error)."
        return switch error {
        case .invalid, .rejected: .refused(reason: reason, isOptOut: false)
        // A person can mend a password or a certificate while the message waits.
        case .deferred, .notLoggedIn, .tls, .unreachable: .postponed(reason: reason, after: nil)
        case .outcomeUnknown: .unknown(reason: reason)
        case .cancelled: .interrupted
        }
    }
}
