import SpotterDomain

/// The pages behind the link at the end of marketing mail: plain HTML, without a script, a style or a picture.
enum UnsubscribePage {
    /// Asks, with one button.
    ///
    /// - Parameters:
    ///   - email: of whom the link is; shown in part only, because mail is forwarded.
    ///   - isDone: whether they get nothing any more already.
    static func question(sender: String, email: String, link: String, isDone: Bool) -> String {
        let address = ApprovalPage.escape(hidden(email))
        let name = ApprovalPage.escape(sender)
        guard !isDone else {
            return LinkPage.html(
                "Unsubscribed", "<p>\(name) sends no marketing by e-mail to \(address) already.</p>")
        }
        return LinkPage.html(
            "Unsubscribe",
            """
            <p>Shall \(name) send no more marketing by e-mail to \(address)? What you have asked for or have to know, such
            as confirmations, still comes.</p>
            <form method="post" action="/v1/unsubscribe?link=\(ApprovalPage.escape(link))"><button>Unsubscribe</button></form>
            """)
    }

    /// It is noted.
    static func done(sender: String) -> String {
        LinkPage.html(
            "Unsubscribed", "<p>\(ApprovalPage.escape(sender)) sends you no more marketing by e-mail.</p>")
    }

    /// For every link that is not good, whatever the reason.
    static let unknown = LinkPage.html("No such link", "<p>This link is not valid.</p>")

    /// `a…@example.com`
    private static func hidden(_ email: String) -> String {
        guard let at = email.lastIndex(of: "@"), let first = email.first, at > email.startIndex else {
            return "this address"
        }
        return "\(first)…\(email[at...])"
    }
}
