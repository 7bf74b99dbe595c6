import HTTPServerKit

/// The frame of pages that a signed link opens.
enum LinkPage {
    static func html(_ title: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>\(title)</title></head>
        <body>
        <h1>\(title)</h1>
        \(body)
        </body>
        </html>

        """
    }
}

extension Reply {
    /// A page that loads nothing, runs nothing, stands in no frame, and tells nobody where it was.
    static func linkPage(_ html: String, status: Int) -> Reply {
        var reply = Reply.text(html, type: "text/html; charset=utf-8")
            .with(
                "content-security-policy",
                "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
            )
            .with("referrer-policy", "no-referrer").with("x-frame-options", "DENY").with("x-robots-tag", "noindex")
        reply.status = status
        return reply
    }
}
