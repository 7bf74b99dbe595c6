import HTTPClientKit
public import SpotterDomain

extension SendHTTPRequest {
    /// What to send, and where.
    public struct Arguments: Codable, Sendable {
        let method: Method
        let url: String
        let headers: [String: String]?
        let body: String?
        let json: JSONValue?
        let timeoutSeconds: Int?
    }

    /// The most bytes of a body that is sent.
    static let largestBody = 256 * 1024
}

extension SendHTTPRequest.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "method": Field("GET and HEAD read; POST, PUT, PATCH and DELETE change something."),
        "url": Field(
            "The whole URL, https://… (http only where the operator allows it). No user, password or key in it.",
            length: 1...8192, example: "https://api.example.com/v1/classes?day=monday"),
        "headers": Field(
            "Header names with their values. Not Authorization, Cookie, Host or Content-Length: the server sets those.",
            example: ["Accept": "application/json"]),
        "body": Field("The body as text, with a Content-Type in headers. Not together with json.", length: 0...262_144),
        "json": Field("The body as JSON; Content-Type is set. Not together with body.", example: ["name": "Ana"]),
        "timeout_seconds": Field("How long all of it may take; 15 if left out.", range: 1...25, example: 15),
    ]
}

extension SendHTTPRequest.Arguments {
    /// Set by the server, or else a model could repeat an effect, or pass one call off as another.
    private static let idempotencyKey = "Idempotency-Key"

    /// The request to send, with the bounds of its answer.
    ///
    /// - Throws: `ToolFailure` where the arguments contradict each other.
    func request(effectKey: String) throws -> OutgoingRequest {
        var request = OutgoingRequest(method.rawValue, url, headers: try headerFields(), body: try bytes())
        if json != nil, request.headers["Content-Type"] == nil {
            request.headers.append("Content-Type", "application/json")
        }
        if body != nil, request.headers["Content-Type"] == nil {
            request.headers.append("Content-Type", "text/plain; charset=utf-8")
        }
        for (name, value) in [("Accept", "application/json, text/*;q=0.9, */*;q=0.5"), ("User-Agent", "Spotter")]
        where request.headers[name] == nil { request.headers.append(name, value) }
        if method.effect != .none { request.headers.append(Self.idempotencyKey, effectKey) }
        request.deadline = .seconds(timeoutSeconds ?? 15)
        request.connectTimeout = .seconds(10)
        request.idleTimeout = request.deadline
        // Long enough for a service that thinks before it answers.
        request.minimumRate = .init(bytesPerSecond: 20, period: 20)
        request.responseByteLimit = HTTPAnswer.bytesRead
        request.truncatesBody = true
        request.acceptsCompression = true
        return request
    }

    private func headerFields() throws -> MessageHeaders {
        let given = (headers ?? [:]).sorted { $0.key < $1.key }
        guard given.count <= 30, given.allSatisfy({ $0.key.utf8.count <= 100 && $0.value.utf8.count <= 4096 }) else {
            throw ToolFailure(
                "Too many headers, or one is too long: at most 30, names to 100 and values to 4096 bytes.")
        }
        var fields = MessageHeaders()
        for (name, value) in given {
            guard fields[name] == nil else { throw ToolFailure("The header \(name) is given twice. Give it once.") }
            guard name.lowercased() != Self.idempotencyKey.lowercased() else {
                throw ToolFailure("The header Idempotency-Key is set by the server. Leave it out.")
            }
            fields.append(name, value)
        }
        return fields
    }

    private func bytes() throws -> [UInt8]? {
        guard body == nil || json == nil else { throw ToolFailure("Give either body or json, not both.") }
        guard let bytes = body.map({ Array($0.utf8) }) ?? json?.bytes else { return nil }
        guard method != .get, method != .head else {
            throw ToolFailure("A \(method.rawValue) request has no body. Use query parameters, or POST.")
        }
        guard bytes.count <= SendHTTPRequest.largestBody else {
            throw ToolFailure("The body is longer than 256 KiB. Send less.")
        }
        return bytes
    }
}

extension OutgoingRequest {
    /// What a dry run shows: everything that would be sent, except credentials.
    func preview(_ address: WebAddress, _ policy: HTTPPolicy) -> JSONValue {
        let added = policy.credentials.filter { $0.host == address.host }
        var shown = JSONObject()
        for field in headers.fields where !added.contains(where: { $0.header.lowercased() == field.name.lowercased() })
        {
            shown[field.name] = .string(field.value)
        }
        for credential in added { shown[credential.header] = "[set by the server]" }
        var wouldSend: [(String, JSONValue)] = [
            ("method", .string(method)), ("url", .string(address.text)), ("headers", .object(shown)),
        ]
        if let body {
            wouldSend.append(("body", .string(String(decoding: body.prefix(2048), as: UTF8.self))))
            wouldSend.append(("body_bytes", .int(Int64(body.count))))
        }
        var object = JSONObject()
        for (key, value) in wouldSend { object[key] = value }
        return ["dry_run": true, "summary": "Nothing was sent.", "would_send": .object(object)]
    }
}
