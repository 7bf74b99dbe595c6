import SpotterDomain

/// Errors as RFC 9457 problem documents: the one place where a code becomes a status.
enum Problem {
    /// What stands behind each code, for the document that `type` points to.
    struct Kind: Sendable {
        let status: Int
        let title: String
        let fix: String
    }

    static func kind(of code: SpotterError.Code) -> Kind {
        switch code {
        case .invalid:
            Kind(
                status: 400, title: "Not valid", fix: "Correct the fields named in `errors` and send the request again."
            )
        case .unauthenticated:
            Kind(
                status: 401, title: "No valid token",
                fix: "Send `Authorization: Bearer <token>` with a token that is neither expired nor revoked.")
        case .forbidden:
            Kind(
                status: 403, title: "Not allowed",
                fix: "Use a token whose role and scopes allow this; an owner can issue one.")
        case .notFound: Kind(status: 404, title: "Not found", fix: "Check the id and the path.")
        case .methodNotAllowed:
            Kind(status: 405, title: "Method not allowed", fix: "Use one of the methods in the `Allow` header.")
        case .conflict:
            Kind(
                status: 409, title: "Conflict", fix: "Read the resource, resolve what stands in the way, and try again."
            )
        case .limitReached:
            Kind(
                status: 409, title: "Limit reached",
                fix: "Delete what is no longer needed, or have the operator raise the limit that `detail` names.")
        case .idempotencyRunning:
            Kind(
                status: 409, title: "Still running",
                fix: "Wait for the first request with this Idempotency-Key, then send it again.")
        case .gone: Kind(status: 410, title: "No longer kept", fix: "Do what `detail` says; this will not come back.")
        case .preconditionFailed:
            Kind(
                status: 412, title: "Changed since",
                fix: "Read the resource again and send its current ETag in If-Match.")
        case .tooLarge: Kind(status: 413, title: "Too large", fix: "Send less at once.")
        case .unsupportedMediaType:
            Kind(status: 415, title: "Wrong media type", fix: "Send `Content-Type: application/json`.")
        case .upgradeRequired:
            Kind(
                status: 426, title: "WebSocket needed",
                fix: "Connect as a WebSocket, version 13: `Connection: Upgrade` and `Upgrade: websocket`.")
        case .unprocessable:
            Kind(
                status: 422, title: "Cannot be done",
                fix: "Mend what `errors` names: the request is well formed, but what it describes cannot be run.")
        case .idempotencyMismatch:
            Kind(status: 422, title: "Idempotency key reused", fix: "Use a new Idempotency-Key for a new request.")
        case .rateLimited: Kind(status: 429, title: "Too many requests", fix: "Wait for as long as `Retry-After` says.")
        case .providerFailed:
            Kind(status: 502, title: "Model provider failed", fix: "Try again, or choose another model for the agent.")
        case .unavailable:
            Kind(status: 503, title: "Not available now", fix: "Wait for as long as `Retry-After` says and try again.")
        case .timedOut: Kind(status: 504, title: "Took too long", fix: "Try again, or ask for less.")
        case .cancelled: Kind(status: 499, title: "Cancelled", fix: "Send the request again if it is still wanted.")
        case .internal:
            Kind(status: 500, title: "Our fault", fix: "Try again; if it stays, tell the operator the `instance`.")
        }
    }

    /// Any error as an answer. What is not a `SpotterError` says nothing of itself.
    static func reply(for error: any Error, requestID: String) -> Reply {
        let known = known(error)
        var reply = Reply.json(document(for: known, requestID: requestID).bytes, status: kind(of: known.code).status)
        reply.contentType = "application/problem+json"
        if known.code == .unauthenticated { reply = reply.with("www-authenticate", "Bearer realm=\"spotter\"") }
        if let seconds = known.retryAfter { reply = reply.with("retry-after", "\(seconds)") }
        return reply
    }

    /// Any error as a problem document.
    static func document(for error: any Error, requestID: String) -> JSONValue {
        let known = known(error)
        var object: JSONObject = document(known.code)
        object["status"] = .int(Int64(kind(of: known.code).status))
        object["detail"] = .string(known.code == .internal ? "Something went wrong on our side." : known.message)
        object["instance"] = .string(requestID)
        object["code"] = .string(known.code.rawValue)
        if !known.issues.isEmpty {
            object["errors"] = .array(
                known.issues.map { ["pointer": .string($0.pointer), "message": .string($0.message)] })
        }
        return .object(object)
    }

    private static func known(_ error: any Error) -> SpotterError {
        error as? SpotterError ?? SpotterError(.internal, "Something went wrong on our side.")
    }

    private static func document(_ code: SpotterError.Code) -> JSONObject {
        var object = JSONObject()
        object["type"] = .string("/v1/problems/\(code.rawValue)")
        object["title"] = .string(kind(of: code).title)
        return object
    }

    /// The code that fits a status which arose below the API.
    static func code(forStatus status: Int) -> SpotterError.Code {
        switch status {
        case 413: .tooLarge
        case 408: .timedOut
        case 503: .unavailable
        case 405, 501: .methodNotAllowed
        default: .invalid
        }
    }
}
