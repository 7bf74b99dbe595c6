@testable import HTTPServerKit

/// What a parser made of a connection's bytes, in one text that can be compared.
func transcript(of pieces: [[UInt8]], bodyLimit: Int = 1024, limits: RequestParser.Limits = .init()) -> [String] {
    let parser = RequestParser(limits: limits)
    var lines: [String] = []
    for piece in pieces {
        var position = 0
        let isOver = piece.withUnsafeBytes { bytes in
            while true {
                switch parser.parse(bytes, at: &position) {
                case .needsMore: return false
                case .head(let head):
                    let fields = head.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
                    lines.append("\(head.method.rawValue) \(head.target) \(head.version.rawValue) [\(fields)]")
                    do throws(HTTPParseError) { try parser.acceptBody(limit: bodyLimit) } catch {
                        lines.append("\(error.status)")
                        return true
                    }
                case .body(let body): lines.append("body \(String(decoding: body, as: UTF8.self))")
                case .failed(let error):
                    lines.append("\(error.status)")
                    return true
                }
            }
        }
        if isOver { break }
    }
    return lines
}

/// Cuts bytes into pieces of one byte.
func singly(_ bytes: [UInt8]) -> [[UInt8]] { bytes.map { [$0] } }
