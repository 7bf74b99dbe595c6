import Foundation
import PostgresKit
import SpotterDomain

/// A message as the insert reads it.
struct OutboxRow: Encodable {
    let id: String
    let channel: MessageChannel
    let purpose: MessagePurpose
    let recipient: String
    let clientId: String?
    let leadId: String?
    let staffId: String?
    let subject: String?
    let body: String
    let html: String?
    let attachments: [OutboxMessage.Attachment]?
    let status: OutboxMessage.Status
    let reason: String?
    let key: String
    let content: String
    let sentBy: String
    let conversationId: String?
    let dueAt: Date
    let createdAt: Date
    let approvalId: String?
    let approverTokenId: String?

    init(_ draft: OutboxDraft) {
        let message = draft.message
        id = message.id.uuid.uuidString
        channel = message.channel
        purpose = message.purpose
        recipient = message.recipient
        clientId = message.clientId?.uuid.uuidString
        leadId = message.leadId?.uuid.uuidString
        staffId = message.staffId?.uuid.uuidString
        subject = message.subject
        body = message.body
        html = message.html
        attachments = message.attachments.isEmpty ? nil : message.attachments
        status = message.status
        reason = message.reason
        key = draft.key
        content = draft.content
        sentBy = message.sentBy
        conversationId = message.conversationId?.uuid.uuidString
        dueAt = message.dueAt
        createdAt = message.createdAt
        approvalId = message.approvalId?.uuid.uuidString
        approverTokenId = message.approverTokenId?.uuid.uuidString
    }
}

extension MessagePerson {
    /// Of three columns of ids, the one that is there.
    init?(_ row: Row, from column: Int) throws {
        if let id: ClientID = try row.optionalID(column) {
            self = .client(id)
        } else if let id: LeadID = try row.optionalID(column + 1) {
            self = .lead(id)
        } else if let id: StaffID = try row.optionalID(column + 2) {
            self = .staff(id)
        } else {
            return nil
        }
    }
}

extension OutboxMessage {
    /// Reads the columns in the order that every query of the outbox lists them.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), channel: try row.named(1), purpose: try row.named(2), recipient: try row.get(3),
            person: try MessagePerson(row, from: 4), subject: try row.get(7), body: try row.get(8),
            html: try row.get(9), attachments: try row.optionalDocument(10) ?? [], status: try row.named(11),
            reason: try row.get(12), sentBy: try row.get(13), conversationId: try row.optionalID(14),
            dueAt: try row.get(15), attempt: try row.get(16), providerId: try row.get(17), createdAt: try row.get(18),
            sentAt: try row.get(19))
        approvalId = try row.optionalID(20)
        approverTokenId = try row.optionalID(21)
    }
}

extension Contact {
    /// Reads the columns in the order that every query of contacts lists them.
    init?(_ row: Row) throws {
        guard let person = try MessagePerson(row, from: 0) else { return nil }
        self.init(
            person: person, name: try row.get(3), email: try row.get(4), phone: try row.get(5),
            timezone: try row.get(6))
    }
}

extension Consent {
    /// Reads the columns in the order in which the query of consents lists them.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), clientId: try row.optionalID(1), leadId: try row.optionalID(2),
            channel: try row.named(3), purpose: try row.named(4), isGranted: try row.get(5),
            source: try row.named(6), recordedAt: try row.get(7))
    }
}

extension StaffNotice {
    /// Reads the columns in the order that every query of notifications lists them.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), staffId: try row.optionalID(1), role: try row.get(2), title: try row.get(3),
            body: try row.get(4), level: try row.named(5), sentBy: try row.get(6), createdAt: try row.get(7),
            readAt: try row.get(8), readBy: try row.get(9))
    }
}
