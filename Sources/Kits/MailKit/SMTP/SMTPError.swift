import CLibcurl

/// Why a message was not handed over, and what is known of it.
///
/// A reply is the server's own last line, in printable ASCII and cut: it may name a receiver, never a password.
public enum SMTPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The message cannot be written, or the server cannot be named; nothing was sent.
    case invalid(String)
    /// A reply of 500 and above: the server will never take it.
    case rejected(code: Int, reply: String)
    /// A reply of 400 to 499: it may take it later.
    case deferred(code: Int, reply: String)
    /// User and password were refused, or no way to log in was found.
    case notLoggedIn(reply: String)
    /// No secure connection could be made.
    case tls
    /// The server was not reached, or went away, or took too long, before it had the whole message.
    case unreachable(String)
    /// The whole message was sent, and no answer came: whether the server took it, nobody knows.
    case outcomeUnknown(String)
    /// The task was cancelled before the server had the whole message.
    case cancelled

    /// What happened, in words for a log or an operator.
    public var description: String {
        switch self {
        case .invalid(let problem): problem
        case .rejected(let code, let reply): "the server refused it for good (\(code)): \(reply)"
        case .deferred(let code, let reply): "the server refused it for now (\(code)): \(reply)"
        case .notLoggedIn(let reply): reply.isEmpty ? "logging in failed" : "logging in failed: \(reply)"
        case .tls: "no secure connection could be made: no STARTTLS, or the certificate is not valid for the host"
        case .unreachable(let problem): problem
        case .outcomeUnknown(let problem): "\(problem) after the whole message was sent: it may have been taken"
        case .cancelled: "it was cancelled"
        }
    }

    /// What curl's code means.
    ///
    /// - Parameters:
    ///   - code: anything but `CURLE_OK`.
    ///   - status: the code of the server's last reply; 0 if there was none.
    ///   - reply: that reply's text.
    ///   - isSent: whether the end of the message had been given to curl.
    init(_ code: CURLcode, status: Int, reply: String, isSent: Bool, isCancelled: Bool) {
        if (400...599).contains(status), code != CURLE_OPERATION_TIMEDOUT, code != CURLE_ABORTED_BY_CALLBACK {
            let isLogin = code == CURLE_LOGIN_DENIED || [530, 534, 535, 538].contains(status)
            if isLogin, !isSent {
                self = .notLoggedIn(reply: reply)
            } else {
                self = status < 500 ? .deferred(code: status, reply: reply) : .rejected(code: status, reply: reply)
            }
            return
        }
        let problem = Self.problem(code)
        if isSent {
            self = .outcomeUnknown(problem)
        } else if isCancelled {
            self = .cancelled
        } else {
            switch code {
            case CURLE_LOGIN_DENIED: self = .notLoggedIn(reply: reply)
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER:
                self = .tls
            case CURLE_URL_MALFORMAT: self = .invalid("the server's name cannot be used")
            default: self = .unreachable(problem)
            }
        }
    }

    private static func problem(_ code: CURLcode) -> String {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: "the server's name could not be resolved"
        case CURLE_COULDNT_CONNECT: "no connection could be made"
        case CURLE_OPERATION_TIMEDOUT: "the server took too long"
        case CURLE_ABORTED_BY_CALLBACK: "it was cancelled"
        case CURLE_OUT_OF_MEMORY: "memory ran out"
        default: "the connection was lost"
        }
    }
}
