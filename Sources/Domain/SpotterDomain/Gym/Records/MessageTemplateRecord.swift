/// Marks the ids of an organisation's own templates of messages.
public enum MessageTemplateKind: RecordKind {
    /// What one says.
    public typealias Fields = MessageTemplateFields

    /// Ids begin with `mtpl_`.
    public static let prefix = "mtpl"
    /// What people call one.
    public static let noun = "message template"
    /// As in `/v1/crm/message-templates`.
    public static let plural = "message-templates"
    /// None.
    public static let references: [RecordReference] = []
    /// By its channel, among others.
    public static let filters: [RecordFilter.Member] = [.externalId, .kind]
    /// Sorted by their way.
    public static let sortMember = "channel"
}

/// The id of a template, such as `mtpl_01h…`.
public typealias MessageTemplateID = Identifier<MessageTemplateKind>

/// A template of the organisation's own: where a file's template has the same name, this one is used for its channel.
public typealias MessageTemplateRecord = GymRecord<MessageTemplateKind>

/// A message with `{{variables}}`, for one channel.
public struct MessageTemplateFields: RecordFields {
    /// How tools name it; there is one of a name for each channel.
    public var name: String
    /// By which way it goes.
    public var channel: MessageChannel
    /// What it is for.
    public var purpose: MessagePurpose
    /// Of an e-mail.
    public var subject: String?
    /// Markdown with `{{variables}}`.
    public var body: String

    /// A template; the subject is for e-mail alone.
    public init(
        name: String, channel: MessageChannel, purpose: MessagePurpose = .marketing, subject: String? = nil,
        body: String
    ) {
        self.name = name
        self.channel = channel
        self.purpose = purpose
        self.subject = subject
        self.body = body
    }

    /// The most characters of an SMS, before variables are filled in.
    private static let longestSMS = 600

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field(
            "How tools name it; for its channel it stands in for a template of this name that comes with Spotter.",
            length: 1...100, pattern: "^[a-z0-9]+(-[a-z0-9]+)*$", example: "payment-failed"),
        "channel": Field("By which way it goes."),
        "purpose": Field(
            "What it is for: marketing unless given. What is transactional goes also to who agreed to nothing."),
        "subject": Field(
            "Of an e-mail, and needed there; may hold {{variables}}.", length: 1...200,
            example: "We miss you, {{first_name}}"),
        "body": Field(
            "Markdown. {{first_name}}, {{name}}, {{gym}} and {{today}} are known; others are given when it is sent.",
            length: 1...20_000, example: "Hello {{first_name}}, your {{offer}} waits at {{gym}}."),
    ]

    /// Marketing, which needs a consent.
    public static func defaults(_ setting: RecordSetting) -> JSONObject { ["purpose": "marketing"] }

    /// Braces that cannot be read, a subject that is missing or in vain, an SMS that is too long.
    public var issues: [FieldIssue] {
        var issues = [Self.issue(in: body, at: "/body")].compactMap(\.self)
        switch channel {
        case .email:
            if let subject {
                issues += [Self.issue(in: subject, at: "/subject")].compactMap(\.self)
            } else {
                issues.append(FieldIssue(pointer: "/subject", message: "is required of an e-mail"))
            }
        case .sms:
            if subject != nil { issues.append(FieldIssue(pointer: "/subject", message: "is for e-mail only")) }
            if body.count > Self.longestSMS {
                let message = "must have at most \(Self.longestSMS) characters for SMS"
                issues.append(FieldIssue(pointer: "/body", message: message))
            }
        }
        return issues
    }

    private static func issue(in text: String, at pointer: String) -> FieldIssue? {
        guard !text.allSatisfy(\.isWhitespace) else {
            return FieldIssue(pointer: pointer, message: "must say something")
        }
        do throws(PlaceholderText.Problem) {
            let names = try PlaceholderText(text).names
            guard let unknown = names.first(where: { isMistyped($0) }) else { return nil }
            let hint = DidYouMean.hint(for: unknown, among: MessageTemplate.common.sorted())
            return FieldIssue(pointer: pointer, message: "has the variable {{\(unknown)}}\(hint)")
        } catch {
            let message =
                switch error {
                case .unclosed: "has a {{ without its }}"
                case .name(let name): "has {{\(name.prefix(60))}}, which is no name: a-z, 0-9 and _, a letter first"
                }
            return FieldIssue(pointer: pointer, message: message)
        }
    }

    /// Another one of the same channel has the name.
    public static var nameIsTaken: SpotterError {
        SpotterError(
            .conflict, "Another message template of this channel has this name.",
            issues: [FieldIssue(pointer: "/name", message: "is the name of another template of this channel")])
    }

    /// One of the known names, but for its underscore: nobody would give it a value.
    private static func isMistyped(_ name: String) -> Bool {
        let plain = { (text: String) in text.filter { $0 != "_" } }
        return !MessageTemplate.common.contains(name) && MessageTemplate.common.contains { plain($0) == plain(name) }
    }
}
