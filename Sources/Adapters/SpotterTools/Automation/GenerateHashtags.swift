import Foundation
public import SpotterDomain

/// Hashtags from a topic and the gym's own words.
public struct GenerateHashtags: Tool {
    /// For what, where and how many.
    public struct Arguments: Codable, Sendable {
        let topic: String
        let platform: SocialPlatform
        let count: Int?
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `generate_hashtags`
    public let name = "generate_hashtags"
    /// What a model is told.
    public let summary = """
        Suggest hashtags for a post: the gym's own name first, then the classes and categories that the topic names, then \
        the topic's own words, then a few common ones, as many as suit the platform. Built from the gym's records and \
        your words by rules; it does not know what is popular today or where the gym is. Add a place yourself.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Puts them together.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let count = min(arguments.count ?? arguments.platform.hashtags.usual, arguments.platform.hashtags.most)
        let programmes = try await frontDesk.programmes(
            ProgrammeQuery(limit: 100), at: context.now, in: context.scope)
        let found = HashtagSource(topic: arguments.topic, gym: context.organization.name, programmes: programmes)
        let tags = Array(found.all.prefix(count))
        return [
            "summary": .string(
                "\(counted(tags.count, "hashtag")) for \(arguments.platform.rawValue): \(tags.map { "#" + $0.tag.text }.joined(separator: " "))."
            ),
            "platform": .string(arguments.platform.rawValue),
            "hashtags": .array(tags.map { ["hashtag": .string($0.tag.text), "from": .string($0.origin)] }),
            "most": .int(Int64(arguments.platform.hashtags.most)),
        ]
    }
}

extension GenerateHashtags.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "topic": Field("What the post is about, in a few words.", length: 1...200, example: "early Spin class"),
        "platform": Field("Where it appears."),
        "count": Field("How many; what suits the platform if left out.", range: 1...30),
    ]
}

/// Where hashtags come from, the most special first.
struct HashtagSource {
    let topic: String
    let gym: String
    let programmes: [ProgrammeView]

    typealias Suggestion = (tag: Hashtag, origin: String)

    /// Programmes whose name, or a word of it, the topic has.
    var meant: [ProgrammeView] {
        let words = Set(SearchWords.words(of: topic))
        return programmes.filter { programme in
            FoldedText.fold(topic).contains(FoldedText.fold(programme.name))
                || SearchWords.words(of: programme.name).contains { $0.count > 3 && words.contains($0) }
        }
    }

    var all: [Suggestion] {
        var suggestions: [Suggestion] = []
        func add(_ words: String?, _ origin: String) {
            guard let words, let tag = Hashtag(words: words), tag.text.count <= 40,
                !suggestions.contains(where: { $0.tag == tag })
            else { return }
            suggestions.append((tag, origin))
        }
        add(gym, "the gym's name")
        for programme in meant {
            add(programme.name, "a class")
            add(programme.category, "a category")
        }
        for word in SearchWords.words(of: topic) where word.count > 3 && !Self.plain.contains(word) {
            add(word, "the topic")
        }
        for common in Self.common { add(common, "common") }
        return suggestions
    }

    /// Words that say nothing by themselves.
    private static let plain: Set<String> = [
        "about", "after", "also", "been", "before", "class", "classes", "come", "every", "for", "from", "have", "into",
        "just", "more", "next", "only", "our", "over", "post", "session", "some", "than", "that", "the", "their",
        "them", "there", "these", "this", "today", "tomorrow", "very", "what", "when", "where", "will", "with", "your",
    ]
    private static let common = ["GroupFitness", "GymLife", "TrainTogether", "FitnessCommunity", "MoveMore", "Fitness"]
}
