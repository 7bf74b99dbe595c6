import HTTPServerKit
import SpotterDomain

/// An answer with its whole body.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    /// Reads a stream to its end, or for as long as `limit` says: some streams have no end.
    init(_ response: HTTPResponse, limit: Duration = .seconds(20)) async throws {
        status = response.status
        headers = response.headers
        switch response.body {
        case .bytes(let bytes): body = bytes
        case .webSocket: body = []
        case .stream(let produce): body = await Self.collect(produce, limit)
        }
    }

    private static func collect(
        _ produce: @escaping @Sendable (HTTPBodyWriter) async throws -> Void, _ limit: Duration
    ) async -> [UInt8] {
        let collected = Collected()
        let stream = Task { try await produce(HTTPBodyWriter { await collected.append($0) }) }
        let watch = Task {
            try await Task.sleep(for: limit)
            stream.cancel()
        }
        _ = await stream.result
        watch.cancel()
        return await collected.bytes
    }

    private actor Collected {
        var bytes: [UInt8] = []
        func append(_ more: [UInt8]) { bytes += more }
    }

    var text: String { String(decoding: body, as: UTF8.self) }
    var contentType: String { headers["content-type"] ?? "" }

    /// The body as JSON; null when it is none.
    var json: JSONValue { (try? JSONParser.parse(body)) ?? .null }

    subscript(key: String) -> JSONValue? { json[key] }

    /// The elements of a list.
    var data: [JSONValue] { json["data"]?.array ?? [] }

    /// A problem without what differs from request to request.
    var problem: JSONValue {
        var object = json.object ?? JSONObject()
        object["instance"] = nil
        return .object(object)
    }

    /// The events of a stream.
    var events: [StreamedEvent] { StreamedEvent.parse(text) }
}

/// One server-sent event.
struct StreamedEvent: Sendable, Hashable {
    let id: Int64
    let type: String
    let data: JSONValue

    static func parse(_ text: String) -> [StreamedEvent] {
        text.split(separator: "\n\n").compactMap { block in
            var fields: [Substring: Substring] = [:]
            for line in block.split(separator: "\n") {
                guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { continue }
                fields[line[..<colon]] = line[line.index(after: colon)...].drop { $0 == " " }
            }
            guard let id = fields["id"].flatMap({ Int64($0) }), let type = fields["event"],
                let data = fields["data"].flatMap({ try? JSONParser.parse(String($0)) })
            else { return nil }
            return StreamedEvent(id: id, type: String(type), data: data)
        }
    }
}
