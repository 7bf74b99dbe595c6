import Foundation
import SpotterDomain

/// A label without its `#`.
struct Hashtag: Hashable {
    let text: String

    /// - Throws: `ToolFailure` for what no platform would link: only letters, digits and `_`, not digits alone.
    init(_ given: String) throws {
        let text = given.hasPrefix("#") ? String(given.dropFirst()) : given
        let isWord = text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        guard !text.isEmpty, text.count <= 100, isWord, text.contains(where: \.isLetter) else {
            throw ToolFailure(
                "\"\(given.prefix(60))\" is no hashtag. Use letters, digits and _, with at least one letter, no spaces."
            )
        }
        self.text = text
    }

    /// Words joined with a capital each, which is how screen readers can read them; nil where nothing is left.
    init?(words: String) {
        let parts = words.split { !$0.isLetter && !$0.isNumber }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        guard let tag = try? Hashtag(parts.joined()) else { return nil }
        self = tag
    }

    /// Two hashtags are the same whatever their case.
    static func == (left: Hashtag, right: Hashtag) -> Bool { left.key == right.key }
    func hash(into hasher: inout Hasher) { hasher.combine(key) }
    private var key: String { FoldedText.fold(text) }
}

/// What platforms take (their public rules of 2025).
extension SocialPlatform {
    /// The longest text, hashtags and all.
    var longest: Int {
        switch self {
        case .instagram, .tiktok: 2_200
        case .facebook: 63_206
        case .x: 280
        case .linkedin: 3_000
        }
    }

    /// The most hashtags that are taken, and how many read well.
    var hashtags: (most: Int, usual: Int) {
        switch self {
        case .instagram: (30, 7)
        case .tiktok: (30, 5)
        case .facebook: (30, 3)
        case .linkedin: (30, 4)
        case .x: (10, 2)
        }
    }

    /// How long a text is to the platform. X counts most letters once, others and emoji twice, any link 23.
    func length(of text: String) -> Int {
        guard self == .x else { return text.count }
        var rest = text
        var length = 0
        for link in text.matches(of: /https?:\/\/\S+/) {
            rest = rest.replacing(link.output, with: "", maxReplacements: 1)
            length += 23
        }
        let single: [ClosedRange<UInt32>] = [0...4_351, 8_192...8_205, 8_208...8_223, 8_242...8_247]
        return length
            + rest.reduce(0) { sum, character in
                let isSingle = character.unicodeScalars.allSatisfy { scalar in
                    single.contains { $0.contains(scalar.value) }
                }
                return sum + (isSingle ? 1 : 2)
            }
    }

    /// - Throws: `ToolFailure` for a post that the platform would not take.
    func check(_ content: String, hashtags: [Hashtag]) throws {
        guard Set(hashtags).count == hashtags.count else { throw ToolFailure("A hashtag is there twice.") }
        guard hashtags.count <= self.hashtags.most else {
            throw ToolFailure("\(rawValue) takes \(self.hashtags.most) hashtags at most, not \(hashtags.count).")
        }
        let labels = hashtags.map { "#\($0.text)" }.joined(separator: " ")
        let length = length(of: labels.isEmpty ? content : "\(content)\n\n\(labels)")
        guard length <= longest else {
            throw ToolFailure("With its hashtags the post is \(length) long; \(rawValue) takes \(longest). Shorten it.")
        }
    }
}
