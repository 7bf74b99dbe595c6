import HTTPServerKit

/// Any bytes, cut anywhere, give the same requests and the same refusal as in one piece; and whatever is accepted keeps
/// the promises that handlers rely on.
///
/// The first two bytes of the input choose the cuts.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTPParser(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard input.count > 2 else { return 0 }
    let bytes = Array(input.dropFirst(2))
    let whole = transcript(of: [bytes])
    let cuts = pieces(of: bytes, seed: UInt64(input[0]) << 8 | UInt64(input[1]))
    precondition(transcript(of: cuts) == whole, "the verdict depends on where the bytes were cut")
    return 0
}

private enum Line: Equatable {
    case head(method: HTTPMethod, target: String, path: String, query: String?, headers: HTTPHeaders)
    case body([UInt8])
    case refusal(HTTPParseError)
}

private let bodyLimit = 512
private let limits = RequestParser.Limits(requestLine: 256, fieldBytes: 1024, fields: 16)

private func transcript(of pieces: [[UInt8]]) -> [Line] {
    let parser = RequestParser(limits: limits)
    var lines: [Line] = []
    for piece in pieces {
        var position = 0
        let isOver = piece.withUnsafeBytes { bytes in
            while let line = next(parser, bytes, &position) {
                lines.append(line)
                if case .refusal = line { return true }
            }
            return false
        }
        if isOver { break }
    }
    return lines
}

private func next(_ parser: RequestParser, _ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Line? {
    switch parser.parse(bytes, at: &position) {
    case .needsMore:
        precondition(position == bytes.count, "bytes were left behind")
        return nil
    case .head(let head):
        check(head)
        // A body that is refused fails the next call, with the same error.
        try? parser.acceptBody(limit: bodyLimit)
        return .head(
            method: head.method, target: head.target, path: head.path, query: head.query, headers: head.headers)
    case .body(let body):
        precondition(body.count <= bodyLimit, "a body is over its limit")
        return .body(body)
    case .failed(let error):
        precondition([400, 413, 414, 431, 501, 505].contains(error.status), "a refusal has no fitting status")
        return .refusal(error)
    }
}

private func check(_ head: HTTPRequestHead) {
    precondition(head.target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") })
    precondition(head.path.hasPrefix("/") || (head.path == "*" && head.method == .options))
    let hosts = head.headers.values(of: "host").count
    precondition(hosts == 1 || (hosts == 0 && head.version == .http10))
    precondition(head.headers.values(of: "content-length").count <= 1)
    precondition(!head.headers.contains("content-length") || !head.headers.contains("transfer-encoding"))
    precondition(head.headers.count <= limits.fields)
    for (name, value) in head.headers {
        precondition(!name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") })
        precondition(value.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 })
    }
}

/// Cuts `bytes` into pieces of 1 to 16 bytes; a seed of nothing cuts after every byte.
private func pieces(of bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
    var state = seed
    var start = 0
    var pieces: [[UInt8]] = []
    while start < bytes.count {
        state = state &* 6_364_136_223_846_793_005 &+ 1
        let length = seed == 0 ? 1 : Int(state >> 60) + 1
        let end = min(start + length, bytes.count)
        pieces.append(Array(bytes[start..<end]))
        start = end
    }
    return pieces
}
