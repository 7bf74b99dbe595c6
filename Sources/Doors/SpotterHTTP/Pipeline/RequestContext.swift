import Foundation
import HTTPServerKit
import SpotterDomain

/// One request on its way through a handler.
///
/// A class, because every `async` call on that way keeps what it was given in a frame of its own.
final class RequestContext: Sendable {
    let request: HTTPRequest
    let requestID: String
    /// Who asks; for routes without a permission, nobody.
    let caller: Caller?
    /// What the caller showed; a long connection is asked for it again.
    let authorization: String?
    let parameters: PathParameters
    let query: [String: String]
    /// Now, the same for the whole request.
    let now: Date
    /// The `Idempotency-Key`, where the route heeds one.
    let idempotency: IdempotencyKey?

    struct IdempotencyKey: Sendable {
        let key: String
        let fingerprint: [UInt8]
    }

    init(
        request: HTTPRequest, requestID: String, caller: Caller?, authorization: String?,
        parameters: PathParameters, query: [String: String], now: Date, idempotency: IdempotencyKey?
    ) {
        self.request = request
        self.requestID = requestID
        self.caller = caller
        self.authorization = authorization
        self.parameters = parameters
        self.query = query
        self.now = now
        self.idempotency = idempotency
    }

    /// The organisation of the caller's token.
    var scope: OrganizationScope {
        get throws {
            guard let caller else { throw SpotterError(.unauthenticated, "A token is needed.") }
            return caller.scope
        }
    }

    /// The id in the path. One that cannot be is as unknown as one that never was.
    func id<Kind>(_ name: String, _ noun: String) throws -> Identifier<Kind> {
        guard let text = parameters[name], let id = Identifier<Kind>(text) else { throw SpotterError.notFound(noun) }
        return id
    }

    /// The body, checked against the schema of `T`.
    func body<T: Decodable>(_ type: T.Type) throws -> T { try json().decoded(as: type) }

    /// The body as JSON.
    func json() throws -> JSONValue {
        try requireJSON()
        guard !request.body.isEmpty else { throw SpotterError(.invalid, "A JSON body is needed.") }
        do {
            let json = try JSONParser.parse(request.body)
            if let fields = json.object?.keys { AuditSlip.current?.note(fields: fields) }
            return json
        } catch {
            throw SpotterError(.invalid, "The body is not valid JSON: \(error).")
        }
    }

    /// Where nothing is to be said, nobody is let believe that something was heard. An empty object and null say nothing, and a
    /// form is what mail programs and pages send of themselves.
    func requireNoBody() throws {
        let type = request.headers["content-type"]?.lowercased() ?? ""
        guard !request.body.isEmpty, !type.hasPrefix("application/x-www-form-urlencoded"),
            !type.hasPrefix("multipart/form-data")
        else { return }
        let said = try? JSONParser.parse(request.body)
        guard said?.isNull == true || said?.object?.isEmpty == true else {
            throw SpotterError.invalid("", "must be empty: this operation takes no body")
        }
    }

    /// - Throws: `unsupportedMediaType` for a body that would have to be unpacked first.
    func requirePlainEncoding() throws {
        guard ["identity", nil].contains(request.headers["content-encoding"]?.lowercased()) else {
            throw SpotterError(.unsupportedMediaType, "Send the body without a Content-Encoding.")
        }
    }

    private func requireJSON() throws {
        try requirePlainEncoding()
        let type = request.headers["content-type"] ?? ""
        // What nearly everyone sends.
        if type == "application/json" { return }
        let media = MediaType(type)
        guard media.isJSON, media.isUTF8 else {
            throw SpotterError(.unsupportedMediaType, "Send the body as application/json in UTF-8.")
        }
    }

    /// `limit` and `after`.
    func page() throws -> PageRequest {
        PageRequest(limit: try limit(), after: try query["after"].map { try Cursor($0) })
    }

    /// `limit`, 50 unless given.
    func limit() throws -> Int {
        guard let text = query["limit"] else { return 50 }
        guard let limit = Int(text), (1...200).contains(limit) else {
            throw SpotterError.invalid("/limit", "must be a whole number from 1 to 200")
        }
        return limit
    }

    /// A filter of an enumeration's type.
    func choice<T: RawRepresentable & CaseIterable>(_ name: String, _ type: T.Type) throws -> T?
    where T.RawValue == String {
        guard let text = query[name] else { return nil }
        guard let value = T(rawValue: text) else {
            throw SpotterError.invalid(
                "/\(name)", "must be one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    func flag(_ name: String) throws -> Bool? {
        guard let text = query[name] else { return nil }
        guard let value = Bool(text) else { throw SpotterError.invalid("/\(name)", "must be true or false") }
        return value
    }

    /// Between the values of a parameter that may be given several times.
    static let listSeparator = "\u{1F}"

    /// The values of such a parameter; none where it is not given.
    func values(_ name: String) -> [String] {
        query[name]?.components(separatedBy: Self.listSeparator).filter { !$0.isEmpty } ?? []
    }

    /// A time in the query. nil when it is not given.
    func time(_ name: String) throws -> Date? {
        guard let text = query[name] else { return nil }
        guard let date = Timestamp.date(from: text) else {
            throw SpotterError.invalid("/\(name)", "must be an RFC 3339 time such as 2026-11-21T06:30:00Z")
        }
        return date
    }

    /// An id in the query. nil when it is not given.
    func queryID<Kind>(_ name: String) throws -> Identifier<Kind>? {
        guard let text = query[name] else { return nil }
        guard let id = Identifier<Kind>(text) else {
            throw SpotterError.invalid("/\(name)", "must be an id that starts with \(Kind.prefix)_")
        }
        return id
    }

    /// The receipt that a store saves with the effect; nil when the request has no key.
    func receipt(status: Int, body: [UInt8]) -> Receipt? {
        idempotency.map {
            Receipt(
                key: $0.key, fingerprint: $0.fingerprint, response: .init(status: status, body: body), createdAt: now)
        }
    }

    /// The version that `If-Match` names; nil for none or `*`.
    func expectedVersion() throws -> Int? {
        guard let text = request.headers["if-match"], text != "*" else { return nil }
        guard let version = ETag.version(text) else {
            throw SpotterError(.preconditionFailed, "If-Match does not name a version of this resource.")
        }
        return version
    }

    /// For what has no versions: no condition about one can hold, so the request must not be done (RFC 9110, 13.1.1).
    func refuseMatch(_ noun: String) throws {
        guard let text = request.headers["if-match"], text != "*" else { return }
        throw SpotterError(.preconditionFailed, "\(noun) has no versions. Leave If-Match out.")
    }

    /// Throws `preconditionFailed` unless `If-Match` is absent or names `version`.
    func checkMatch(_ version: Int) throws {
        guard let expected = try expectedVersion(), expected != version else { return }
        throw SpotterError(.preconditionFailed, "The resource has changed: its current version is \(version).")
    }
}

/// Entity tags: the version of the resource in quotes.
enum ETag {
    /// - Parameter isPacked: whether it is that of the packed answer, which stands for the same version.
    static func text(_ version: Int, isPacked: Bool = false) -> String {
        isPacked ? "\"\(version)\(packedMark)\"" : "\"\(version)\""
    }

    /// - Parameter isWeak: whether a weak tag will do: for reads it does, for changes never (RFC 9110, 8.8.3.2).
    static func version(_ text: String, isWeak: Bool = false) -> Int? {
        let tag = isWeak && text.hasPrefix("W/") ? String(text.dropFirst(2)) : text
        let isPacked = tag.hasSuffix("\(packedMark)\"")
        let digits = tag.dropFirst().dropLast(isPacked ? packedMark.count + 1 : 1)
        // Only what `text` writes: no sign, no zero in front.
        guard let version = Int32(digits).map({ Int($0) }), self.text(version, isPacked: isPacked) == tag else {
            return nil
        }
        return version
    }

    private static let packedMark = "-gzip"
}
