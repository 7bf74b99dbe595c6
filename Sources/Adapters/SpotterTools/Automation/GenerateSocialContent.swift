import Foundation
public import SpotterDomain

/// Drafts of a post from what is really on.
public struct GenerateSocialContent: Tool {
    /// About what, where and how.
    public struct Arguments: Codable, Sendable {
        let theme: String
        let platform: SocialPlatform
        let tone: SocialTone?
        let className: String?
        let days: Int?
        let callToAction: String?
        let drafts: Int?
    }

    private let frontDesk: any FrontDeskStore
    private let schedule: any ScheduleStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore, schedule: any ScheduleStore) {
        self.frontDesk = frontDesk
        self.schedule = schedule
    }

    /// `generate_social_content`
    public let name = "generate_social_content"
    /// What a model is told.
    public let summary = """
        Draft a social media post on a theme from the gym's real facts: its name, the classes that the theme or \
        class_name means, their next sessions with coach and free places, in a tone and within the platform's length. \
        Put together from patterns, without a model, and never with an invented fact: raw material that you rewrite in \
        the gym's voice. Answers one to three drafts, the facts they rest on, and what is missing, such as a photo.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Reads what is on, and writes about it.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let finder = SessionFinder(schedule: schedule, calendar: calendar, context: context)
        let all = try await frontDesk.programmes(ProgrammeQuery(limit: 100), at: context.now, in: context.scope)
        let source = HashtagSource(topic: arguments.theme, gym: context.organization.name, programmes: all)
        let named = try await finder.className(matching: arguments.className)
        let programme =
            named.flatMap { name in all.first { FoldedText.fold($0.name).contains(FoldedText.fold(name)) } }
            ?? source.meant.first
        var sessions: [SessionRow] = []
        if let programme {
            sessions = try await finder.upcoming(
                programme.name, from: calendar.today, days: arguments.days ?? 7, limit: 10
            )
            .filter { $0.session.free > 0 }
        }
        let composer = PostComposer(
            gym: context.organization.name, theme: arguments.theme, programme: programme,
            sessions: Array(sessions.prefix(3)), calendar: calendar, tone: arguments.tone ?? .friendly,
            platform: arguments.platform, action: arguments.callToAction,
            hashtags: source.all.prefix(arguments.platform.hashtags.usual).map(\.tag))
        let drafts = composer.drafts(arguments.drafts ?? 2)
        return [
            "summary": .string(
                "\(counted(drafts.count, "draft")) for \(arguments.platform.rawValue), to be improved before anybody sees it."
            ),
            "platform": .string(arguments.platform.rawValue),
            "longest": .int(Int64(arguments.platform.longest)),
            "drafts": .array(drafts),
            "facts": .array(composer.facts.map { .string($0) }),
            "missing": .array(composer.missing.map { .string($0) }),
        ]
    }
}

/// How a post sounds.
public enum SocialTone: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case friendly, energetic, informative, professional
}

extension GenerateSocialContent.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "theme": Field(
            "What the post is about, as a reader would say it; it becomes the first line.", length: 1...200,
            example: "Desk shoulders by Wednesday?"),
        "platform": Field("Where it appears."),
        "tone": Field("How it sounds; friendly if left out."),
        "class_name": Field("The class it is about: its name or a part of it.", length: 1...100),
        "days": Field("How far ahead sessions are named; 7 if left out.", range: 1...14),
        "call_to_action": Field(
            "The one thing to do, in the gym's words.", length: 1...150, example: "Book in the app"),
        "drafts": Field("How many drafts; 2 if left out.", range: 1...3),
    ]
}

/// Writes a post around facts.
struct PostComposer {
    let gym: String
    let theme: String
    let programme: ProgrammeView?
    let sessions: [SessionRow]
    let calendar: GymCalendar
    let tone: SocialTone
    let platform: SocialPlatform
    let action: String?
    let hashtags: [Hashtag]

    /// What was read, each as a sentence.
    var facts: [String] {
        var facts = ["The gym is called \(gym)."]
        if let programme {
            let about = programme.description.isEmpty ? "" : ": \(programme.description)"
            facts.append("\(programme.name) takes \(programme.durationMinutes) minutes\(about)")
        }
        return facts + sessions.map { "\($0.title) with \($0.session.instructor): \($0.session.free) places free." }
    }

    /// What a person has to add.
    var missing: [String] {
        var missing = ["[photo of \(programme?.name ?? theme) needed], with everybody's consent, and its alt text"]
        if programme == nil { missing.append("a class or event: the theme names none that the gym has") }
        if programme != nil, sessions.isEmpty { missing.append("a session with free places in the days asked for") }
        if action == nil { missing.append("where to book: no booking address is on record") }
        return missing
    }

    /// Different openings over the same facts, each within the platform's length.
    func drafts(_ count: Int) -> [JSONValue] {
        (0..<count).map { variant in
            let text = text(variant)
            return [
                "content": .string(text), "hashtags": .array(hashtags.map { .string($0.text) }),
                "length": .int(Int64(platform.length(of: full(text)))),
            ]
        }
    }

    private func full(_ text: String) -> String {
        text + "\n\n" + hashtags.map { "#\($0.text)" }.joined(separator: " ")
    }

    /// The lines that fit, the least needed left out first.
    private func text(_ variant: Int) -> String {
        var lines = [opening(variant)] + middle(variant) + [closing]
        while lines.count > 2, platform.length(of: full(lines.joined(separator: "\n"))) > platform.longest {
            lines.remove(at: lines.count - 2)
        }
        return lines.joined(separator: "\n")
    }

    private func opening(_ variant: Int) -> String {
        let line = theme.trimmingCharacters(in: .whitespacesAndNewlines)
        let ends = line.last.map { ".?!…".contains($0) } ?? false
        switch variant {
        case 0: return ends ? line : line + "."
        case 1:
            guard let programme else { return "\(gym): \(line)" }
            return "\(programme.durationMinutes) minutes of \(programme.name). \(ends ? line : line + ".")"
        default: return "\(gym). \(ends ? line : line + ".")"
        }
    }

    private func middle(_ variant: Int) -> [String] {
        var lines: [String] = []
        if let programme, !programme.description.isEmpty, variant != 1 { lines.append(programme.description) }
        let lead =
            switch tone {
            case .friendly: "There is a place for you:"
            case .energetic: "Grab your place:"
            case .informative: "Next sessions:"
            case .professional: "Available sessions:"
            }
        if !sessions.isEmpty { lines.append(lead) }
        return lines
            + sessions.map { row in
                let coach = row.session.instructor.isEmpty ? "" : " with \(row.session.instructor)"
                return
                    "\(calendar.weekday(of: row.session.startsAt)) \(calendar.time(of: row.session.startsAt))\(coach), "
                    + "\(counted(row.session.free, "place")) free"
            }
    }

    private var closing: String {
        let action = action ?? "Ask at the desk"
        return switch tone {
        case .friendly: "\(action), and bring a friend."
        case .energetic: "\(action) now!"
        case .informative, .professional: "\(action)."
        }
    }
}
