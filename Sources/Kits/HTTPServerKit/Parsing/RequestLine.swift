/// The first line of a request, checked before llhttp sees it.
///
/// llhttp gives one error for "no such method" and "not a method at all"; the answers differ (501 and 400), as do those
/// for a version that is not spoken and one that is none (505 and 400).
struct RequestLine {
    let method: HTTPMethod
    let target: Range<Int>
    let form: TargetForm
    let version: HTTPVersion

    /// - Parameter line: without its CRLF.
    init(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard let first = line.firstIndex(of: UInt8(ascii: " ")),
            let second = line[(first + 1)...].firstIndex(of: UInt8(ascii: " "))
        else { throw HTTPParseError(400, "The request line is not METHOD SP TARGET SP VERSION.") }
        guard first > 0, line[..<first].allSatisfy(\.isToken) else {
            throw HTTPParseError(400, "The method is not a token.")
        }
        target = (first + 1)..<second
        guard !target.isEmpty, line[target].allSatisfy(\.isTarget) else {
            throw HTTPParseError(400, "The request target is empty or has a character that must not stand there.")
        }
        version = try Self.version(UnsafeRawBufferPointer(rebasing: line[(second + 1)...]))
        guard let method = HTTPMethod(UnsafeRawBufferPointer(rebasing: line[..<first])) else {
            throw HTTPParseError(501, "The method is not implemented.")
        }
        self.method = method
        guard let form = TargetForm(UnsafeRawBufferPointer(rebasing: line[target])) else {
            throw HTTPParseError(400, "The request target is neither a path nor an absolute http URI.")
        }
        guard line[target.lowerBound] != UInt8(ascii: "*") || method == .options else {
            throw HTTPParseError(400, "The target * goes with OPTIONS alone.")
        }
        self.form = form
    }

    private static func version(_ text: UnsafeRawBufferPointer) throws(HTTPParseError) -> HTTPVersion {
        guard text.count == 8, zip(text, "HTTP/".utf8).allSatisfy(==), text[5].isDigit,
            text[6] == UInt8(ascii: "."), text[7].isDigit
        else { throw HTTPParseError(400, "The protocol version is malformed.") }
        switch (text[5], text[7]) {
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): return .http11
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): return .http10
        default: throw HTTPParseError(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
        }
    }
}
