import SpotterDomain

/// What the offline model says where no tool is meant.
struct SmallTalk {
    let tools: [ToolDescription]

    private static let greetings: Set<String> = ["hi", "hello", "hey", "hiya", "greetings", "morning", "evening"]
    private static let thanks: Set<String> = [
        "thanks", "thank", "thx", "cheers", "great", "perfect", "ok", "okay", "cool",
    ]
    private static let farewells: Set<String> = ["bye", "goodbye", "ciao"]
    private static let fillers: Set<String> = [
        "good", "there", "you", "very", "much", "a", "lot", "for", "your", "help", "that", "all", "so", "day", "have",
        "nice", "afternoon", "then", "and", "how", "are", "doing", "is", "it", "going", "today", "s", "everyone",
        "again",
        "spotter", "the", "was", "this",
    ]

    /// An answer to greetings, thanks and questions about what it can do; nil when something is wanted.
    func reply(to utterance: Utterance) -> String? {
        let words = utterance.pieces.flatMap(\.words)
        guard !words.isEmpty else { return "Tell me what you would like to know. \(abilities)" }
        if isAboutAbilities(words) { return "I match your words to my tools, without a network. \(abilities)" }
        guard words.count <= 10 else { return nil }
        func isOnly(_ kind: Set<String>) -> Bool {
            words.contains(where: kind.contains)
                && words.allSatisfy {
                    kind.contains($0) || Self.fillers.contains($0) || Self.thanks.contains($0)
                        || Self.greetings.contains($0)
                }
        }
        if isOnly(Self.farewells) { return "Goodbye!" }
        if words.first.map(Self.greetings.contains) == true, isOnly(Self.greetings) { return "Hello! \(abilities)" }
        if isOnly(Self.thanks) { return "You are welcome." }
        if isOnly(Self.greetings) || words.allSatisfy(Self.fillers.contains) && words.starts(with: ["how", "are"]) {
            return "Hello! \(abilities)"
        }
        return nil
    }

    /// What to say when nothing matches.
    func nothingFits(_ utterance: Utterance) -> String {
        if let verb = utterance.action {
            return "I have no tool to \(verb) anything, so I have not done it. \(abilities)"
        }
        return "I found no tool for that, and without one I do not know. \(abilities)"
    }

    private func isAboutAbilities(_ words: [String]) -> Bool {
        let text = words.joined(separator: " ")
        let phrases = [
            "what can you do", "what can i ask", "how can you help", "what do you do", "who are you", "what are you",
            "what tools", "which tools", "can you help me",
        ]
        return text == "help" || words.count <= 8 && phrases.contains { text.contains($0) && text.hasPrefix($0) }
    }

    private var abilities: String {
        guard !tools.isEmpty else { return "This agent has no tools, so there is nothing I can look up." }
        let names = tools.prefix(8).map { humanized($0.name) }
        let more = tools.count > names.count ? " and \(tools.count - names.count) more" : ""
        return "I can: \(names.joined(separator: "; "))\(more)."
    }
}
