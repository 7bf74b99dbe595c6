import Foundation
import SpotterDomain

/// Puts into words what an alert tells, and to whom.
struct AlertNews: Sendable {
    let directory: any MessagingDirectory
    /// Where people reach the dashboard, without a slash at its end; nil where nobody said.
    let publicURL: String?
    let ids: any IDGenerator
    let onMessages: @Sendable () -> Void

    /// What a look has come to, with all that follows.
    ///
    /// - Parameters:
    ///   - gym: what the organisation is called.
    ///   - room: how many e-mails the organisation's alerts may still write today.
    func pass(
        _ alert: Alert, _ verdict: AlertVerdict, of gym: String, room: Int, at now: Date, in scope: OrganizationScope
    ) -> AlertPass {
        var pass = AlertPass(alert, verdict)
        let type: EventType
        let incident: IncidentID
        switch verdict.news {
        case .nothing: return pass
        case .firing(let new): (type, incident) = (.alertFiring, new.id)
        case .resolved(let old): (type, incident) = (.alertResolved, old)
        }
        let isFiring = type == .alertFiring
        pass.events = [EventDraft(type, data: data(alert, incident, verdict.standing.value))]
        let title = isFiring ? alert.settings.name : "\(alert.settings.name): over"
        let letter = AlertLetter(
            settings: alert.settings, value: verdict.standing.value, isFiring: isFiring, gym: gym, publicURL: publicURL)
        let addresses = (alert.settings.emails ?? []).prefix(room)
        let unwritten = (alert.settings.emails ?? []).count - addresses.count
        if alert.settings.notify ?? true {
            pass.notices = [
                StaffNotice(
                    id: ids.id(at: now), staffId: nil, role: nil, title: title,
                    body: letter.paragraphs(noting: Self.unwritten(unwritten)).joined(separator: " "),
                    level: isFiring ? level(alert.settings.severity) : .info, sentBy: AlertLimits.sender, createdAt: now
                )
            ]
        }
        let hasWayOut = directory.settings(in: scope).channels.contains(.email)
        pass.messages = addresses.map { address in
            OutboxDraft(
                OutboxMessage(
                    id: ids.id(at: now), channel: .email, purpose: .transactional, recipient: address, person: nil,
                    subject: "[\(alert.settings.severity.rawValue)] \(gym): \(title)",
                    body: letter.paragraphs().joined(separator: "\n\n"), html: nil, attachments: [],
                    status: hasWayOut ? .queued : .held,
                    reason: hasWayOut ? nil : "No way out is configured for e-mail (messaging.email).",
                    sentBy: AlertLimits.sender, conversationId: nil, dueAt: now, attempt: 0, providerId: nil,
                    createdAt: now,
                    sentAt: nil), key: "\(incident) \(type.rawValue) \(address)")
        }
        return pass
    }

    /// Tells the courier, after the messages were written.
    func wake(_ pass: AlertPass) { if !pass.messages.isEmpty { onMessages() } }

    /// Nil where all were.
    private static func unwritten(_ count: Int) -> String? {
        guard count > 0 else { return nil }
        let mails = count == 1 ? "e-mail was" : "e-mails were"
        return "\(count) \(mails) not written: alerts write \(AlertLimits.mailsPerDay) a day."
    }

    private func level(_ severity: AlertSeverity) -> StaffNotice.Level {
        switch severity {
        case .info: .info
        case .warning: .warning
        case .critical: .urgent
        }
    }

    private func data(_ alert: Alert, _ incident: IncidentID, _ value: Double?) -> JSONValue {
        [
            "alert_id": .string(alert.id.description), "incident_id": .string(incident.description),
            "name": .string(alert.settings.name), "severity": .string(alert.settings.severity.rawValue),
            "metric": .string(alert.settings.metric), "value": value.map { .double($0) } ?? .null,
            "threshold": .double(alert.settings.threshold), "message": .string(alert.settings.sentence),
        ]
    }
}
