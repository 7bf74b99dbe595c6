import Foundation
import SpotterDomain

/// Picks the sentences that tell most, by how often their words occur in all (Luhn, "The Automatic Creation of
/// Literature Abstracts", 1958), with more weight for what holds figures, what the user said, and what came last.
/// The same lines always give the same text.
struct Extract {
    private struct Sentence {
        let place: Int
        let text: String
        let words: [String]
        let weight: Double
        let size: Int
    }

    private let sentences: [Sentence]

    /// - Parameter previous: how many of the first lines are a summary already.
    init(lines: [String], previous: Int) {
        var found: [(line: Int, text: String)] = []
        for (line, text) in lines.enumerated() {
            found += (line < previous ? [text] : Self.split(text)).map { (line, $0) }
        }
        let words = found.map { Self.words(of: $0.text) }
        var counts: [String: Int] = [:]
        for word in words.joined() { counts[word, default: 0] += 1 }
        sentences = found.indices.map { place in
            let text = Self.short(found[place].text)
            let own = words[place]
            var weight = own.reduce(0.0) { $0 + Double(counts[$1] ?? 0) } / Double(own.count + 4)
            if text.contains(where: \.isNumber) { weight *= 1.5 }
            if text.hasPrefix("User:") { weight *= 1.4 }
            if found[place].line < previous { weight *= 2 }
            weight *= 1 + Double(found[place].line) / Double(max(lines.count, 1))
            return Sentence(
                place: place, text: text, words: own, weight: weight, size: TokenEstimate.tokens(of: text) + 1)
        }
    }

    /// The best sentences in their order, of at most so many tokens.
    func text(tokens: Int) -> String {
        var chosen: [Sentence] = []
        var seen: Set<[String]> = []
        var used = 0
        for sentence in sentences.sorted(by: { ($1.weight, $0.place) < ($0.weight, $1.place) })
        where used + sentence.size <= tokens && seen.insert(sentence.words).inserted {
            chosen.append(sentence)
            used += sentence.size
        }
        return chosen.sorted { $0.place < $1.place }.map(\.text).joined(separator: "\n")
    }

    private static func short(_ text: String) -> String {
        let start = text.prefix(300)
        return start.endIndex == text.endIndex ? text : start + "…"
    }

    /// The sentences of a line, each with the speaker before it.
    private static func split(_ line: String) -> [String] {
        guard let colon = line.range(of: ": "), line[..<colon.lowerBound].count < 40 else { return [line] }
        let speaker = line[..<colon.upperBound]
        var sentences: [String] = []
        var current = ""
        for character in line[colon.upperBound...] {
            if character == " ", let last = current.last, ".!?。！？".contains(last), current.count > 20 {
                sentences.append("\(speaker)\(current)")
                current = ""
            } else {
                current.append(character)
            }
        }
        if !current.isEmpty { sentences.append("\(speaker)\(current)") }
        return sentences
    }

    /// The words that carry meaning: longer than three letters, folded.
    private static func words(of text: String) -> [String] {
        FoldedText.fold(text).split { !$0.isLetter && !$0.isNumber }.filter { $0.count > 3 }.map(String.init)
    }
}
