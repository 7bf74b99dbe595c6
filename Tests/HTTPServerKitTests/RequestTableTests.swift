import HTTPServerKit
import Testing

/// A connection's bytes and what must become of them: `ok` or the status of the refusal.
struct RequestCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: String
    let verdict: String

    init(_ name: String, _ bytes: String, _ verdict: String) {
        self.name = name
        self.bytes = bytes
        self.verdict = verdict
    }

    var testDescription: String { name }
}

private let host = "Host: a\r\n"

private let accepted: [RequestCase] = [
    .init("a plain GET", "GET / HTTP/1.1\r\n\(host)\r\n", "ok"),
    .init("a query", "GET /a?b=c&d HTTP/1.1\r\n\(host)\r\n", "ok"),
    .init("one empty line first", "\r\nGET / HTTP/1.1\r\n\(host)\r\n", "ok"),
    .init("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "ok"),
    .init("HTTP/1.0 with Host", "GET / HTTP/1.0\r\n\(host)\r\n", "ok"),
    .init("absolute form", "GET http://a:80/x?y HTTP/1.1\r\n\(host)\r\n", "ok"),
    .init("absolute form without a path", "GET HTTP://a HTTP/1.1\r\n\(host)\r\n", "ok"),
    .init("OPTIONS *", "OPTIONS * HTTP/1.1\r\n\(host)\r\n", "ok"),
    .init("a body by length", "POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhello", "ok"),
    .init("a length of nothing", "POST / HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n", "ok"),
    .init("a length with zeros before it", "POST / HTTP/1.1\r\n\(host)Content-Length: 0005\r\n\r\nhello", "ok"),
    .init("a body on GET", "GET / HTTP/1.1\r\n\(host)Content-Length: 2\r\n\r\nhi", "ok"),
    .init(
        "chunks", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "ok"),
    .init("Chunked in capitals", "POST / HTTP/1.1\r\n\(host)TRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n", "ok"),
    .init(
        "a chunk extension", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n", "ok"
    ),
    .init("trailers", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\nC: d\r\n\r\n", "ok"),
    .init(
        "a hexadecimal size",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", "ok"),
    .init("white space around a value", "GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n", "ok"),
    .init("no white space before a value", "GET / HTTP/1.1\r\nHost:a\r\n\r\n", "ok"),
    .init("an empty value", "GET / HTTP/1.1\r\n\(host)X:\r\n\r\n", "ok"),
    .init("bytes above ASCII in a value", "GET / HTTP/1.1\r\n\(host)X: ünï\r\n\r\n", "ok"),
    .init("a host with a port", "GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n", "ok"),
    .init("an IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "ok"),
    .init(
        "an upgrade that is not taken up", "GET / HTTP/1.1\r\n\(host)Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        "ok"),
    .init(
        "an upgrade with a body",
        "POST / HTTP/1.1\r\n\(host)Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\nx", "ok"),
    .init(
        "an unknown Content-Encoding", "POST / HTTP/1.1\r\n\(host)Content-Encoding: zip\r\nContent-Length: 0\r\n\r\n",
        "ok"),
]

private let refused: [RequestCase] = [
    .init("no Host on 1.1", "GET / HTTP/1.1\r\n\r\n", "400"),
    .init("two Hosts", "GET / HTTP/1.1\r\n\(host)\(host)\r\n", "400"),
    .init("two Hosts on 1.0", "GET / HTTP/1.0\r\n\(host)\(host)\r\n", "400"),
    .init("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "400"),
    .init("a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"),
    .init("a Host with user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "400"),
    .init("a list of Hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "400"),
    .init("a Host with a bad port", "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", "400"),
    .init("a Host with a port out of range", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "400"),
    .init("an IPv6 host without its bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "400"),
    .init("two equal lengths", "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", "400"),
    .init("two lengths in one field", "POST / HTTP/1.1\r\n\(host)Content-Length: 1, 1\r\n\r\nx", "400"),
    .init("a length with a sign", "POST / HTTP/1.1\r\n\(host)Content-Length: +1\r\n\r\nx", "400"),
    .init("a negative length", "POST / HTTP/1.1\r\n\(host)Content-Length: -1\r\n\r\n", "400"),
    .init("a hexadecimal length", "POST / HTTP/1.1\r\n\(host)Content-Length: 0x1\r\n\r\nx", "400"),
    .init("an empty length", "POST / HTTP/1.1\r\n\(host)Content-Length:\r\n\r\n", "400"),
    .init(
        "a length of 30 digits",
        "POST / HTTP/1.1\r\n\(host)Content-Length: \(String(repeating: "9", count: 30))\r\n\r\n", "400"),
    .init("a length beyond the limit", "POST / HTTP/1.1\r\n\(host)Content-Length: 1025\r\n\r\n", "413"),
    .init(
        "chunks beyond the limit",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n401\r\n\(String(repeating: "x", count: 1025))\r\n0\r\n\r\n",
        "413"),
    .init(
        "length and chunks",
        "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    .init(
        "chunks and length",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", "400"),
    .init("chunks on 1.0", "POST / HTTP/1.0\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    .init("chunked twice", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "400"),
    .init(
        "chunked in two fields",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    .init("gzip, then chunked", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400"),
    .init(
        "chunked, then identity", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "400"),
    .init("xchunked", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400"),
    .init("an empty Transfer-Encoding", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding:\r\n\r\n", "400"),
    .init(
        "chunked after a vertical tab", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n",
        "400"),
    .init("a chunk size that is none", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nx\r\n", "400"),
    .init(
        "a chunk size with 0x", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n",
        "400"),
    .init(
        "an endless chunk size", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
        "400"),
    .init(
        "a chunk longer than its size",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n", "400"),
    .init(
        "a chunk size ended by LF", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
        "400"),
    .init(
        "a chunk extension with a bare LF",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1;a\nx\r\n0\r\n\r\n", "400"),
    .init(
        "a space behind a chunk size",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0\r\n\r\n", "400"),
    .init(
        "a space before a chunk size",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n 1\r\nx\r\n0\r\n\r\n", "400"),
    .init(
        "an empty chunk size", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n\r\nx\r\n0\r\n\r\n", "400"),
    .init(
        "a negative chunk size", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
        "400"),
    .init(
        "a chunk without its CRLF", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1\r\nx0\r\n\r\n", "400"
    ),
    .init(
        "a chunk ended by LF", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n", "400"),
    .init(
        "a control byte in a chunk extension",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1;a=\u{1}\r\nx\r\n0\r\n\r\n", "400"),
    .init(
        "a bare CR in a chunk extension",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\nx\r\n0\r\n\r\n", "400"),
    .init(
        "a NUL in a trailer", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\nA: \u{0}\r\n\r\n", "400"
    ),
    .init(
        "a trailer ended by LF", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n", "400"),
    .init(
        "a trailer with a space before its colon",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\nA : b\r\n\r\n", "400"),
    .init(
        "a folded trailer", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n\r\n", "400"
    ),
    .init(
        "a trailer without a colon", "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\nA\r\n\r\n", "400"
    ),
    .init("a space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400"),
    .init("a space in a name", "GET / HTTP/1.1\r\n\(host)A B: c\r\n\r\n", "400"),
    .init("an empty name", "GET / HTTP/1.1\r\n\(host): c\r\n\r\n", "400"),
    .init("a name with brackets", "GET / HTTP/1.1\r\n\(host)A(B): c\r\n\r\n", "400"),
    .init("a name above ASCII", "GET / HTTP/1.1\r\n\(host)Ä: c\r\n\r\n", "400"),
    .init("a field without a colon", "GET / HTTP/1.1\r\n\(host)Nonsense\r\n\r\n", "400"),
    .init("a folded field", "GET / HTTP/1.1\r\n\(host)A: b\r\n c\r\n\r\n", "400"),
    .init("a folded first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400"),
    .init("a NUL in a value", "GET / HTTP/1.1\r\n\(host)A: b\u{0}c\r\n\r\n", "400"),
    .init("a control byte in a value", "GET / HTTP/1.1\r\n\(host)A: b\u{1}c\r\n\r\n", "400"),
    .init("DEL in a value", "GET / HTTP/1.1\r\n\(host)A: b\u{7F}c\r\n\r\n", "400"),
    .init("a bare CR in a value", "GET / HTTP/1.1\r\n\(host)A: b\rc\r\n\r\n", "400"),
    .init("lines ended by LF", "GET / HTTP/1.1\nHost: a\n\n", "400"),
    .init("an empty line ended by LF", "GET / HTTP/1.1\r\n\(host)\n", "400"),
    .init("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("a space before the method", " GET / HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("two spaces before the target", "GET  / HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("two spaces before the version", "GET /  HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("a tab for a space", "GET\t/ HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("a space behind the version", "GET / HTTP/1.1 \r\n\(host)\r\n", "400"),
    .init("a space in the target", "GET /a b HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("a fragment", "GET /#a HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("a target above ASCII", "GET /ä HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("a target without a slash", "GET a HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("GET *", "GET * HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("OPTIONS *a", "OPTIONS *a HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("an absolute form with user information", "GET http://u@a/ HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("an absolute form of another scheme", "GET ftp://a/ HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("no version", "GET /\r\n\(host)\r\n", "400"),
    .init("a version of letters", "GET / HTTP/a.b\r\n\(host)\r\n", "400"),
    .init("a version in small letters", "GET / http/1.1\r\n\(host)\r\n", "400"),
    .init("a version of three digits", "GET / HTTP/1.10\r\n\(host)\r\n", "400"),
    .init("HTTP/2.0", "GET / HTTP/2.0\r\n\(host)\r\n", "505"),
    .init("HTTP/1.2", "GET / HTTP/1.2\r\n\(host)\r\n", "505"),
    .init("HTTP/0.9", "GET / HTTP/0.9\r\n\(host)\r\n", "505"),
    .init("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
    .init("an unknown method", "BREW / HTTP/1.1\r\n\(host)\r\n", "501"),
    .init("a method in small letters", "get / HTTP/1.1\r\n\(host)\r\n", "501"),
    .init("CONNECT", "CONNECT a:443 HTTP/1.1\r\n\(host)\r\n", "501"),
    .init("TRACE", "TRACE / HTTP/1.1\r\n\(host)\r\n", "501"),
    .init("a method with brackets", "G(T / HTTP/1.1\r\n\(host)\r\n", "400"),
    .init("a TLS greeting", "\u{16}\u{3}\u{1}\u{2}", "400"),
    .init(
        "a request line of 8193 bytes", "GET /\(String(repeating: "a", count: 8193 - 14)) HTTP/1.1\r\n\(host)\r\n",
        "414"),
    .init("101 fields", "GET / HTTP/1.1\r\n\(host)\(String(repeating: "A: b\r\n", count: 100))\r\n", "431"),
    .init("64 KiB of fields", "GET / HTTP/1.1\r\n\(host)A: \(String(repeating: "b", count: 65536))\r\n\r\n", "431"),
    .init(
        "endless chunk extensions",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1;\(String(repeating: "a", count: 5000))\r\nx\r\n0\r\n\r\n",
        "400"),
]

@Suite struct RequestTableTests {
    @Test(arguments: accepted + refused)
    func `a request gets its verdict`(_ request: RequestCase) {
        let lines = transcript(of: [Array(request.bytes.utf8)])
        if request.verdict == "ok" {
            #expect(lines.count == 2 && lines.last?.hasPrefix("body ") == true, "\(lines)")
        } else {
            #expect(lines.last == request.verdict, "\(lines)")
        }
    }

    @Test(arguments: accepted + refused)
    func `byte by byte gives the same verdict as one write`(_ request: RequestCase) {
        let bytes = Array(request.bytes.utf8)
        #expect(transcript(of: singly(bytes)) == transcript(of: [bytes]))
    }

    @Test(arguments: accepted)
    func `a request that follows another is read from where that one ended`(_ request: RequestCase) {
        let next = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n"
        let bytes = Array((request.bytes + next).utf8)
        let lines = transcript(of: [bytes])
        #expect(lines.suffix(2) == ["GET /next HTTP/1.1 [Host=b]", "body "])
        #expect(transcript(of: singly(bytes)) == lines)
    }

    @Test func `the limits themselves are still within them`() {
        let line = "GET /\(String(repeating: "a", count: 8192 - 14)) HTTP/1.1\r\n\(host)\r\n"
        #expect(transcript(of: [Array(line.utf8)]).last == "body ")
        let fields = "GET / HTTP/1.1\r\n\(host)\(String(repeating: "A: b\r\n", count: 99))\r\n"
        #expect(transcript(of: [Array(fields.utf8)]).last == "body ")
        let body = "POST / HTTP/1.1\r\n\(host)Content-Length: 1024\r\n\r\n\(String(repeating: "x", count: 1024))"
        #expect(transcript(of: [Array(body.utf8)]).last?.utf8.count == 1029)
    }

    @Test func `chunks are put together and trailers dropped`() {
        let bytes =
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n"
        let lines = transcript(of: [Array(bytes.utf8)])
        #expect(lines == ["POST / HTTP/1.1 [Host=a; Transfer-Encoding=chunked]", "body abcde"])
    }

    @Test func `after a refusal nothing more is read`() {
        let bytes = "BAD\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n"
        #expect(transcript(of: [Array(bytes.utf8)]) == ["400"])
    }
}
