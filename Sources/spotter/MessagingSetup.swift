import Foundation
import HTTPClientKit
import ServiceKit
import SpotterDomain
import SpotterMessaging
import SpotterTenants
import Synchronization

/// How each organisation's messages go out, from the tenants' files and the environment.
struct MessagingSetup: Sendable {
    let environment: [String: String]
    let client: HTTPClient
    let log: Log

    /// One organisation's rules and ways out.
    struct Entry: Sendable {
        let settings: MessagingSettings
        let transports: [MessageChannel: any MessageTransport]
    }

    /// - Parameter slugs: which organisation has which tenant file.
    /// - Throws: `SpotterError` when a secret's file cannot be read.
    func entries(
        tenants: [TenantDefinition], organizations slugs: [OrganizationID: String]
    ) throws -> [OrganizationID: Entry] {
        var entries: [OrganizationID: Entry] = [:]
        for (id, slug) in slugs {
            guard let messaging = tenants.first(where: { $0.slug == slug })?.messaging else { continue }
            var transports: [MessageChannel: any MessageTransport] = [:]
            if let email = messaging.email { transports[.email] = try transport(email, of: slug) }
            if let sms = messaging.sms { transports[.sms] = try transport(sms, of: slug) }
            entries[id] = Entry(
                settings: messaging.settings(channels: Set(transports.keys)), transports: transports)
        }
        return entries
    }

    /// nil where the password is named and not there: messages are held until it is.
    private func transport(_ email: TenantMessaging.Email, of slug: String) throws -> EmailTransport? {
        guard let reference = email.password else { return EmailTransport(email, password: nil) }
        guard let password = try secret(reference, for: "e-mail", of: slug) else { return nil }
        return EmailTransport(email, password: password)
    }

    private func transport(_ sms: TenantMessaging.SMS, of slug: String) throws -> SMSTransport? {
        guard let token = try secret(sms.authToken, for: "SMS", of: slug) else { return nil }
        let account = SMSTransport.Account(
            sid: sms.accountSid, token: token, from: sms.from, baseURL: sms.baseUrl,
            statusCallback: sms.statusCallback)
        return SMSTransport(account: account, client: client)
    }

    private func secret(_ reference: String, for purpose: String, of slug: String) throws -> String? {
        let found = try SecretReference(reference)?.resolve(environment: environment, whenAbsent: .isNil)
        if let found { log.redact(found.value) }
        if let warning = found?.warning { log.warning("secret", ["tenant": slug, "warning": warning]) }
        if found == nil {
            log.warning(
                "a secret for \(purpose) is not set; messages are held in the outbox",
                ["tenant": slug, "reference": reference])
        }
        return found?.value
    }
}

/// The present rules and ways out.
final class ReloadableMessaging: MessagingDirectory {
    private let entries = Mutex<[OrganizationID: MessagingSetup.Entry]>([:])

    func replace(_ entries: [OrganizationID: MessagingSetup.Entry]) { self.entries.withLock { $0 = entries } }

    func settings(in scope: OrganizationScope) -> MessagingSettings {
        entries.withLock { $0[scope.organization]?.settings } ?? .standard
    }

    func transport(for channel: MessageChannel, in scope: OrganizationScope) -> (any MessageTransport)? {
        entries.withLock { $0[scope.organization]?.transports[channel] }
    }

    var configured: [OrganizationID] {
        entries.withLock { entries in entries.filter { !$0.value.transports.isEmpty }.map(\.key) }
    }
}
