import SpotterDomain
import Testing

struct DisplayNameTests {
    @Test(arguments: [
        "Front Desk", "Café Straße", "受付", "پذیرش\u{200C}ها", "👩\u{200D}🏫 Coach", "❤\u{FE0F} Team", "O'Neill & Co. (2)",
        "קבלה", "a\u{301}",
    ])
    func `names of all scripts are fine`(_ name: String) {
        #expect(DisplayName.problem(with: name) == nil)
    }

    @Test(arguments: [
        ("", "blank"), ("  ", "blank"), ("\u{A0}", "blank"), ("\u{200B}", "blank"), ("\u{200D}\u{2060}", "blank"),
        ("\u{3164}", "blank"), ("\u{E0041}", "blank"), ("a\u{202E}gnp.exe", "U+202E"), ("a\u{200B}b", "U+200B"),
        ("a\nb", "U+000A"), ("a\u{1B}[31m", "U+001B"), ("a\u{7F}", "U+007F"), ("a\u{85}b", "U+0085"),
        ("a\u{2066}b", "U+2066"), ("\u{FEFF}x", "U+FEFF"), ("x\u{E0041}", "U+E0041"), ("a\u{FFFF}", "U+FFFF"),
        ("a\u{2028}b", "U+2028"), ("a\u{AD}b", "U+00AD"), (" lead", "begin or end"), ("trail ", "begin or end"),
    ])
    func `what hides, turns or breaks a line is refused by its number`(_ name: String, _ words: String) {
        #expect(DisplayName.problem(with: name)?.contains(words) == true)
    }
}
