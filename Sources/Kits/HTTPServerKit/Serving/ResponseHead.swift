/// Writes the head of an answer.
enum ResponseHead {
    /// How the client learns where the body ends.
    enum Framing {
        case length(Int)
        case chunked
        case untilClose
        /// No body and no word of one: 204 and 304.
        case none
    }

    /// What is said of the connection.
    enum Persistence {
        /// Open, as HTTP/1.1 has it anyway.
        case open
        /// Open, for a client of HTTP/1.0 that asked for it.
        case keepAlive
        case close
    }

    static func append(
        _ response: HTTPResponse, framing: Framing, persistence: Persistence, date: [UInt8], to output: inout [UInt8]
    ) {
        appendStatusLine(response.status, to: &output)
        output.append(contentsOf: date)
        switch framing {
        case .length(let count):
            output.append("content-length: ")
            output.append(decimal: count)
            output.append("\r\n")
        case .chunked: output.append("transfer-encoding: chunked\r\n")
        case .untilClose, .none: break
        }
        switch persistence {
        case .open: break
        case .keepAlive: output.append("connection: keep-alive\r\n")
        case .close: output.append("connection: close\r\n")
        }
        appendFields(response.headers, to: &output)
        output.append("\r\n")
    }

    /// The head of an answer after which the connection speaks WebSocket.
    static func appendUpgrade(_ headers: HTTPHeaders, date: [UInt8], to output: inout [UInt8]) {
        output.append("HTTP/1.1 101 Switching Protocols\r\n")
        output.append(contentsOf: date)
        output.append("connection: upgrade\r\n")
        appendFields(headers, to: &output)
        output.append("\r\n")
    }

    /// Whether the response itself asks for the connection to be closed.
    static func asksForClose(_ headers: HTTPHeaders) -> Bool {
        headers.fields.indices.contains {
            headers.fields[$0].name.count == 10 && headers.matches($0, "connection") && headers.valueEquals($0, "close")
        }
    }

    private static func appendFields(_ headers: HTTPHeaders, to output: inout [UInt8]) {
        headers.bytes.withUnsafeBufferPointer { bytes in
            for index in headers.fields.indices where !isOurs(index, headers) {
                let field = headers.fields[index]
                output.append(contentsOf: bytes[field.name.range])
                output.append(": ")
                output.append(contentsOf: bytes[field.value.range])
                output.append("\r\n")
            }
        }
    }

    private static func isOurs(_ index: Int, _ headers: HTTPHeaders) -> Bool {
        switch headers.fields[index].name.count {
        case 4: headers.matches(index, "date")
        case 10: headers.matches(index, "connection")
        case 14: headers.matches(index, "content-length")
        case 17: headers.matches(index, "transfer-encoding")
        default: false
        }
    }

    private static func appendStatusLine(_ status: Int, to output: inout [UInt8]) {
        if status == 200 {
            output.append("HTTP/1.1 200 OK\r\n")
            return
        }
        output.append("HTTP/1.1 ")
        // A status outside the protocol is a fault of the responder and is told as one.
        let status = (200...599).contains(status) ? status : 500
        output.append(decimal: status)
        output.append(" ")
        output.append(reason(status))
        output.append("\r\n")
    }

    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}

extension [UInt8] {
    /// Appends a literal without a detour over `String`.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a number that is not negative, in decimal digits.
    mutating func append(decimal number: Int) {
        append(digitsOf: number, base: 10)
    }

    /// Appends a number that is not negative, in hexadecimal digits.
    mutating func append(hexadecimal number: Int) {
        append(digitsOf: number, base: 16)
    }

    private mutating func append(digitsOf number: Int, base: Int) {
        let start = count
        var rest = number
        repeat {
            let digit = UInt8(rest % base)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            rest /= base
        } while rest > 0
        self[start...].reverse()
    }
}
