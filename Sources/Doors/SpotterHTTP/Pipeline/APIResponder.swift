import Foundation
public import HTTPServerKit
import ServiceKit
import SpotterDomain
import SpotterMonitoring
import Synchronization

/// A request's way through the API: match → who asks → may they → handler → answer.
public final class APIResponder: HTTPResponder {
    private let table: RouteTable
    private let services: Services
    private let authenticator: Authenticator
    private let idempotency: IdempotencyGuard
    private let access: AccessGate
    private let fields: ResponseFields
    private let meters: RequestMeters
    private let audit: RequestAudit
    private let requests = Atomic<UInt64>(0)
    private let prefix: String
    private let log: Log

    /// Puts the API together.
    ///
    /// - Parameter isSecure: whether clients come by TLS.
    public init(_ services: Services, isSecure: Bool = false) {
        access = services.access
        fields = ResponseFields(isSecure: isSecure)
        self.services = services
        table = RouteTable(services)
        authenticator = services.authenticator
        if isSecure { authenticator.takeSecureCookiesOnly() }
        idempotency = IdempotencyGuard(receipts: services.receipts)
        audit = RequestAudit(ids: services.ids)
        prefix = "req_" + String(UInt64.random(in: 0..<(1 << 48)), radix: 36)
        log = services.log
        meters = RequestMeters(services.monitoring.meters, table.routes)
    }

    /// What the route allows; 1 MiB where no route matches, 64 KiB where the route takes no body.
    public func bodyLimit(for head: HTTPRequestHead) -> Int {
        guard case .route(let route, _) = table.match(head.method, head.path) else { return 1 << 20 }
        return route.body?.limit ?? 1 << 16
    }

    /// Finds the route, lets it answer, and turns errors into problem details.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        let requestID = nextRequestID()
        let started = ContinuousClock.now
        let match = table.match(request.method, request.path)
        let meter = meters.begin(match, request.method)
        var reply: Reply
        var passage = Passage()
        access.noteOrigin(of: request, &passage)
        do {
            reply = try await within(request.headers) { try await answer(request, match, requestID, &passage) }
            try access.answered(reply.status, request, &passage)
        } catch {
            reply = refusal(access.failed(error, request, &passage), request, requestID, passage)
        }
        // Only for reads: a change that was made must never look like one that was not (RFC 9110, 13.1.2).
        if reply.version != nil, reply.status == 200, [.get, .head].contains(request.method) {
            reply = conditional(reply, request)
        }
        if case .route(let route, _) = match { reply = await Packing.packed(reply, request, route) }
        meter.end(status: reply.status, after: started.duration(to: .now))
        if log.writes(.debug) { logAccess(request, reply, requestID, started) }
        return fields.response(reply, requestID, passage)
    }

    /// Problem details for what never became a request.
    public func errorResponse(status: Int, detail: String, remoteAddress: String) -> HTTPResponse {
        let requestID = nextRequestID()
        var reply = Problem.reply(
            for: SpotterError(Problem.code(forStatus: status), detail), requestID: requestID)
        reply.status = status
        if case .bytes(let body) = reply.body, let text = try? JSONParser.parse(body), var object = text.object {
            object["status"] = .int(Int64(status))
            reply.body = .bytes(JSONValue.object(object).bytes)
        }
        return fields.response(reply, requestID, access.stray(from: remoteAddress))
    }

    // MARK: The way

    /// What is begun on the way belongs to the trace that the request comes from, if it says so.
    private func within(
        _ headers: HTTPHeaders, _ work: () async throws -> Reply
    ) async throws -> Reply {
        guard var parent = headers["traceparent"].flatMap({ TraceParent($0) }) else { return try await work() }
        parent.state = TraceState(headers.values(of: "tracestate").joined(separator: ","))
        return try await TraceParent.$current.withValue(parent) { try await work() }
    }

    private func answer(
        _ request: HTTPRequest, _ match: RouteTable.Match, _ requestID: String, _ passage: inout Passage
    ) async throws -> Reply {
        if case .none = match, let page = try dashboard(request) { return page }
        let (route, parameters) = try route(of: match)
        try access.arrive(request, at: route, isKnown: authenticator.knows(request), &passage)
        let now = services.clock.now()
        var caller: Caller?
        var authorization: String?
        if let permission = route.permission {
            let found: Caller
            if route.isWebSocket, request.headers.values(of: "authorization").isEmpty {
                authorization = EventSocket.authorization(in: request.headers)
                found = try await authenticator.caller(authorization: authorization, at: now)
            } else {
                (found, authorization) = try await authenticator.caller(of: request, at: now)
            }
            try await access.admit(found, to: route, at: now, &passage)
            guard found.may(permission) else {
                throw SpotterError(.forbidden, "This needs the scope \(permission.rawValue), which the token lacks.")
            }
            caller = found
        }
        let context = RequestContext(
            request: request, requestID: requestID, caller: caller, authorization: authorization,
            parameters: parameters,
            query: try query(of: request, for: route), now: now,
            idempotency: try idempotency.key(of: request, for: route, by: caller))
        if route.body == nil { try context.requireNoBody() }
        return try await audit.carry(route, context) { try await idempotency.run(route, context) }
    }

    private func route(of match: RouteTable.Match) throws -> (Route, PathParameters) {
        switch match {
        case .route(let route, let parameters): return (route, parameters)
        case .none: throw SpotterError(.notFound, "There is nothing at this path. See /v1/docs.")
        case .otherMethod(let allowed): throw MethodNotAllowed(allowed: allowed)
        }
    }

    /// The dashboard's page or one of its files; they are no operations of the API.
    private func dashboard(_ request: HTTPRequest) throws -> Reply? {
        guard let reply = try DashboardPages(files: services.dashboard).reply(to: request) else { return nil }
        guard [.get, .head].contains(request.method) else { throw MethodNotAllowed(allowed: [.get, .head]) }
        return reply
    }

    private func query(of request: HTTPRequest, for route: Route) throws -> [String: String] {
        guard let text = request.query, !text.isEmpty else { return [:] }
        guard let items = try? URLQuery(text) else { throw SpotterError(.invalid, "The query is not valid.") }
        var query: [String: String] = [:]
        for parameter in items.parameters {
            let (name, value) = (parameter.name, parameter.value)
            guard let known = route.query.first(where: { $0.name == name }) else {
                let hint = DidYouMean.hint(for: name, among: route.query.map(\.name))
                throw SpotterError.invalid("/\(name)", "is not a parameter of this operation\(hint)")
            }
            guard !value.utf8.contains(0) else { throw SpotterError.invalid("/\(name)", "must not hold U+0000") }
            if known.schema.kind == .array, let before = query[name] {
                query[name] = before + RequestContext.listSeparator + value
                continue
            }
            guard query.updateValue(value, forKey: name) == nil else {
                throw SpotterError.invalid("/\(name)", "is given twice")
            }
        }
        return query
    }

    private struct MethodNotAllowed: Error { let allowed: [HTTPMethod] }

    private func refusal(
        _ error: any Error, _ request: HTTPRequest, _ requestID: String, _ passage: Passage
    ) -> Reply {
        if let refused = error as? MethodNotAllowed {
            if let reply = access.preflight(request, allowed: refused.allowed, passage) { return reply }
            let allow = (refused.allowed.map(\.rawValue) + ["OPTIONS"]).joined(separator: ", ")
            if request.method == .options { return Reply.noContent.with("allow", allow) }
            let problem = SpotterError(.methodNotAllowed, "\(request.method.rawValue) is not possible here.")
            return Problem.reply(for: problem, requestID: requestID).with("allow", allow)
        }
        // The client has gone: nobody reads the answer, and nothing went wrong.
        if error is CancellationError {
            return Problem.reply(for: SpotterError(.cancelled, "The client went away."), requestID: requestID)
        }
        let reply = Problem.reply(for: error, requestID: requestID)
        if reply.status >= 500 {
            let cause = (error as? SpotterError)?.cause ?? error
            log.error(
                "request failed",
                [
                    "request_id": requestID, "method": request.method.rawValue, "path": request.path,
                    "status": "\(reply.status)", "error": String(reflecting: cause),
                ])
        }
        return reply
    }

    // MARK: Answers

    private func conditional(_ reply: Reply, _ request: HTTPRequest) -> Reply {
        guard let version = reply.version, let known = request.headers["if-none-match"] else { return reply }
        let unchanged = Reply(status: 304, contentType: "", body: .bytes([]), version: version)
        if known == "*" { return unchanged }
        let tags = known.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard let tag = tags.first(where: { ETag.version($0, isWeak: true) == version }) else { return reply }
        // The tag of the representation that the client has, which may be a packed one (RFC 9110, 15.4.5).
        let own = tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag
        return unchanged.with("etag", own).with("vary", "Accept-Encoding, Origin")
    }

    private func nextRequestID() -> String {
        prefix + String(requests.add(1, ordering: .relaxed).newValue, radix: 36)
    }

    private func logAccess(
        _ request: HTTPRequest, _ reply: Reply, _ requestID: String, _ started: ContinuousClock.Instant
    ) {
        log.debug(
            "request",
            [
                "request_id": requestID, "method": request.method.rawValue, "path": request.path,
                "status": "\(reply.status)", "microseconds": "\(started.duration(to: .now) / .microseconds(1))",
            ])
    }
}
