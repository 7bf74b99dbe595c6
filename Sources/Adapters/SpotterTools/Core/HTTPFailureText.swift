import HTTPClientKit
import SpotterDomain

/// Failures of a request in words for a model: what is wrong and what would be right. Never an address that a name
/// resolved to, never a header's value.
struct HTTPFailureText {
    let policy: HTTPPolicy
    /// Whether the same request may be sent again by a further call, which has another effect key.
    let isRepeatable: Bool

    func sentence(for error: GuardedError) -> String {
        switch error {
        case .address(.scheme): "The URL's scheme is not allowed. Only https:// can be used\(orHTTP)."
        case .address(.userInformation):
            "The URL holds a user or a password. Leave them out; the server adds credentials by itself."
        case .address(.malformed(let problem)):
            "The URL \(problem). Give one such as https://api.example.com/path, with other characters percent-encoded."
        case .hostNotAllowed(let host): refusal(of: host)
        case .plainHTTPNotAllowed: "Plain http is not allowed for this gym. Use https://."
        case .portNotAllowed(let port):
            "Port \(port) is not allowed. Only the standard ports, 443 for https and 80 for http, can be used."
        case .headerReserved(let name):
            "The header \(name) cannot be given: the server writes it itself. Leave it out."
        case .credentialNeedsTLS(let host): "The credential for \(host) is only sent over https. Use https://."
        case .tooManyRedirects(let limit):
            "The server redirects more than \(limit) times. The address is probably wrong; do not repeat the call."
        case .redirect(let reason):
            "The server redirects to a place that is not allowed, and the redirect was not followed. "
                + sentence(for: reason)
        case .transport(let failure): sentence(for: failure)
        }
    }

    private var orHTTP: String { policy.allowsPlainHTTP ? ", or http://" : "" }

    private func refusal(of host: String) -> String {
        guard !policy.hosts.isEmpty else {
            return "No host is allowed for this gym's HTTP requests yet. An operator allows one by adding "
                + "`http: {allow_hosts: [\"\(host)\"]}` to the gym's file in tenants/ and reloading. Trying other hosts "
                + "does not help."
        }
        let known = policy.hosts.map(\.description)
        let hint = DidYouMean.hint(for: host, among: known)
        let listed = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", …" : "")
        return "The host \(host) is not allowed\(hint). Allowed: \(listed). An operator can add it to "
            + "`http.allow_hosts` in the gym's file in tenants/."
    }

    private func sentence(for failure: HTTPClientError) -> String {
        switch failure {
        case .invalidRequest(let reason): "The request cannot be sent: \(reason)."
        case .addressRefused: "The host is not on the public Internet, or not at a standard port, and is not spoken to."
        case .nameResolution: "The host's name is not known. Check the spelling."
        case .connect: "No connection to the host could be made. It may be down; trying again later may help."
        case .tls: "The host's TLS certificate is not valid, or it speaks no TLS. It is not spoken to."
        case .timeout(.connect):
            "No connection was made in time. The host may be down; trying again later may help."
        case .timeout(.deadline), .timeout(.idle):
            "There was no whole answer in time."
                + onceSent("Give a longer timeout_seconds (at most 25), or ask for less.")
        case .timeout(.slow): "The answer came in too slowly and was given up." + onceSent()
        case .tooLarge: "The answer's headers are too large. It is not read." + onceSent()
        case .connectionLost: "The connection ended before the answer did." + onceSent("Trying again may help.")
        case .protocolViolation: "The answer is not valid HTTP, or its encoding is broken." + onceSent()
        case .cancelled, .shutDown, .bodyAlreadyConsumed, .outOfMemory:
            "The request was given up by the server." + onceSent("Trying again later may help.")
        }
    }

    /// What to do about a request that may have arrived, as a further sentence.
    private func onceSent(_ advice: String? = nil) -> String {
        let doubt = "Whether it took effect is not known: find out before it is sent again."
        guard let sentence = isRepeatable ? advice : doubt else { return "" }
        return " " + sentence
    }
}
