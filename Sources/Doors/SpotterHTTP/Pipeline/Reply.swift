import HTTPServerKit
import SpotterDomain

/// What a handler answers, before it becomes HTTP.
struct Reply: Sendable {
    var status: Int
    var contentType: String
    var body: HTTPResponse.Body
    var version: Int?
    var headers: [(String, String)] = []

    static func json<T: Encodable>(_ value: T, status: Int = 200, version: Int? = nil) throws -> Reply {
        Reply(
            status: status, contentType: "application/json", body: .bytes(try JSONWriter.encode(value)),
            version: version)
    }

    /// Throws nothing; says so in order that routes need not know which of their resources write themselves.
    static func json<T: JSONWritable & Encodable>(
        _ value: T, status: Int = 200, version: Int? = nil
    ) throws -> Reply {
        Reply(
            status: status, contentType: "application/json", body: .bytes(try JSONWriter.encode(value)),
            version: version)
    }

    static func json(_ bytes: [UInt8], status: Int = 200, version: Int? = nil) -> Reply {
        Reply(status: status, contentType: "application/json", body: .bytes(bytes), version: version)
    }

    static let noContent = Reply(status: 204, contentType: "", body: .bytes([]))

    static func text(_ text: String, type: String) -> Reply {
        Reply(status: 200, contentType: type, body: .bytes(Array(text.utf8)))
    }

    func with(_ name: String, _ value: String) -> Reply {
        var reply = self
        reply.headers.append((name, value))
        return reply
    }
}
