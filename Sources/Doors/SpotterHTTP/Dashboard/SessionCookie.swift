import HTTPServerKit
import SpotterDomain

/// The cookie that holds a session, and what must be true of a request before it counts.
///
/// A browser sends cookies with requests that other sites make. So a session lets only those in that this server's own
/// pages make: the browser says where they come from (`Sec-Fetch-Site`, `Origin`), and every change carries a field
/// that no form or image can send.
enum SessionCookie {
    /// What every change must carry beside the cookie.
    static let field = "x-spotter-dashboard"

    /// Where the page came by TLS, the name keeps other hosts, and pages without TLS, from setting the cookie.
    private static let secureName = "__Host-spotter-session"
    private static let plainName = "spotter-session"

    /// The session's text; nil where the request has no such cookie.
    ///
    /// - Parameter isSecure: whether every client comes by TLS. Where that, the page's origin or a proxy says so, only the
    ///   cookie counts that no page without TLS can have set.
    static func text(in headers: HTTPHeaders, isSecure: Bool) -> String? {
        let takesPlain =
            !isSecure && !headers.values(of: "origin").contains { $0.hasPrefix("https://") }
            && !headers.values(of: "x-forwarded-proto").contains { $0.lowercased().contains("https") }
        var plain: String?
        for field in headers.values(of: "cookie") {
            for pair in CookieField.pairs(in: field) {
                if pair.name == secureName[...] { return String(pair.value) }
                if takesPlain, pair.name == plainName[...], plain == nil { plain = String(pair.value) }
            }
        }
        return plain
    }

    /// Throws `forbidden` where somebody else's page may have made the request.
    static func check(_ request: HTTPRequest) throws {
        let isRead = [.get, .head].contains(request.method)
        if !isRead, request.headers[field] == nil {
            throw SpotterError(.forbidden, "With a session, a change must carry the field X-Spotter-Dashboard.")
        }
        if request.headers.contains("sec-fetch-site") {
            // `none` is somebody who typed the address or opened a bookmark.
            let site = request.headers.single("sec-fetch-site")
            guard site == "same-origin" || (isRead && site == "none") else { throw elsewhere }
        }
        if request.headers.contains("origin") {
            // No browser sends two; which of them counts is not for us to choose.
            guard let origin = request.headers.single("origin"), isOwn(origin, request.headers) else { throw elsewhere }
        }
    }

    private static let elsewhere = SpotterError(.forbidden, "A session counts only for this server's own pages.")

    private static func isOwn(_ origin: String, _ headers: HTTPHeaders) -> Bool {
        guard let host = headers.single("host")?.lowercased(), let scheme = origin.firstRange(of: "://") else {
            return false
        }
        return ["http", "https"].contains(origin[..<scheme.lowerBound]) && origin[scheme.upperBound...] == host[...]
    }

    /// The field that sets the cookie for as long as the session lives, or takes it away.
    ///
    /// The page's origin says whether it came by TLS, also through a proxy that ends it.
    static func setting(_ text: String?, for seconds: Int, answering request: HTTPRequest) -> String {
        let isSecure = request.headers.single("origin")?.hasPrefix("https://") ?? false
        let name = isSecure ? secureName : plainName
        return "\(name)=\(text ?? ""); Path=/; Max-Age=\(text == nil ? 0 : seconds); HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }
}
