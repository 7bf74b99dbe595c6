/// Why an exchange did not come to its end.
///
/// No case carries a URL, a header or a byte of a body, so that an error may be logged as it is.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which of the request's times ran out.
    public enum Timeout: String, Sendable {
        /// Looking up, connecting and the TLS handshake took longer than `connectTimeout`.
        case connect
        /// The exchange took longer than `deadline`.
        case deadline
        /// The connection was silent for `idleTimeout`.
        case idle
        /// Fewer bytes arrived than `minimumRate` asks for.
        case slow
    }

    /// The request cannot be sent as it is; the text names the part that is wrong.
    case invalidRequest(String)
    /// The host's name has no address.
    case nameResolution
    /// No connection could be made.
    case connect
    /// Every address of the host is one that the client's `AddressPolicy` refuses.
    case addressRefused
    /// The TLS handshake failed, or the certificate is not one for this host.
    case tls
    /// A time ran out.
    case timeout(Timeout)
    /// The body, or the header section, is larger than its limit in bytes.
    case tooLarge(limit: Int)
    /// The connection ended before the answer did.
    case connectionLost
    /// The answer is not HTTP, or its encoding is broken.
    case protocolViolation
    /// The task was cancelled.
    case cancelled
    /// The client was shut down.
    case shutDown
    /// The body of a response was read by a second consumer.
    case bodyAlreadyConsumed
    /// Memory ran out.
    case outOfMemory

    /// What happened, in words for a log or an operator.
    public var description: String {
        switch self {
        case .invalidRequest(let reason): "the request is not valid: \(reason)"
        case .nameResolution: "the host's name could not be resolved"
        case .connect: "no connection could be made"
        case .addressRefused: "the host's address is not allowed"
        case .tls: "the TLS handshake failed or the certificate is not valid"
        case .timeout(.connect): "connecting took too long"
        case .timeout(.deadline): "the exchange took longer than its deadline"
        case .timeout(.idle): "the connection was silent for too long"
        case .timeout(.slow): "the answer came in too slowly"
        case .tooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .connectionLost: "the connection ended before the answer did"
        case .protocolViolation: "the answer is not valid HTTP"
        case .cancelled: "the exchange was cancelled"
        case .shutDown: "the client was shut down"
        case .bodyAlreadyConsumed: "the body has one consumer only"
        case .outOfMemory: "memory ran out"
        }
    }
}
