internal import CLLHTTP

/// One llhttp parser and what its callbacks gather.
///
/// It is handed one complete head, then the body as it comes, then complete trailers; it pauses between them.
final class LLHTTP {
    enum BodyOutcome {
        case needsMore
        /// The last chunk's header was read; the trailers and the empty line follow.
        case trailers
        case complete
    }

    /// Bytes that chunk extensions may take in one body; they mean nothing here.
    private static let maximumExtensionBytes = 4096

    private let parser: UnsafeMutablePointer<llhttp_t>
    private var base: UnsafeRawPointer?
    private var fields: [HTTPHeaders.Field] = []
    private var pendingName = HTTPHeaders.Span(0, count: 0)
    private var extensionBytes = 0
    private var isInTrailers = false
    private var isComplete = false
    private var failure: HTTPParseError?
    private(set) var body: [UInt8] = []
    var bodyLimit = 0

    init() {
        parser = .allocate(capacity: 1)
        parser.initialize(to: llhttp_t())
    }

    deinit { parser.deallocate() }

    var isChunked: Bool { parser.pointee.flags & UInt16(F_CHUNKED.rawValue) != 0 }
    var contentLength: UInt64 { parser.pointee.content_length }
    var keepsAlive: Bool { llhttp_should_keep_alive(parser) != 0 }

    /// Reads one head, which must be complete, and pauses before the body.
    func parseHead(_ head: [UInt8]) throws(HTTPParseError) -> [HTTPHeaders.Field] {
        llhttp_init(parser, HTTP_REQUEST, Self.settings)
        parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        fields.reserveCapacity(16)
        isInTrailers = false
        isComplete = false
        extensionBytes = 0
        let code = head.withUnsafeBytes { execute($0) }
        guard code == HPE_PAUSED else { throw error(code) }
        defer { fields = [] }
        return fields
    }

    /// Reads body bytes from `position` on, up to the trailers or to the end of the body.
    func parseBody(_ input: UnsafeRawBufferPointer, at position: inout Int) throws(HTTPParseError) -> BodyOutcome {
        if parser.pointee.error == HPE_PAUSED.rawValue { llhttp_resume(parser) }
        let rest = UnsafeRawBufferPointer(rebasing: input[position...])
        guard !rest.isEmpty else { return .needsMore }
        let code = execute(rest)
        if code == HPE_OK {
            position = input.count
            return .needsMore
        }
        guard code == HPE_PAUSED, let end = llhttp_get_error_pos(parser), let start = rest.baseAddress else {
            throw error(code)
        }
        position += UnsafeRawPointer(end) - start
        return isComplete ? .complete : .trailers
    }

    /// Reads the trailers, which must be complete.
    func parseTrailers(_ trailers: [UInt8]) throws(HTTPParseError) {
        llhttp_resume(parser)
        let code = trailers.withUnsafeBytes { execute($0) }
        guard code == HPE_PAUSED, isComplete else { throw error(code) }
    }

    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    private func execute(_ bytes: UnsafeRawBufferPointer) -> llhttp_errno_t {
        base = bytes.baseAddress
        defer { base = nil }
        return llhttp_execute(parser, bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count)
    }

    private func error(_ code: llhttp_errno_t) -> HTTPParseError {
        if let failure { return failure }
        guard code != HPE_OK, code != HPE_PAUSED, let reason = llhttp_get_error_reason(parser) else {
            return HTTPParseError(400, "The request is malformed.")
        }
        return HTTPParseError(400, "The request is malformed: \(String(cString: reason)).")
    }

    // MARK: Callbacks

    private func takeName(_ start: UnsafePointer<CChar>, _ count: Int) {
        guard !isInTrailers, let base else { return }
        pendingName = HTTPHeaders.Span(UnsafeRawPointer(start) - base, count: count)
    }

    private func takeValue(_ start: UnsafePointer<CChar>, _ count: Int) {
        guard !isInTrailers, let base else { return }
        // llhttp leaves the white space behind a value to its embedder.
        var count = count
        while count > 0, start[count - 1] == 0x20 || start[count - 1] == 0x09 { count -= 1 }
        let value = HTTPHeaders.Span(UnsafeRawPointer(start) - base, count: count)
        fields.append(HTTPHeaders.Field(name: pendingName, value: value))
    }

    private func takeBody(_ start: UnsafePointer<CChar>, _ count: Int) -> Int32 {
        guard body.count + count <= bodyLimit else {
            return fail(RequestParser.tooLong(bodyLimit))
        }
        if body.isEmpty { body.reserveCapacity(Int(min(parser.pointee.content_length, UInt64(bodyLimit), 65536))) }
        body.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
        return 0
    }

    private func takeExtension(_ count: Int) -> Int32 {
        extensionBytes += count
        guard extensionBytes <= Self.maximumExtensionBytes else {
            return fail(HTTPParseError(400, "The chunk extensions are too long."))
        }
        return 0
    }

    private func takeChunkHeader() -> Int32 {
        guard parser.pointee.content_length == 0 else { return 0 }
        isInTrailers = true
        return Int32(HPE_PAUSED.rawValue)
    }

    private func takeEnd() -> Int32 {
        isComplete = true
        return Int32(HPE_PAUSED.rawValue)
    }

    private func fail(_ error: HTTPParseError) -> Int32 {
        failure = error
        return Int32(HPE_USER.rawValue)
    }

    private static func owner(of parser: UnsafeMutablePointer<llhttp_t>?) -> LLHTTP? {
        guard let data = parser?.pointee.data else { return nil }
        return Unmanaged<LLHTTP>.fromOpaque(data).takeUnretainedValue()
    }

    /// Written once, before any parser exists, and only read afterwards.
    private nonisolated(unsafe) static let settings: UnsafeMutablePointer<llhttp_settings_t> = {
        let settings = UnsafeMutablePointer<llhttp_settings_t>.allocate(capacity: 1)
        settings.initialize(to: llhttp_settings_t())
        llhttp_settings_init(settings)
        settings.pointee.on_header_field = { parser, start, count in
            if let start { owner(of: parser)?.takeName(start, count) }
            return 0
        }
        settings.pointee.on_header_value = { parser, start, count in
            if let start { owner(of: parser)?.takeValue(start, count) }
            return 0
        }
        settings.pointee.on_headers_complete = { parser in
            // What follows is HTTP for llhttp; an upgrade that a handler takes up ends its work here.
            parser?.pointee.upgrade = 0
            return Int32(HPE_PAUSED.rawValue)
        }
        settings.pointee.on_body = { parser, start, count in
            guard let start, let owner = owner(of: parser) else { return 0 }
            return owner.takeBody(start, count)
        }
        settings.pointee.on_chunk_extension_name = { parser, _, count in owner(of: parser)?.takeExtension(count) ?? 0 }
        settings.pointee.on_chunk_extension_value = { parser, _, count in owner(of: parser)?.takeExtension(count) ?? 0 }
        settings.pointee.on_chunk_header = { parser in owner(of: parser)?.takeChunkHeader() ?? 0 }
        settings.pointee.on_message_complete = { parser in owner(of: parser)?.takeEnd() ?? 0 }
        return settings
    }()
}
