import Foundation
import SpotterDomain

/// What HighLevel's answers say, in the words of the seam. Pure: any JSON is a record, or is told to be none.
enum HighLevelAnswer {
    /// A member that is missing or of another kind.
    struct Unreadable: Error {
        let reason: String
    }

    /// The most characters of a text that are taken over.
    static let longestText = 10_000

    // MARK: Contacts

    /// A contact, and whether its name is known as it is written: lists may have it in lower case only.
    static func contact(_ json: JSONValue) throws(Unreadable) -> (contact: CRMContact, isNameKnown: Bool) {
        guard let id = identifier(json["id"]) else { throw Unreadable(reason: "a contact has no id") }
        var contact = CRMContact(id: id)
        contact.name = name(json)
        contact.email = text(json["email"])
        contact.phone = text(json["phone"])
        contact.tags = (json["tags"]?.array ?? []).prefix(500).compactMap { text($0) }
        contact.source = text(json["source"])
        contact.blocked = blocked(json)
        contact.customFields = customFields(json["customFields"])
        contact.updatedAt = date(json["dateUpdated"]) ?? date(json["dateAdded"])
        let hasLowerCaseOnly =
            contact.name == nil && (text(json["firstNameLowerCase"]) ?? text(json["lastNameLowerCase"])) != nil
        return (contact, !hasLowerCaseOnly)
    }

    private static func name(_ json: JSONValue) -> String? {
        let pairs = [("firstName", "lastName"), ("firstNameRaw", "lastNameRaw")]
        for (first, last) in pairs {
            let parts = [text(json[first]), text(json[last])].compactMap { $0 }
            if !parts.isEmpty { return parts.joined(separator: " ") }
        }
        return text(json["contactName"]) ?? text(json["name"])
    }

    /// `dnd` stops every way; `dndSettings` one of them, for a time or for good.
    private static func blocked(_ json: JSONValue) -> Set<MessageChannel> {
        if json["dnd"]?.bool == true { return Set(MessageChannel.allCases) }
        return Set(
            MessageChannel.allCases.filter { channel in
                let status = json["dndSettings"]?[Self.name(of: channel)]?["status"]?.string?.lowercased()
                return status == "active" || status == "permanent"
            })
    }

    /// As HighLevel calls a channel.
    static func name(of channel: MessageChannel) -> String {
        switch channel {
        case .email: "Email"
        case .sms: "SMS"
        }
    }

    private static func customFields(_ json: JSONValue?) -> [String: String] {
        var fields: [String: String] = [:]
        for entry in (json?.array ?? []).prefix(500) {
            guard let id = identifier(entry["id"]), let value = entry["value"] ?? entry["field_value"] else { continue }
            switch value {
            case .string(let text): fields[id] = String(text.prefix(longestText))
            case .bool, .int, .double: fields[id] = value.description
            default: continue
            }
        }
        return fields
    }

    // MARK: Opportunities

    /// An opportunity.
    static func opportunity(_ json: JSONValue) throws(Unreadable) -> CRMOpportunity {
        guard let id = identifier(json["id"]) else { throw Unreadable(reason: "an opportunity has no id") }
        guard let contact = identifier(json["contactId"]) ?? identifier(json["contact"]?["id"]) else {
            throw Unreadable(reason: "an opportunity has no contact")
        }
        guard let status = json["status"]?.string.flatMap(CRMOpportunity.Status.init) else {
            throw Unreadable(reason: "an opportunity has no status that is known")
        }
        return CRMOpportunity(
            id: id, name: text(json["name"]) ?? "", contactId: contact,
            pipelineId: identifier(json["pipelineId"]) ?? "", stageId: identifier(json["pipelineStageId"]) ?? "",
            status: status, value: json["monetaryValue"]?.double, updatedAt: date(json["updatedAt"]))
    }

    // MARK: Messages

    /// A message of a conversation.
    static func message(_ json: JSONValue) throws(Unreadable) -> CRMMessage {
        guard let id = identifier(json["id"]) else { throw Unreadable(reason: "a message has no id") }
        let type = text(json["messageType"]) ?? "unknown"
        let channel = (type.hasPrefix("TYPE_") ? String(type.dropFirst(5)) : type).lowercased()
        return CRMMessage(
            id: id, isInbound: json["direction"]?.string == "inbound", channel: channel,
            body: text(json["body"]) ?? "", status: text(json["status"]), at: date(json["dateAdded"]))
    }

    // MARK: Values

    static func text(_ json: JSONValue?) -> String? {
        guard let text = json?.string, !text.isEmpty else { return nil }
        return String(text.prefix(longestText))
    }

    /// Ids go into paths: only what cannot be anything else there is one.
    static func identifier(_ json: JSONValue?) -> String? {
        guard let text = json?.string, isIdentifier(text) else { return nil }
        return text
    }

    static func isIdentifier(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    /// A time as text, or as milliseconds.
    private static func date(_ json: JSONValue?) -> Date? {
        if let text = json?.string { return Timestamp.date(from: text) }
        guard let number = json?.double, number.isFinite, abs(number) < 1e15 else { return nil }
        return Date(timeIntervalSince1970: number / 1_000)
    }
}
