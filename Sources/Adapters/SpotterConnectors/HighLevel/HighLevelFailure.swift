import HTTPClientKit
import SpotterDomain

/// What HighLevel's refusals mean.
enum HighLevelFailure {
    /// Why a request with this answer was not done.
    ///
    /// - Parameters:
    ///   - noun: what was asked for.
    ///   - isRepeatable: whether the same may be asked again; otherwise a fault of the server leaves it open.
    static func error(status: Int, body: JSONValue?, retryAfter: Int?, noun: String, isRepeatable: Bool) -> CRMError {
        let message = message(of: body) ?? "status \(status)"
        switch status {
        case 401, 403: return .unauthorized(message)
        case 404: return .notFound(noun)
        case 429: return .rateLimited(retryAfter: retryAfter)
        case 400 where body?["meta"]?["contactId"] != nil:
            return .duplicate(existing: HighLevelAnswer.identifier(body?["meta"]?["contactId"]))
        // What is not there is told as a bad request, too.
        case 400 where message.lowercased().contains("not found") && noun != "list": return .notFound(noun)
        case 400..<500: return .invalid(field: field(of: message), message: message)
        default: return isRepeatable ? .unavailable("status \(status)") : .unknownOutcome("status \(status)")
        }
    }

    /// Why a request that came to no answer was not done.
    static func error(_ error: GuardedError, isRepeatable: Bool) -> CRMError {
        guard case .transport(let problem) = error else { return .unavailable("it may not be called: \(plain(error))") }
        switch problem {
        case .nameResolution, .connect, .addressRefused, .tls, .timeout(.connect), .outOfMemory, .invalidRequest:
            return .unavailable("\(problem)")
        case .tooLarge: return isRepeatable ? .malformed("\(problem)") : .unknownOutcome("\(problem)")
        case .cancelled, .shutDown, .timeout, .connectionLost, .protocolViolation, .bodyAlreadyConsumed:
            return isRepeatable ? .unavailable("\(problem)") : .unknownOutcome("\(problem)")
        }
    }

    private static func plain(_ error: GuardedError) -> String {
        switch error {
        case .plainHTTPNotAllowed, .credentialNeedsTLS: "a token goes over https only"
        case .portNotAllowed: "its port is not open; see SPOTTER_HTTP_ALLOW_PRIVATE"
        default: "its address is not allowed"
        }
    }

    /// `message` is a text, or several.
    private static func message(of body: JSONValue?) -> String? {
        let text: String?
        if let parts = body?["message"]?.array {
            text = parts.prefix(5).compactMap(\.string).joined(separator: "; ")
        } else {
            text = body?["message"]?.string ?? body?["error"]?.string ?? body?["error_description"]?.string
        }
        guard let text, !text.isEmpty else { return nil }
        return String(text.filter { !$0.isNewline }.prefix(300))
    }

    /// The field that a complaint begins with, such as `email must be an email` or `property gender should not exist`.
    private static func field(of message: String) -> String? {
        let words = message.split(separator: " ")
        guard let first = words.first else { return nil }
        let name = first == "property" ? words.dropFirst().first : words.contains("must") ? first : nil
        return name.map { String($0.prefix(80)) }
    }
}
