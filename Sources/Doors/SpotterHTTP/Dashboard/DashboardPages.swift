import HTTPServerKit
import SpotterDomain

/// Answers requests for the dashboard's page and its files.
struct DashboardPages: Sendable {
    let files: DashboardFiles

    /// Where files are, under the hash of all of them.
    private static let prefix = "/assets/"

    /// The answer; nil where the path is none of the dashboard's.
    func reply(to request: HTTPRequest) throws -> Reply? {
        let path = request.path
        guard path == "/" || path.hasPrefix(Self.prefix) else { return nil }
        let catalogue = files.catalogue(isChecked: path == "/")
        if path == "/" { return catalogue.page.map { page($0, request) } }
        // The catalogue has plain names only: a path that is written in any other way finds nothing.
        let rest = path.dropFirst(Self.prefix.count)
        guard let slash = rest.firstIndex(of: "/"),
            let file = catalogue.files[String(rest[rest.index(after: slash)...])]
        else { return nil }
        // Another build's name gets the present file, and is not to be kept under it.
        let isPresent = rest[..<slash] == catalogue.build[...]
        return reply(file, request, caching: isPresent ? "public, max-age=31536000, immutable" : "no-cache")
    }

    private func page(_ file: DashboardFiles.File, _ request: HTTPRequest) -> Reply {
        reply(file, request, caching: "no-cache")
            .with("content-security-policy", Self.policy)
            .with("cross-origin-opener-policy", "same-origin")
            .with("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
            .with("referrer-policy", "no-referrer")
            .with("x-frame-options", "DENY")
    }

    /// Nothing from elsewhere, nothing in line, and no text that becomes markup.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
        "font-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    private func reply(_ file: DashboardFiles.File, _ request: HTTPRequest, caching: String) -> Reply {
        let packed = file.packed.flatMap { Packing.isAccepted(request.headers) ? $0 : nil }
        // Another coding is another representation, with a tag of its own (RFC 9110, 8.8.3.3).
        let tag = packed == nil ? "\"\(file.tag)\"" : "\"\(file.tag)-gzip\""
        var reply = Reply(status: 200, contentType: file.type, body: .bytes(packed ?? file.bytes))
        if Self.knows(tag, request.headers) {
            reply = Reply(status: 304, contentType: "", body: .bytes([]))
        } else if packed != nil {
            reply = reply.with("content-encoding", "gzip")
        }
        return reply.with("etag", tag).with("vary", "Accept-Encoding, Origin").with("cache-control", caching)
    }

    private static func knows(_ tag: String, _ headers: HTTPHeaders) -> Bool {
        headers.values(of: "if-none-match").flatMap { $0.split(separator: ",") }.contains { known in
            let known = known.trimmed
            return known == "*" || known == tag || known == "W/\(tag)"
        }
    }
}

extension Substring {
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
