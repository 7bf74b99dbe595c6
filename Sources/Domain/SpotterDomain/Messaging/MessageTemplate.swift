/// A message as a file: the front matter of `templates/messages/*.md` and its body, Markdown with `{{variables}}`.
public struct MessageTemplate: Sendable, Hashable {
    /// The file's name without its ending, such as `payment-failed`.
    public let slug: String
    /// The front matter.
    public let settings: MessageFrontMatter
    /// Markdown with `{{variables}}`.
    public let body: String

    /// A template whose parts were read already.
    public init(slug: String, settings: MessageFrontMatter, body: String) {
        self.slug = slug
        self.settings = settings
        self.body = body
    }

    /// Variables that every message has: the person's name, the gym's, and the day.
    public static let common: Set<String> = ["first_name", "name", "gym", "today"]

    /// What the message has to be given beside those, by name, with what each means.
    public var variables: [String: String] { settings.variables ?? [:] }

    /// The text for a channel, in Markdown.
    public func text(for channel: MessageChannel) -> String { channel == .sms ? settings.sms ?? body : body }
}

/// The front matter of a message's template.
public struct MessageFrontMatter: Sendable, Codable, Hashable, FieldsDescribed {
    /// How people and models name it.
    public var name: String
    /// When to use it, in a sentence.
    public var description: String
    /// By which ways it may go.
    public var channels: [MessageChannel]
    /// What it is for.
    public var kind: MessagePurpose
    /// Of the e-mail, with `{{variables}}`; needed where there is e-mail among the channels.
    public var subject: String?
    /// The text of the SMS, in place of the body.
    public var sms: String?
    /// What has to be given, by name, with what each means.
    public var variables: [String: String]?

    /// A front matter; subject, SMS and variables may be left out.
    public init(
        name: String, description: String, channels: [MessageChannel], kind: MessagePurpose, subject: String? = nil,
        sms: String? = nil, variables: [String: String]? = nil
    ) {
        self.name = name
        self.description = description
        self.channels = channels
        self.kind = kind
        self.subject = subject
        self.sms = sms
        self.variables = variables
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("How people name it.", length: 1...100, example: "Payment failed"),
        "description": Field("When to use it, for models and people.", length: 1...300),
        "channels": Field("By which ways it may go.", count: 1...2, example: ["email", "sms"]),
        "kind": Field("Transactional for what somebody asked for or has to know; marketing for everything else."),
        "subject": Field("The e-mail's subject, with {{variables}}.", length: 1...200),
        "sms": Field("The SMS, in place of the body, with {{variables}}.", length: 1...600),
        "variables": Field(
            "What has to be given beside first_name, name, gym and today: names with what each means.",
            example: ["amount": "What was to be paid, with the currency"]),
    ]
}

/// A text with `{{names}}` in it.
public struct PlaceholderText: Sendable, Hashable {
    /// Why a text cannot be read.
    public enum Problem: Error, Sendable, Hashable {
        /// Two braces open and do not close.
        case unclosed
        /// What stands between the braces is no name.
        case name(String)
    }

    private enum Part: Sendable, Hashable {
        case text(String)
        case name(String)
    }

    private let parts: [Part]

    /// Reads a text. Names are lower-case letters, digits and underscores, and begin with a letter.
    public init(_ text: String) throws(Problem) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            parts.append(.text(String(rest[..<open.lowerBound])))
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else { throw .unclosed }
            let name = rest[open.upperBound..<close.lowerBound].filter { $0 != " " }
            guard Self.isName(name) else { throw .name(name) }
            parts.append(.name(name))
            rest = rest[close.upperBound...]
        }
        parts.append(.text(String(rest)))
        self.parts = parts
    }

    /// The names in it, in their order, each once.
    public var names: [String] {
        var seen: Set<String> = []
        return parts.compactMap { part in
            guard case .name(let name) = part, seen.insert(name).inserted else { return nil }
            return name
        }
    }

    /// The text with values in place of the names; a name without a value gives nothing.
    public func filled(_ values: [String: String], escaping escape: (String) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .name(let name): escape(values[name] ?? "")
            }
        }.joined()
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x61...0x7A).contains(first), name.utf8.count <= 60 else { return false }
        return name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}

/// The templates there are now.
public protocol MessageTemplates: Sendable {
    /// By slug.
    var templates: [MessageTemplate] { get }
}
