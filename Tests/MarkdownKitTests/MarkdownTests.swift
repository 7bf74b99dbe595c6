import MarkdownKit
import Testing

@Suite struct MarkdownTests {
    @Test func `a text becomes HTML without anything that runs`() {
        let html = Markdown.html("# Hi *you*\n\n[a](javascript:alert(1)) <script>x</script> [b](https://b.test)")
        #expect(html.contains("<h1>Hi <em>you</em></h1>"))
        #expect(html.contains("<a href=\"https://b.test\">b</a>"))
        #expect(!html.contains("javascript") && !html.contains("<script"))
    }

    @Test func `a text becomes words that read well without marks`() {
        let text = """
            # Welcome

            Hi **Ana**,
            good to *see* you. [Book](https://gym.test/b) or write to <mailto:a@gym.test>.

            - one
            - two
              - inner

            3. three
            4. four

            > quoted

            `code`
            """
        #expect(
            Markdown.plainText(text) == """
                Welcome

                Hi Ana, good to see you. Book (https://gym.test/b) or write to mailto:a@gym.test.

                - one
                - two
                  - inner

                3. three
                4. four

                quoted

                code
                """)
    }

    @Test(arguments: [
        "[click](https://evil.test)", "# heading", "- list", "1. list", "<b>x</b>", "**bold**", "a\n\nb", "`code`",
        "![i](https://x.test/i.png)", "&amp;", "\\", "<https://evil.test>", "> q", "---", "a_b_c", "Zoë & Søn",
    ])
    func `a value put into a template is read as itself`(value: String) {
        let text = Markdown.plainText("Hi \(Markdown.escaped(value))!")
        #expect(text == "Hi \(value.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " "))!")
        let html = Markdown.html("Hi \(Markdown.escaped(value))!")
        for tag in ["<a", "<b>", "<h1", "<li", "<img", "<code", "<strong", "<em"] { #expect(!html.contains(tag)) }
    }

    @Test func `nothing is nothing, and control characters do no harm`() {
        #expect(Markdown.html("") == "")
        #expect(Markdown.plainText("\0") == "\u{FFFD}")
        #expect(Markdown.escaped("a\0\u{7}b\tc") == "ab c")
    }
}
