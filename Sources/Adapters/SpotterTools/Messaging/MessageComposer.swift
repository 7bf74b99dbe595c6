import Foundation
import MarkdownKit
public import SpotterDomain

/// What a message says, before it is written for one person: a template with values, or words of the agent's own.
struct MessageContent: Sendable {
    /// Of an e-mail; nil takes the template's.
    var subject: String?
    /// Markdown of the agent's own; nil takes the template's.
    var body: String?
    /// The slug of a template.
    var template: String?
    /// Values for the template.
    var variables: [String: String]
    /// What it is for, where no template says so.
    var purpose: MessagePurpose
    /// The organisation's own templates of that name, by their channel; nil until they were looked for.
    var own: [MessageChannel: MessageTemplate]?
}

/// Writes messages: Markdown to text and HTML, templates with values that are never read as Markdown.
public struct MessageComposer: Sendable {
    private let templates: any MessageTemplates
    private let records: any RecordStore

    /// The longest SMS, in characters: some four parts.
    static let longestSMS = 600

    /// A composer over the present templates: those of files, and before them the organisations' own among its records.
    public init(templates: any MessageTemplates, records: any RecordStore) {
        self.templates = templates
        self.records = records
    }

    /// The most templates of its own that an organisation's are looked for among.
    static let mostTemplates = 1_000

    /// The content with the organisation's own templates of its name.
    ///
    /// - Throws: `ToolFailure` where there is neither one of its own nor a file's.
    func resolved(_ content: MessageContent, in scope: OrganizationScope) async throws -> MessageContent {
        guard let slug = content.template, content.own == nil else { return content }
        var content = content
        var own: [MessageTemplateRecord] = []
        var after: Cursor?
        repeat {
            let page = try await records.list(
                MessageTemplateKind.self, RecordFilter(), PageRequest(limit: 200, after: after), in: scope)
            own += page.items
            after = page.next
        } while after != nil && own.count < Self.mostTemplates
        content.own = Dictionary(
            own.filter { $0.name == slug }.map { ($0.channel, MessageTemplate($0.fields)) },
            uniquingKeysWith: { first, _ in first })
        let files = templates.templates.map(\.slug)
        guard content.own?.isEmpty == false || files.contains(slug) else {
            let names = Set(files + own.map(\.name)).sorted()
            let hint = DidYouMean.hint(for: slug, among: names)
            throw ToolFailure("There is no template \(slug)\(hint). There are: \(names.joined(separator: ", ")).")
        }
        return content
    }

    /// A message as it goes out.
    struct Written: Sendable {
        let subject: String?
        let text: String
        let html: String?
        let purpose: MessagePurpose
    }

    /// What the content is for; fails where its template is not there.
    func purpose(of content: MessageContent) throws -> MessagePurpose {
        let kinds = try candidates(for: content).map(\.settings.kind)
        guard !kinds.isEmpty else { return content.purpose }
        return kinds.contains(.transactional) ? .transactional : .marketing
    }

    /// Writes `content` for somebody.
    ///
    /// - Throws: `ToolFailure` where something is missing, unknown or too long.
    func write(
        _ content: MessageContent, for contact: Contact, by channel: MessageChannel, in context: ToolContext
    ) throws -> Written {
        guard let template = try template(of: content, by: channel) else { return try own(content, channel) }
        guard template.settings.channels.contains(channel) else {
            let ways = template.settings.channels.map(\.noun).joined(separator: " and ")
            throw ToolFailure("The template \(template.slug) goes by \(ways) only.")
        }
        let values = try values(for: template, content.variables, contact, context)
        let markdown = try PlaceholderText.read(template.text(for: channel)).filled(
            values, escaping: Markdown.escaped)
        let wanted = content.subject ?? template.settings.subject ?? template.settings.name
        let subject = try PlaceholderText.read(wanted).filled(values, escaping: Self.oneLine)
        return try written(
            subject: Self.oneLine(subject), markdown: markdown, channel: channel, purpose: template.settings.kind)
    }

    private func own(_ content: MessageContent, _ channel: MessageChannel) throws -> Written {
        guard let body = content.body, !body.allSatisfy(\.isWhitespace) else {
            throw ToolFailure("The message is empty. Give a body, or the name of a template.")
        }
        let subject = Self.oneLine(content.subject ?? "")
        guard channel == .sms || !subject.isEmpty else { throw ToolFailure("An e-mail needs a subject. Give one.") }
        return try written(subject: subject, markdown: body, channel: channel, purpose: content.purpose)
    }

    private func written(
        subject: String, markdown: String, channel: MessageChannel, purpose: MessagePurpose
    ) throws -> Written {
        let text = Markdown.plainText(markdown)
        guard !text.isEmpty else { throw ToolFailure("The message says nothing. Write a text without HTML tags.") }
        guard channel == .email else {
            guard text.count <= Self.longestSMS else {
                throw ToolFailure(
                    "The SMS has \(text.count) characters; at most \(Self.longestSMS) go. Shorten it, or send an e-mail."
                )
            }
            return Written(subject: nil, text: text, html: nil, purpose: purpose)
        }
        guard subject.utf8.count <= 500 else { throw ToolFailure("The subject is too long. Shorten it.") }
        return Written(subject: subject, text: text, html: Self.page(Markdown.html(markdown)), purpose: purpose)
    }

    /// The template for a channel: the organisation's own before the file's of the same name; where neither goes by the
    /// channel, one that says by which it does.
    private func template(of content: MessageContent, by channel: MessageChannel) throws -> MessageTemplate? {
        let all = try candidates(for: content)
        return all.first { $0.settings.channels.contains(channel) } ?? all.first
    }

    private func candidates(for content: MessageContent) throws -> [MessageTemplate] {
        guard let slug = content.template else { return [] }
        guard content.body == nil else { throw ToolFailure("Give a body or a template, not both.") }
        let own = MessageChannel.allCases.compactMap { content.own?[$0] }
        // What both have is the organisation's.
        let file = templates.templates.first { template in
            template.slug == slug && !template.settings.channels.allSatisfy { content.own?[$0] != nil }
        }
        let all = own + (file.map { [$0] } ?? [])
        guard !all.isEmpty else { throw ToolFailure("There is no template \(slug).") }
        return all
    }

    private func values(
        for template: MessageTemplate, _ given: [String: String], _ contact: Contact, _ context: ToolContext
    ) throws -> [String: String] {
        let needed = template.variables
        if let unknown = given.keys.sorted().first(where: { needed[$0] == nil }) {
            let hint = DidYouMean.hint(for: unknown, among: needed.keys.sorted())
            throw ToolFailure("The template \(template.slug) has no variable \(unknown)\(hint).")
        }
        let missing = needed.keys.sorted().filter { given[$0]?.isEmpty ?? true }
        guard missing.isEmpty else {
            let list = missing.map { name in
                needed[name].flatMap { $0.isEmpty ? nil : "\(name) (\($0))" } ?? name
            }.joined(separator: ", ")
            throw ToolFailure("The template \(template.slug) needs a value for: \(list).")
        }
        var style = Date.FormatStyle(date: .complete, time: .omitted, locale: Locale(identifier: "en_GB"))
        style.timeZone = TimeZone(identifier: context.organization.timezone) ?? .gmt
        let common = [
            "first_name": contact.firstName, "name": contact.name, "gym": context.organization.name,
            "today": context.now.formatted(style),
        ]
        return given.merging(common) { _, ours in ours }
    }

    /// Without line ends and other control characters.
    static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            let isBreak =
                scalar.properties.generalCategory == .control || "\u{2028}\u{2029}".unicodeScalars.contains(scalar)
            return isBreak ? " " : scalar
        }
        return String(String.UnicodeScalarView(scalars)).trimmingCharacters(in: .whitespaces)
    }

    /// A page that every mail program shows alike.
    private static func page(_ html: String) -> String {
        """
        <!DOCTYPE html>
        <html><head><meta charset="utf-8"></head>
        <body style="font-family: sans-serif; font-size: 16px; line-height: 1.5; max-width: 38em; margin: 1em">
        \(html)</body></html>
        """
    }
}

extension MessageTemplate {
    /// An organisation's own: what is in braces and not known has to be given.
    fileprivate init(_ fields: MessageTemplateFields) {
        let texts = [fields.body, fields.subject ?? ""]
        let names = texts.flatMap { (try? PlaceholderText($0))?.names ?? [] }.filter { !Self.common.contains($0) }
        self.init(
            slug: fields.name,
            settings: MessageFrontMatter(
                name: fields.name, description: "", channels: [fields.channel], kind: fields.purpose,
                subject: fields.subject,
                variables: Dictionary(names.map { ($0, "") }, uniquingKeysWith: { first, _ in first })),
            body: fields.body)
    }
}

extension PlaceholderText {
    /// Templates are checked when they are read; the agent's own words may hold anything.
    fileprivate static func read(_ text: String) throws -> PlaceholderText {
        do throws(Problem) { return try PlaceholderText(text) } catch {
            throw ToolFailure("The braces {{ and }} stand around names of variables only.")
        }
    }
}
