import CCmark

/// Markdown (CommonMark, by libcmark) as HTML and as plain text.
public enum Markdown {
    /// The longest text that is rendered, in bytes; what is beyond is left out.
    public static let maximumBytes = 1 << 20

    /// The text as HTML that is safe to show: raw HTML is left out, and a link or an image that is not plainly one (such
    /// as `javascript:`) has no address.
    public static func html(_ text: String) -> String {
        guard let document = MarkdownDocument(text) else { return "" }
        return document.html()
    }

    /// The text as people read it in a terminal or an SMS: no marks, links with their address behind them, lists with
    /// dashes or numbers, paragraphs with an empty line between.
    public static func plainText(_ text: String) -> String {
        guard let document = MarkdownDocument(text) else { return "" }
        var writer = PlainTextWriter()
        document.walk { writer.visit($0, $1) }
        return writer.text
    }

    /// A text that, inside Markdown, means nothing but itself: for values that people or programs put into a template.
    ///
    /// Line ends and tabs become spaces, other control characters are left out, and every mark is escaped (CommonMark
    /// §2.4), so that no value makes a link, a heading or a list. What mail programs would link by themselves, they may
    /// still link.
    public static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t", "\u{85}", "\u{2028}", "\u{2029}": text += " "
            case _ where scalar.properties.generalCategory == .control: continue
            case "!"..."/", ":"..."@", "["..."`", "{"..."~":
                text += "\\"
                text.unicodeScalars.append(scalar)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
