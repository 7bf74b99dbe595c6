/// What is known of a request before its body is read.
public struct HTTPRequestHead: Sendable {
    /// The method.
    public let method: HTTPMethod
    /// The protocol version of the client.
    public let version: HTTPVersion
    /// The header fields.
    public let headers: HTTPHeaders
    /// The peer's IP address in text, empty for a request that came by no socket.
    public let remoteAddress: String

    private let targetSpan: HTTPHeaders.Span
    private let pathSpan: HTTPHeaders.Span
    private let querySpan: HTTPHeaders.Span?

    /// A request that was not parsed from a socket, for tests and for calls within the process.
    public init(
        method: HTTPMethod, target: String, version: HTTPVersion = .http11, headers: HTTPHeaders = [:],
        remoteAddress: String = ""
    ) {
        var headers = headers
        let span = headers.appendLoose(target)
        let form = headers.bytes.withUnsafeBytes { TargetForm(UnsafeRawBufferPointer(rebasing: $0[span.range])) }
        self.init(
            method: method, version: version, headers: headers, target: span.range,
            form: form ?? TargetForm(path: 0..<span.range.count, query: nil), remoteAddress: remoteAddress)
    }

    init(
        method: HTTPMethod, version: HTTPVersion, headers: HTTPHeaders, target: Range<Int>, form: TargetForm,
        remoteAddress: String
    ) {
        self.method = method
        self.version = version
        self.headers = headers
        self.remoteAddress = remoteAddress
        targetSpan = HTTPHeaders.Span(target.lowerBound, count: target.count)
        pathSpan = HTTPHeaders.Span(target.lowerBound + form.path.lowerBound, count: form.path.count)
        querySpan = form.query.map { HTTPHeaders.Span(target.lowerBound + $0.lowerBound, count: $0.count) }
    }

    /// The request target exactly as it was sent.
    public var target: String { headers.text(targetSpan) }

    /// The path, percent-encoded as it was sent; `/` when an absolute target names none, `*` for `OPTIONS *`.
    public var path: String { pathSpan.count == 0 ? "/" : headers.text(pathSpan) }

    /// What follows the first `?`, percent-encoded as it was sent.
    public var query: String? { querySpan.map(headers.text) }
}

/// A complete request.
public struct HTTPRequest: Sendable {
    /// Everything but the body.
    public let head: HTTPRequestHead
    /// The body, decoded from its transfer coding; never longer than the limit given for this request.
    public let body: [UInt8]

    /// Puts a body to a head.
    public init(head: HTTPRequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }

    /// A request that was not parsed from a socket, for tests and for calls within the process.
    public init(
        method: HTTPMethod, target: String, version: HTTPVersion = .http11, headers: HTTPHeaders = [:],
        body: [UInt8] = [], remoteAddress: String = ""
    ) {
        head = HTTPRequestHead(
            method: method, target: target, version: version, headers: headers, remoteAddress: remoteAddress)
        self.body = body
    }

    /// The method.
    public var method: HTTPMethod { head.method }
    /// The request target exactly as it was sent.
    public var target: String { head.target }
    /// The path, percent-encoded as it was sent.
    public var path: String { head.path }
    /// What follows the first `?`, percent-encoded as it was sent.
    public var query: String? { head.query }
    /// The protocol version of the client.
    public var version: HTTPVersion { head.version }
    /// The header fields.
    public var headers: HTTPHeaders { head.headers }
    /// The peer's IP address in text.
    public var remoteAddress: String { head.remoteAddress }
}
