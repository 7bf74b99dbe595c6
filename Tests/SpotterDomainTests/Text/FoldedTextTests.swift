import SpotterDomain
import Testing

struct FoldedTextTests {
    @Test(arguments: [
        ("Coach", "coach"), ("CAFÉ", "cafe\u{301}"), ("Straße", "STRASSE"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ﬁt", "FIT"),
        ("Ångström", "A\u{30A}NGSTRÖM"), ("Ⅷ", "ⅷ"),
    ])
    func `texts that differ in case or composition fold alike`(_ left: String, _ right: String) {
        #expect(FoldedText.fold(left) == FoldedText.fold(right))
        #expect(FoldedText.fold(FoldedText.fold(left)) == FoldedText.fold(left))
    }

    @Test func `letters that differ stay apart`() {
        #expect(FoldedText.fold("Resume") != FoldedText.fold("Résumé"))
        #expect(FoldedText.fold("l") != FoldedText.fold("ł"))
    }

    @Test(arguments: [
        ("79460018", "79460018"), ("(0)20-7946.0018", "02079460018"), ("+44", "44"), ("-", nil), ("a1", nil),
        ("１２", nil), ("", nil),
    ])
    func `digits of a phone number are told from other words`(_ word: String, _ digits: String?) {
        #expect(FoldedText.phoneDigits(ofWord: word) == digits)
    }

    @Test func `words are folded and come once`() {
        #expect(FoldedText.words("  Anna\tANNA  Li\n") == ["anna", "li"])
    }
}
