import Foundation
import HTTPClientKit
import SpotterDomain

/// Turns an answer that is not 200 into an error with a kind.
enum ProviderStatus {
    /// - Parameters:
    ///   - failure: what the body said, if it could be read.
    ///   - retryAfter: what the headers said.
    static func error(
        _ status: Int, _ failure: WireFailure?, provider: String, retryAfter: Duration?, requestId: String?,
        key: String?
    ) -> ModelError {
        let message = failure.map { redacted($0.message, key: key) } ?? "answered \(status) without a readable reason"
        var kind = failure.flatMap { refined($0) } ?? kind(of: status)
        // "Invalid request" is also said of keys, quotas and unknown models: there the status is more exact.
        if kind == .invalidRequest, status != 200 { kind = self.kind(of: status) }
        return ModelError(
            kind, provider: provider, message: message, status: status,
            retryAfter: retryAfter, requestId: requestId)
    }

    /// The kind of an error object, which may be more exact than its type says.
    static func refined(_ failure: WireFailure) -> ModelError.Kind? {
        let text = failure.message.lowercased()
        if failure.kind == .invalidRequest || failure.kind == nil, contextPhrases.contains(where: { text.contains($0) })
        {
            return .contextTooLong
        }
        return failure.kind
    }

    private static let contextPhrases = [
        "prompt is too long", "maximum context length", "context window", "context_length_exceeded",
    ]

    private static func kind(of status: Int) -> ModelError.Kind {
        switch status {
        case 401: .authentication
        case 402: .quotaExhausted
        case 403: .permission
        case 404: .notFound
        case 408, 504: .timedOut
        case 413: .tooLarge
        case 429: .rateLimited
        case 503, 529: .overloaded
        case 409, 500...: .serverError
        case 400..<500: .invalidRequest
        default: .malformed
        }
    }

    /// Providers repeat parts of a key that they refuse; and where a text was cut, the cut may go through a key.
    static func redacted(_ text: String, key: String?) -> String {
        var text = text
        if let key, key.count >= 4 {
            text = text.replacingOccurrences(of: key, with: "[key]")
            let lengths = stride(from: min(key.count, text.count), through: 4, by: -1)
            if let cut = lengths.first(where: { text.hasSuffix(key.prefix($0)) }) {
                text = text.dropLast(cut) + "[key]"
            }
        }
        text.replace(/\b(sk|pk|key)-[A-Za-z0-9_*.\-]{3,}/, with: "[key]")
        return text
    }
}
