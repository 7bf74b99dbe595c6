/// How pleased words sound, by a list of such words: no more than that, and the same every time.
struct Mood {
    /// From -1, displeased, to 1, pleased.
    let score: Double

    /// `positive`, `neutral` or `negative`.
    var word: String { score > 0.2 ? "positive" : score < -0.2 ? "negative" : "neutral" }

    init(of words: [String]) {
        var (pleased, displeased) = (0, 0)
        for (place, word) in words.enumerated() {
            let isGood = Self.pleased.contains(word)
            guard isGood || Self.displeased.contains(word) else { continue }
            // "Not good", "never had a problem": what stands before turns it around.
            let isTurned = words[max(0, place - 3)..<place].contains(where: Self.turning.contains)
            if isGood != isTurned { pleased += 1 } else { displeased += 1 }
        }
        let all = pleased + displeased
        score = all == 0 ? 0 : Double(pleased - displeased) / Double(all)
    }

    private static func list(_ words: String) -> Set<String> { Set(words.split(separator: " ").map(String.init)) }

    private static let pleased = list(
        "amazing awesome best brilliant clean delighted enjoy enjoyed excellent fantastic friendly glad good great "
            + "happy helpful impressed kind like liked love loved lovely nice perfect pleased recommend satisfied super "
            + "superb thank thanks welcoming wonderful")
    private static let displeased = list(
        "angry annoyed annoying awful bad broken cancel complain complaint crowded dirty disappointed disappointing "
            + "disgusting expensive frustrated frustrating hate horrible ignored injured late leaving overcharged "
            + "overcrowded poor problem refund rude slow smelly terrible unacceptable unfriendly unhappy upset useless "
            + "waste worse worst wrong")
    private static let turning = list("not no never isn wasn aren don didn doesn without hardly nothing")
}
