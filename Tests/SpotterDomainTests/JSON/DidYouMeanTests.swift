import SpotterDomain
import Testing

struct DidYouMeanTests {
    private static let words = ["interval", "name", "timezone", "model", "id"]

    @Test(
        arguments: [
            ("inter", nil), ("intervall", "interval"), ("interavl", "interval"), ("Interval", "interval"),
            ("nmae", "name"),
            ("timezon", "timezone"), ("time_zone", "timezone"), ("modle", "model"), ("iq", "id"), ("xyz", nil),
            ("", nil),
            ("completely", nil),
        ] as [(String, String?)])
    func `the nearest word is proposed when it is near`(_ word: String, _ expected: String?) {
        #expect(DidYouMean.nearest(to: word, among: Self.words) == expected)
    }

    @Test func `a hint is a clause or nothing`() {
        #expect(DidYouMean.hint(for: "naem", among: Self.words) == "; did you mean \"name\"?")
        #expect(DidYouMean.hint(for: "qqqqqq", among: Self.words).isEmpty)
        #expect(DidYouMean.nearest(to: "name", among: []) == nil)
        #expect(DidYouMean.nearest(to: String(repeating: "n", count: 10_000), among: Self.words) == nil)
    }
}
