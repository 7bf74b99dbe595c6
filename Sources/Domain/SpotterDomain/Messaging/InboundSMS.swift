/// An SMS to the organisation, as a Twilio-compatible provider tells of it.
public struct InboundSMS: Sendable, Hashable {
    /// The provider's name for it, such as `SM…`.
    public let id: String
    /// The sender's number.
    public let from: String
    /// The organisation's number, where the provider says it.
    public let to: String?
    /// What it says; may be empty, as with a picture alone.
    public let text: String
    /// What the provider has understood, and answered itself.
    public let understood: ReplyKeyword?

    /// The most characters of a text that are read: what a provider joins of parts.
    public static let longest = 1_600

    /// Reads what the provider sent; nil where it is no SMS, as with a report on one that was sent.
    public init?(_ payload: JSONValue) {
        func text(_ name: String) -> String? {
            let text = payload[name]?.string.map { String($0.unicodeScalars.filter { $0 != "\0" }.map(Character.init)) }
            return text.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let id = text("MessageSid") ?? text("SmsSid"), id.utf8.count <= 100, let from = text("From"),
            from.utf8.count <= 100, payload["MessageStatus"] == nil
        else { return nil }
        self.id = id
        self.from = from
        to = text("To").map { String($0.prefix(100)) }
        self.text = String((text("Body") ?? "").prefix(Self.longest))
        understood = text("OptOutType").flatMap { ReplyKeyword(rawValue: $0.lowercased()) }
    }
}

/// What is answered by SMS to whom has written one.
public struct SMSReplies: Sendable, Codable, Hashable, FieldsDescribed {
    /// To STOP.
    public var stop: String?
    /// To START.
    public var start: String?
    /// To HELP.
    public var help: String?
    /// To everything else.
    public var other: String?

    /// Replies; what is nil is not answered.
    public init(stop: String? = nil, start: String? = nil, help: String? = nil, other: String? = nil) {
        self.stop = stop
        self.start = start
        self.help = help
        self.other = other
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "stop": Field(
            "To STOP. Leave it out where the provider answers STOP itself, as Twilio does.", length: 1...320,
            example: "You get no more SMS from us. START brings them back."),
        "start": Field("To START.", length: 1...320),
        "help": Field("To HELP.", length: 1...320, example: "Iron Temple Gym, +44 20 7946 0000. STOP ends SMS."),
        "other": Field("To everything else.", length: 1...320),
    ]

    /// What is answered, where the provider has not done it.
    public func reply(to keyword: ReplyKeyword?) -> String? {
        switch keyword {
        case .stop?: stop
        case .start?: start
        case .help?: help
        case nil: other
        }
    }
}
