import Foundation

/// What a page asks for: a document, a script, data.
public struct ResourceRequest: Sendable, Hashable {
    /// What it is for.
    public enum Purpose: Sendable, Hashable {
        /// The page itself.
        case page
        /// A frame inside of it.
        case frame
        /// Anything that a page's scripts and styles ask for.
        case resource
        /// Pictures, sound, fonts and streams that never end: what a reader of text has no use for.
        case decoration
    }

    /// In upper-case letters.
    public let method: String
    /// The whole URL, without its fragment.
    public let url: String
    /// Names with their values, the page's cookies among them.
    public let headers: [String: String]
    /// What is sent; nil for nothing.
    public let body: [UInt8]?
    /// Whether the request sends something that is not told, such as a file.
    public let hasUnknownBody: Bool
    /// What it is for.
    public let purpose: Purpose
}

/// What a page is given for a request.
public struct ResourceResponse: Sendable {
    /// The status, redirects among them: the page then asks for the other address.
    public let status: Int
    /// Names with their values; a name may stand there more than once.
    public let headers: [(name: String, value: String)]
    /// The content, uncompressed.
    public let body: [UInt8]

    /// An answer.
    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The event `Fetch.requestPaused`: a request of a page that waits for its answer.
public struct PausedRequest: Sendable, Decodable {
    private struct Content: Decodable, Sendable {
        struct Entry: Decodable, Sendable { let bytes: String? }
        let url: String
        let method: String
        let headers: [String: String]
        let hasPostData: Bool?
        let postDataEntries: [Entry]?
    }

    private let requestId: String
    private let frameId: String?
    private let resourceType: String?
    private let request: Content

    /// How the browser names it.
    public var id: String { requestId }

    private static let decorations: Set<String> = [
        "Image", "Media", "Font", "EventSource", "TextTrack", "CSPViolationReport", "Prefetch", "SignedExchange",
    ]

    /// What is asked for.
    ///
    /// - Parameter mainFrame: the page's own frame.
    public func request(mainFrame: String) -> ResourceRequest {
        let entries = request.postDataEntries ?? []
        let bytes = entries.compactMap { $0.bytes.flatMap { Data(base64Encoded: $0) } }
        let isWhole = !entries.isEmpty && bytes.count == entries.count
        let purpose: ResourceRequest.Purpose =
            switch resourceType ?? "" {
            case "Document": frameId == mainFrame ? .page : .frame
            case let type where Self.decorations.contains(type): .decoration
            default: .resource
            }
        return ResourceRequest(
            method: request.method, url: request.url, headers: request.headers,
            body: isWhole ? bytes.flatMap { Array($0) } : nil,
            hasUnknownBody: request.hasPostData == true && !isWhole, purpose: purpose)
    }
}
