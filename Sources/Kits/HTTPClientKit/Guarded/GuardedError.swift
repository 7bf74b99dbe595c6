/// Why a guarded exchange was refused or did not come to its end.
///
/// Names at most a host that the caller or the server wrote; never a resolved address, a header's value or a credential.
public indirect enum GuardedError: Error, Sendable, Equatable {
    /// The text is no http or https URL that could be sent.
    case address(WebAddress.Problem)
    /// The policy does not list the host.
    case hostNotAllowed(String)
    /// The URL is http, and the policy wants https.
    case plainHTTPNotAllowed
    /// Neither 80 nor 443, nor one that the operator opened.
    case portNotAllowed(Int)
    /// The caller gave a header that only the client itself may write.
    case headerReserved(String)
    /// The host's credential would go over plain http.
    case credentialNeedsTLS(host: String)
    /// More redirects than are followed; the number is the bound.
    case tooManyRedirects(Int)
    /// The server redirects to where the client must not go.
    case redirect(GuardedError)
    /// The exchange failed; `addressRefused` where the host has no address on the public Internet.
    case transport(HTTPClientError)
}
