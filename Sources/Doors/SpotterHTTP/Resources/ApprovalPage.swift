import Foundation
import SpotterDomain

/// The pages behind a link to an approval: plain HTML, without a script, a style or a word that was not asked about.
enum ApprovalPage {
    /// What is asked about, exactly, with two buttons while there is something to decide.
    static func html(_ approval: Approval, link: ApprovalLink, text: String) -> String {
        var rows = [("Asked", Timestamp.string(from: approval.createdAt))]
        if let tool = approval.tool { rows.append(("Tool", tool)) }
        rows.append(("Can be decided until", Timestamp.string(from: link.expiresAt)))
        rows.append(("Decides as", "\(link.subject) (\(link.role.rawValue))"))
        rows.append(("Hash of what is asked about", approval.argumentsHash))
        let list = rows.map { "<dt>\($0.0)</dt><dd>\(escape($0.1))</dd>" }.joined(separator: "\n")
        let arguments =
            approval.arguments.map { "<h2>Exactly this is done</h2>\n<pre>\(escape(pretty($0)))</pre>" } ?? ""
        let isOpen = approval.state == .pending
        return LinkPage.html(
            "May this be done?",
            """
            <p><strong>\(escape(approval.message))</strong></p>
            \(arguments)
            <dl>
            \(list)
            </dl>
            \(isOpen ? form("approve", "Approve", text) + "\n" + form("reject", "Reject", text)
                : "<p>It is \(approval.state.rawValue) already: there is nothing to decide any more.</p>")
            """)
    }

    /// After a decision.
    static func decided(_ approval: Approval) -> String {
        let sentence =
            approval.state == .pending
            ? "Your decision is noted. Others have to decide, too." : "It is \(approval.state.rawValue)."
        return LinkPage.html("Thank you", "<p>\(sentence)</p>\n<p>This link cannot be used again.</p>")
    }

    /// Where a decision did not count.
    static func refused(_ reason: String) -> String { LinkPage.html("Not decided", "<p>\(escape(reason))</p>") }

    /// For every link that is not good, whatever the reason.
    static let unknown = LinkPage.html("No such link", "<p>This link is not valid, or not any more.</p>")

    private static func form(_ decision: String, _ label: String, _ link: String) -> String {
        """
        <form method="post" action="/v1/approval-link?link=\(escape(link))&amp;decision=\(decision)">\
        <button>\(label)</button></form>
        """
    }

    private static func pretty(_ value: JSONValue) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: Data(value.bytes), options: .fragmentsAllowed),
            let bytes = try? JSONSerialization.data(
                withJSONObject: object,
                options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed])
        else { return value.description }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Nothing of the text is markup, and nothing of it hides or turns around what stands beside it.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format:
                escaped += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
