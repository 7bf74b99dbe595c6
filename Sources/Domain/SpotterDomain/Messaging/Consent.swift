public import Foundation

/// Marks the ids of consents.
public enum ConsentKind: IdentifierKind {
    /// Ids begin with `consent_`.
    public static let prefix = "consent"
}

/// The id of a consent, such as `consent_01h…`.
public typealias ConsentID = Identifier<ConsentKind>

/// Whether somebody may be written to by a channel for a purpose: the newest of these counts, and of several of the same
/// time a no.
public struct Consent: Sendable, Codable, Hashable {
    /// Where it was said.
    public enum Source: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case form
        case `import`
        /// STOP or START, by SMS.
        case stopMessage = "stop_message"
        case staff, api
        /// The link at the end of an e-mail.
        case unsubscribeLink = "unsubscribe_link"
    }

    /// Never changes.
    public let id: ConsentID
    /// The member who said so.
    public let clientId: ClientID?
    /// The lead who said so.
    public let leadId: LeadID?
    /// By which way.
    public let channel: MessageChannel
    /// For what.
    public let purpose: MessagePurpose
    /// Yes or no.
    public let isGranted: Bool
    /// Where it was said.
    public let source: Source
    /// When it was said.
    public let recordedAt: Date

    /// A consent, or its withdrawal.
    public init(
        id: ConsentID, clientId: ClientID?, leadId: LeadID?, channel: MessageChannel, purpose: MessagePurpose,
        isGranted: Bool, source: Source, recordedAt: Date
    ) {
        self.id = id
        self.clientId = clientId
        self.leadId = leadId
        self.channel = channel
        self.purpose = purpose
        self.isGranted = isGranted
        self.source = source
        self.recordedAt = recordedAt
    }

    /// The event that tells of it.
    public var event: EventDraft {
        var data = JSONObject()
        data["consent_id"] = .string(id.description)
        if let clientId { data["client_id"] = .string(clientId.description) }
        if let leadId { data["lead_id"] = .string(leadId.description) }
        data["channel"] = .string(channel.rawValue)
        data["purpose"] = .string(purpose.rawValue)
        data["is_granted"] = .bool(isGranted)
        data["source"] = .string(source.rawValue)
        return EventDraft(.consentChanged, data: .object(data))
    }
}

/// What somebody means who answers an SMS with a single word.
public enum ReplyKeyword: String, Sendable, Hashable {
    case stop, start, help

    /// The words that carriers and their rules know (CTIA Messaging Principles §5.1.3), in upper case.
    public static let stopWords: Set<String> = [
        "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT",
    ]
    private static let startWords: Set<String> = ["START", "YES", "UNSTOP", "SUBSCRIBE", "OPTIN"]
    private static let helpWords: Set<String> = ["HELP", "INFO"]

    /// Reads what somebody wrote; nil for anything that is not plainly one of these words, in whatever case, alone or
    /// with marks around it.
    ///
    /// - Parameter added: further words that mean stop, such as those of another language.
    public init?(_ text: String, stopWords added: some Sequence<String> = []) {
        let letters = text.uppercased().filter { $0.isLetter || $0.isWhitespace || $0 == "-" }
        let word = letters.split(whereSeparator: \.isWhitespace).joined(separator: " ").filter { $0 != "-" }
        if Self.stopWords.contains(word) || word == "OPT OUT" || word == "STOP ALL"
            || added.contains(where: { $0.uppercased() == word })
        {
            self = .stop
        } else if Self.startWords.contains(word) || word == "OPT IN" {
            self = .start
        } else if Self.helpWords.contains(word) {
            self = .help
        } else {
            return nil
        }
    }
}
