import SpotterDomain
import Testing

struct SearchWordsTests {
    @Test(arguments: [
        ("Is Spin on?", ["is", "spin", "on"]), ("Müller's STRASSE straße", ["müller", "s", "strasse"]),
        ("25% of ana@example.org", ["25", "of", "ana", "example", "org"]), (" \n!?", []),
        ("e\u{301}te\u{301}", ["été"]), ("日本 体操", ["日本", "体操"]),
    ])
    func `words are letters and digits in a row, folded and without repeats`(_ text: String, _ words: [String]) {
        #expect(SearchWords.words(of: text) == words)
    }

    @Test func `long words and many of them are cut`() {
        #expect(SearchWords.words(of: String(repeating: "a", count: 70)) == [String(repeating: "a", count: 64)])
        let many = (0..<6_000).map { "w\($0)" }.joined(separator: " ")
        #expect(SearchWords.words(of: many).count == SearchWords.most)
    }

    @Test func `a search has one to ten words`() throws {
        #expect(try SearchWords.wanted(nil) == [])
        #expect(try SearchWords.wanted("  ") == [])
        #expect(try SearchWords.wanted("Spin on") == ["spin", "on"])
        for text in ["%", "a b c d e f g h i j k", String(repeating: "x", count: 201)] {
            #expect(throws: SpotterError.self) { try SearchWords.wanted(text) }
        }
    }
}
