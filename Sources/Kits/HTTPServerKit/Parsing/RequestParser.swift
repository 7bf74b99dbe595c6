internal import CLLHTTP

/// Turns the bytes of one connection into requests: `LineScanner` finds the head, llhttp (strict) reads it and the
/// body, `RequestLine` and `MessageFraming` check what llhttp leaves to its embedder.
///
/// Pure: it holds no socket and no clock. Bytes in, outcomes out; how the bytes were cut changes nothing.
package final class RequestParser {
    /// How long a head may be.
    package struct Limits: Sendable {
        /// Bytes of the request line without its CRLF.
        package var requestLine: Int
        /// Bytes of all header fields.
        package var fieldBytes: Int
        /// Number of header fields.
        package var fields: Int

        package init(requestLine: Int = 8192, fieldBytes: Int = 65536, fields: Int = 100) {
            self.requestLine = requestLine
            self.fieldBytes = fieldBytes
            self.fields = fields
        }
    }

    /// What became of the bytes given.
    package enum Outcome {
        /// All bytes were taken.
        case needsMore
        /// The head is complete. `acceptBody(limit:)` must be called before parsing goes on.
        case head(HTTPRequestHead)
        /// The request is complete with this body; the next call begins with the next request.
        case body([UInt8])
        /// No request, and nothing more can be read from this connection.
        case failed(HTTPParseError)
    }

    private enum State {
        case head
        case headIsComplete
        case body
        case trailers
        case complete
        case failed(HTTPParseError)
    }

    private let limits: Limits
    let remoteAddress: String
    private let llhttp: LLHTTP
    private var state = State.head
    private var scanner: LineScanner
    private var section: [UInt8] = []
    private var requestLine: RequestLine?
    private(set) var framing: MessageFraming?

    /// Whether the connection may stay open after this request (`Connection` and version say so).
    private(set) var keepsAlive = false

    package init(limits: Limits = Limits(), remoteAddress: String = "") {
        self.limits = limits
        self.remoteAddress = remoteAddress
        llhttp = LLHTTP()
        scanner = LineScanner(limits: limits)
    }

    /// Whether part of a head has come, but not all of it.
    var isMidHead: Bool {
        guard case .head = state else { return false }
        return scanner.isMidway
    }

    /// Whether a body is being read.
    var isReadingBody: Bool {
        switch state {
        case .body, .trailers: true
        default: false
        }
    }

    /// How many bytes of the present body have come.
    var bodyCount: Int { llhttp.body.count }

    /// Takes bytes from `position` on, up to the next outcome; moves `position` behind what it took.
    package func parse(_ input: UnsafeRawBufferPointer, at position: inout Int) -> Outcome {
        do {
            while true {
                switch state {
                case .head:
                    guard let head = try parseHead(input, at: &position) else { return .needsMore }
                    state = .headIsComplete
                    return .head(head)
                case .headIsComplete: preconditionFailure("acceptBody(limit:) was not called")
                case .body: guard try parseBody(input, at: &position) else { return .needsMore }
                case .trailers: guard try parseTrailers(input, at: &position) else { return .needsMore }
                case .complete:
                    state = .head
                    scanner = LineScanner(limits: limits)
                    return .body(llhttp.takeBody())
                case .failed(let error): return .failed(error)
                }
            }
        } catch {
            state = .failed(error)
            return .failed(error)
        }
    }

    /// Goes on behind a head.
    ///
    /// - Parameter limit: how many bytes the body may have.
    /// - Throws: 413 at once when the length is announced and too great.
    package func acceptBody(limit: Int) throws(HTTPParseError) {
        guard case .headIsComplete = state, let framing else { preconditionFailure("no head waits for its body") }
        if (framing.contentLength ?? 0) > limit {
            let error = Self.tooLong(limit)
            state = .failed(error)
            throw error
        }
        llhttp.bodyLimit = limit
        state = announcesBody ? .body : .complete
    }

    /// Whether bytes of a body are to follow the head.
    var announcesBody: Bool {
        guard let framing else { return false }
        return framing.isChunked || (framing.contentLength ?? 0) > 0
    }

    /// Whether the client may be holding back the body that it announced.
    var waitsForContinue: Bool { framing?.expectsContinue == true && announcesBody }

    // MARK: The parts of a message

    private func parseHead(
        _ input: UnsafeRawBufferPointer, at position: inout Int
    ) throws(HTTPParseError) -> HTTPRequestHead? {
        while true {
            let start = position
            let event = try scanner.scan(input, at: &position)
            if section.isEmpty { section.reserveCapacity(min(input.count - start, 960)) }
            section.append(contentsOf: input[start..<position])
            switch event {
            case .needsMore: return nil
            case .leadingEmptyLine: section.removeAll(keepingCapacity: true)
            case .requestLine:
                let line = section.withUnsafeBytes { bytes in
                    Result { () throws(HTTPParseError) in
                        try RequestLine(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 2)]))
                    }
                }
                requestLine = try line.get()
            case .end: return try finishHead()
            }
        }
    }

    private func finishHead() throws(HTTPParseError) -> HTTPRequestHead {
        guard let requestLine else { preconditionFailure("a head ended before its first line") }
        let bytes = section
        section = []
        let headers = HTTPHeaders(bytes: bytes, fields: try llhttp.parseHead(bytes))
        let framing = try MessageFraming(headers, version: requestLine.version)
        guard llhttp.isChunked == framing.isChunked, llhttp.contentLength == UInt64(framing.contentLength ?? 0) else {
            throw HTTPParseError(400, "The length of the body is ambiguous.")
        }
        keepsAlive = llhttp.keepsAlive
        self.framing = framing
        return HTTPRequestHead(
            method: requestLine.method, version: requestLine.version, headers: headers, target: requestLine.target,
            form: requestLine.form, remoteAddress: remoteAddress)
    }

    /// Returns whether the state changed.
    private func parseBody(_ input: UnsafeRawBufferPointer, at position: inout Int) throws(HTTPParseError) -> Bool {
        switch try llhttp.parseBody(input, at: &position) {
        case .needsMore: return false
        case .trailers:
            scanner = LineScanner(limits: limits, isTrailers: true)
            state = .trailers
        case .complete: state = .complete
        }
        return true
    }

    /// Trailers are checked like header fields, and dropped (RFC 9112, 7.1.2 allows it).
    private func parseTrailers(
        _ input: UnsafeRawBufferPointer, at position: inout Int
    ) throws(HTTPParseError) -> Bool {
        let start = position
        let event = try scanner.scan(input, at: &position)
        section.append(contentsOf: input[start..<position])
        guard case .end = event else { return false }
        try llhttp.parseTrailers(section)
        section = []
        state = .complete
        return true
    }

    static func tooLong(_ limit: Int) -> HTTPParseError {
        HTTPParseError(413, "The body is longer than \(limit) bytes.")
    }
}
