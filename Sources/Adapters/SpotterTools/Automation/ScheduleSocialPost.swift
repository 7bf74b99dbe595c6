import Foundation
public import SpotterDomain

/// Puts a finished post in the queue.
public struct ScheduleSocialPost: Tool {
    /// What, where and when.
    public struct Arguments: Codable, Sendable {
        let platform: SocialPlatform
        let content: String
        let hashtags: [String]?
        let mediaUrl: String?
        let date: String
        let time: String
    }

    private let posts: any SocialDesk
    private let isConnected: @Sendable (OrganizationScope) -> Bool
    private let ids: any IDGenerator

    /// - Parameter isConnected: whether there is a way to publish.
    public init(
        posts: any SocialDesk, ids: any IDGenerator, isConnected: @escaping @Sendable (OrganizationScope) -> Bool
    ) {
        self.posts = posts
        self.ids = ids
        self.isConnected = isConnected
    }

    /// `schedule_social_post`
    public let name = "schedule_social_post"
    /// What a model is told.
    public let summary = """
        Schedule a finished social media post for a local date and time on instagram, facebook, x, tiktok or linkedin. \
        The text with its hashtags must fit the platform. When the time comes it goes to the gym's publishing \
        connection; without one it is kept, fails then, and is shown to the team, and the answer says so now. Schedule \
        only after a clear yes.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Reaches the public.
    public let access = ToolAccess.outward
    /// The same key is the same post.
    public let effect = ToolEffect.keyed

    /// Keeps the post.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let when = try calendar.instant(day: arguments.date, time: arguments.time)
        guard when > context.now else {
            throw ToolFailure("\(calendar.words(when)) has passed; it is \(calendar.words(context.now)).")
        }
        let hashtags = try (arguments.hashtags ?? []).map { try Hashtag($0) }
        let content = arguments.content.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !content.isEmpty else { throw ToolFailure("content is blank. Write the post.") }
        try arguments.platform.check(content, hashtags: hashtags)
        if let url = arguments.mediaUrl, URLComponents(string: url)?.scheme?.lowercased() != "https" {
            throw ToolFailure("media_url must be a public https:// address of a picture or film.")
        }
        if arguments.platform == .instagram || arguments.platform == .tiktok, arguments.mediaUrl == nil {
            throw ToolFailure("\(arguments.platform.rawValue) takes no post without a picture or film. Give media_url.")
        }
        let isConnected = isConnected(context.scope)
        let warning =
            isConnected
            ? "" : " No publishing connection is set up for this gym: unless one is by then, the post will not appear."
        var row = ToolRow()
        if context.isDryRun {
            row.set(
                "summary",
                "Nothing was scheduled. The post would go to \(arguments.platform.rawValue) on \(calendar.words(when)).\(warning)"
            )
            row.set("dry_run", true)
        } else {
            let draft = PostDraft(
                id: ids.id(at: context.now), platform: arguments.platform, content: content,
                hashtags: hashtags.map(\.text), mediaURL: arguments.mediaUrl, scheduledAt: when, by: context.actor,
                key: context.effectKey, at: context.now)
            let kept = try await posts.schedule(draft, in: context.scope)
            row.set(
                "summary",
                "The post is scheduled for \(arguments.platform.rawValue) on \(calendar.words(when)).\(warning)")
            row.set("post_id", kept.post.id)
            row.set("status", "scheduled")
        }
        row.set("platform", arguments.platform.rawValue)
        row.set("publishes", calendar.moment(when))
        row.set("timezone", calendar.timezone)
        row.set("needs_connection", !isConnected)
        return row.json
    }
}

extension ScheduleSocialPost.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "platform": Field("Where it appears."),
        "content": Field("The text, without hashtags.", length: 1...5_000),
        "hashtags": Field("Hashtags, with or without #.", count: 0...30),
        "media_url": Field(
            "The https address of a picture or film; needed on instagram and tiktok.", length: 8...2_000),
        "date": Field("The day: \(GymCalendar.accepted).", length: 1...20, example: "tomorrow"),
        "time": Field("The local time, such as 18:30.", length: 1...10, example: "18:30"),
    ]
}
