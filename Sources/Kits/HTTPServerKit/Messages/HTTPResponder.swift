/// What answers the requests of a server.
public protocol HTTPResponder: Sendable {
    /// How many bytes the body of this request may have; asked when the head is complete and before the body is read, of
    /// requests that announce one.
    ///
    /// A longer body is answered with 413. By default 1 MiB.
    func bodyLimit(for head: HTTPRequestHead) -> Int

    /// Answers one request. Runs on the loop of the request's connection; is cancelled when the client goes away.
    func respond(to request: HTTPRequest) async -> HTTPResponse

    /// The answer to what never became a request: malformed, too long, too slow, or refused for load.
    ///
    /// - Parameters:
    ///   - status: 400, 408, 413, 414, 417, 431, 501, 503 or 505.
    ///   - detail: one sentence in plain words; holds nothing of the request.
    ///   - remoteAddress: the peer's, as a request would name it.
    func errorResponse(status: Int, detail: String, remoteAddress: String) -> HTTPResponse
}

extension HTTPResponder {
    /// 1 MiB.
    public func bodyLimit(for head: HTTPRequestHead) -> Int { 1 << 20 }

    /// A line of plain text.
    public func errorResponse(status: Int, detail: String, remoteAddress: String) -> HTTPResponse {
        .text(status, detail + "\n")
    }
}
