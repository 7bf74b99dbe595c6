import HTTPClientKit
import SpotterDomain

/// An answer as a model reads it: what it can use, within bounds, without the secrets that a server may echo.
struct HTTPAnswer {
    /// The most bytes of a body that a model is given.
    static let bytesShown = 32 * 1024
    /// The most bytes of a body that are read: a secret that begins before the cut is seen whole, and hidden.
    static let bytesRead = bytesShown + 4096
    /// The most bytes that the body may have in the result, where quotes and control characters take more than one.
    private static let bytesWritten = 48 * 1024
    private static let headersShown = [
        "Content-Type", "Content-Language", "ETag", "Last-Modified", "Link", "Location", "Retry-After",
        "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id",
    ]

    private let response: OutgoingResponse
    private let address: WebAddress
    private let hider: SecretHider

    init(_ answer: GuardedResponse, hiding secrets: [String]) {
        response = answer.response
        address = answer.address
        hider = SecretHider(secrets)
    }

    /// - Parameter milliseconds: how long it took.
    func json(milliseconds: Int) -> JSONValue {
        let (body, isTruncated) = body
        return [
            "status": .int(Int64(response.status)), "headers": .object(headers), "body": body,
            "truncated": .bool(isTruncated), "url": .string(hider.hide(address.text)),
            "duration_ms": .int(Int64(milliseconds)),
        ]
    }

    private var headers: JSONObject {
        var shown = JSONObject()
        for name in Self.headersShown {
            guard let value = response.headers[name] else { continue }
            shown[name.lowercased()] = .string(String(hider.hide(value).prefix(500)))
        }
        return shown
    }

    private var contentType: String { (response.headers["Content-Type"] ?? "").lowercased() }

    private var body: (JSONValue, isTruncated: Bool) {
        let isWhole = !response.isTruncated && response.body.count <= Self.bytesShown
        if isWhole, contentType.contains("json"), let value = try? JSONParser.parse(response.body) {
            let hidden = hider.hide(value)
            if hidden.bytes.count <= Self.bytesWritten { return (hidden, false) }
        }
        guard let text else {
            let kind = contentType.isEmpty ? "of no stated type" : String(contentType.prefix(100))
            let size = response.isTruncated ? "more than \(response.body.count)" : "\(response.body.count)"
            return (.string("[binary data, \(kind), \(size) bytes, not shown]"), false)
        }
        return cut(text)
    }

    /// The body as text; nil if it is none. A character that the cut went through is left out.
    private var text: String? {
        var bytes = response.body[...]
        guard !bytes.contains(0) else { return nil }
        for _ in 0..<4 {
            if let text = String(validating: bytes, as: UTF8.self) { return text }
            guard response.isTruncated, !bytes.isEmpty else { break }
            bytes.removeLast()
        }
        let isLatin = contentType.contains("iso-8859-1") || contentType.contains("windows-1252")
        guard isLatin else { return nil }
        return String(String.UnicodeScalarView(response.body.map { Unicode.Scalar($0) }))
    }

    private func cut(_ text: String) -> (JSONValue, isTruncated: Bool) {
        var shown = hider.hide(text)[...]
        // The end of what was read may be the beginning of a secret.
        if response.isTruncated { shown = Self.prefix(shown, bytes: shown.utf8.count - hider.longest) }
        var isTruncated = response.isTruncated || shown.utf8.count > Self.bytesShown
        shown = Self.prefix(shown, bytes: Self.bytesShown)
        while JSONValue.string(String(shown)).bytes.count > Self.bytesWritten {
            isTruncated = true
            shown = Self.prefix(shown, bytes: shown.utf8.count * 3 / 4)
        }
        return (.string(String(shown)), isTruncated)
    }

    /// At most so many bytes of UTF-8, whole scalars.
    private static func prefix(_ text: Substring, bytes: Int) -> Substring {
        guard bytes > 0, text.utf8.count > bytes else { return bytes > 0 ? text : "" }
        var end = text.utf8.index(text.startIndex, offsetBy: bytes)
        // Not between the bytes of one scalar.
        while text.utf8[end] & 0xC0 == 0x80 { text.utf8.formIndex(before: &end) }
        return text[..<end]
    }
}
