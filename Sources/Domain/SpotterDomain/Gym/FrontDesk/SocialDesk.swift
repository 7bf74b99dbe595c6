public import Foundation

/// Posts that wait for their time.
public protocol SocialDesk: Sendable {
    /// Keeps a post, once for each key. Returns the post that stands under the key, with whether it is new.
    func schedule(_ post: PostDraft, in scope: OrganizationScope) async throws -> (post: PostView, isNew: Bool)
    /// Posts whose time has come, the longest due first, each of which is the caller's until `until`.
    func claimDue(
        at now: Date, until: Date, limit: Int, in scope: OrganizationScope
    ) async throws -> [PostView]
    /// Writes what became of a post: nil for one that was published. One that is not waiting any more is left alone.
    func record(
        _ outcome: PostOutcome, of id: SocialPostID, at now: Date, in scope: OrganizationScope
    ) async throws
}

/// A post that is to appear.
public struct PostDraft: Sendable {
    /// Its id, unless its key made one already.
    public let id: SocialPostID
    /// Where it appears.
    public let platform: SocialPlatform
    /// What it says.
    public let content: String
    /// Without the `#`.
    public let hashtags: [String]
    /// A picture or a film.
    public let mediaURL: String?
    /// When it is to appear.
    public let scheduledAt: Date
    /// Who made it.
    public let by: String
    /// The same key is the same post.
    public let key: String
    /// When it was made.
    public let at: Date

    /// A post.
    public init(
        id: SocialPostID, platform: SocialPlatform, content: String, hashtags: [String], mediaURL: String?,
        scheduledAt: Date, by: String, key: String, at: Date
    ) {
        self.id = id
        self.platform = platform
        self.content = content
        self.hashtags = hashtags
        self.mediaURL = mediaURL
        self.scheduledAt = scheduledAt
        self.by = by
        self.key = key
        self.at = at
    }
}

/// A post as it is kept.
public struct PostView: Sendable, Decodable {
    /// The post.
    public let id: SocialPostID
    /// Where it appears.
    public let platform: SocialPlatform
    /// What it says.
    public let content: String
    /// Without the `#`.
    public let hashtags: [String]
    /// A picture or a film.
    public let mediaUrl: String?
    /// When it is to appear.
    public let scheduledAt: Date?

    /// What is said, with the labels.
    public var text: String {
        let labels = hashtags.map { "#\($0)" }.joined(separator: " ")
        return labels.isEmpty ? content : "\(content)\n\n\(labels)"
    }
}

/// What became of a post whose time had come.
public enum PostOutcome: Sendable, Hashable {
    /// It appeared; what the platform calls it.
    case published(id: String?)
    /// It did not and will not by itself: why, for people to read.
    case failed(String)
    /// It did not, and is tried again later.
    case postponed(until: Date, String)
}

/// A way to a gym's social media.
public protocol PostPublisher: Sendable {
    /// Hands a post over; the key is the same however often that is tried. Never throws: what happens is an outcome.
    func publish(_ post: PostView, key: String, in scope: OrganizationScope) async -> PostOutcome
}

/// Stands where no way to any platform was set up: posts whose time comes fail, and say why.
public struct NoPublisher: PostPublisher {
    /// There is none.
    public init() {}

    /// Says that a connection is needed.
    public func publish(_ post: PostView, key: String, in scope: OrganizationScope) async -> PostOutcome {
        .failed(
            "This gym needs a connection to \(post.platform.rawValue): none is set up, so the post was not published.")
    }
}
