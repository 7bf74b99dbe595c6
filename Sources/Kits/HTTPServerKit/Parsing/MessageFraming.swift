/// What the header fields say about the message as a whole: where its body ends and what is expected of the server.
///
/// These are the checks that llhttp leaves to its embedder (RFC 9112, 3.2 and 6; RFC 9110, 10.1.1).
struct MessageFraming {
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var expectsContinue = false
    private(set) var hasUnknownExpectation = false
    private var hosts = 0

    init(_ headers: HTTPHeaders, version: HTTPVersion) throws(HTTPParseError) {
        for index in headers.fields.indices {
            try checkName(index, headers)
            switch headers.fields[index].name.count {
            case 4 where headers.matches(index, "host"): try takeHost(index, headers)
            case 6 where headers.matches(index, "expect"): takeExpectation(index, headers)
            case 14 where headers.matches(index, "content-length"): try takeContentLength(index, headers)
            case 17 where headers.matches(index, "transfer-encoding"):
                try takeTransferEncoding(index, headers, version)
            default: break
            }
        }
        guard hosts == 1 || version == .http10 else { throw HTTPParseError(400, "The Host field is missing.") }
        guard contentLength == nil || !isChunked else {
            throw HTTPParseError(400, "Content-Length and Transfer-Encoding are given together.")
        }
        if version == .http10 {
            expectsContinue = false
            hasUnknownExpectation = false
        }
    }

    private func checkName(_ index: Int, _ headers: HTTPHeaders) throws(HTTPParseError) {
        let name = headers.fields[index].name
        let isToken = headers.bytes.withUnsafeBufferPointer { $0[name.range].allSatisfy(\.isToken) }
        guard name.count > 0, isToken else { throw HTTPParseError(400, "The name of a header field is not a token.") }
    }

    private mutating func takeHost(_ index: Int, _ headers: HTTPHeaders) throws(HTTPParseError) {
        hosts += 1
        guard hosts == 1 else { throw HTTPParseError(400, "There is more than one Host field.") }
        let range = headers.fields[index].value.range
        let isValid = headers.bytes.withUnsafeBytes {
            Authority.isValid(UnsafeRawBufferPointer(rebasing: $0[range]))
        }
        guard isValid else { throw HTTPParseError(400, "The Host field is not a host with an optional port.") }
    }

    private mutating func takeExpectation(_ index: Int, _ headers: HTTPHeaders) {
        if headers.valueEquals(index, "100-continue") {
            expectsContinue = true
        } else {
            hasUnknownExpectation = true
        }
    }

    private mutating func takeContentLength(_ index: Int, _ headers: HTTPHeaders) throws(HTTPParseError) {
        guard contentLength == nil else { throw HTTPParseError(400, "There is more than one Content-Length field.") }
        var length = 0
        for byte in headers.bytes[headers.fields[index].value.range] {
            guard byte.isDigit else { throw HTTPParseError(400, "Content-Length is not a number.") }
            let (tens, isTooLong) = length.multipliedReportingOverflow(by: 10)
            let (sum, isTooLongStill) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !isTooLong, !isTooLongStill else { throw HTTPParseError(400, "Content-Length is out of range.") }
            length = sum
        }
        guard headers.fields[index].value.count > 0 else { throw HTTPParseError(400, "Content-Length is empty.") }
        contentLength = length
    }

    private mutating func takeTransferEncoding(
        _ index: Int, _ headers: HTTPHeaders, _ version: HTTPVersion
    ) throws(HTTPParseError) {
        guard version == .http11, !isChunked, headers.valueEquals(index, "chunked") else {
            throw HTTPParseError(400, "The only transfer coding taken is chunked, once, and on HTTP/1.1.")
        }
        isChunked = true
    }
}
