import SpotterDomain

/// What a Twilio-compatible provider reads: which SMS to send back, or none.
enum TwiML {
    /// - Parameter text: what is sent back; nil for nothing.
    static func reply(_ text: String?) -> Reply {
        let message = text.map { "<Message>\(escaped($0))</Message>" } ?? ""
        return Reply.text(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\(message)</Response>\n",
            type: "text/xml; charset=utf-8")
    }

    /// Without the characters that XML 1.0 does not know at all.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control || scalar.value & 0xFFFE == 0xFFFE: continue
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
