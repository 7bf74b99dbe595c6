/// One request of a guarded exchange: the first, or one that a redirect asks for. Pure: the rules of where a request may
/// go and what goes along are all here.
struct OutboundHop: Sendable {
    /// The ports of https and http.
    static let standardPorts = [443, 80]

    let method: String
    let address: WebAddress
    let headers: MessageHeaders
    let body: [UInt8]?

    /// The first request, as the caller wants it, with the host's credentials.
    ///
    /// - Parameter open: private addresses that the operator opened.
    init(
        _ request: OutgoingRequest, under policy: OutboundPolicy, open: Set<RemoteAddress>
    ) throws(GuardedError) {
        do throws(WebAddress.Problem) { address = try WebAddress(request.url) } catch { throw .address(error) }
        try Self.check(address, policy, open)
        for field in request.headers.fields where OutboundHeaders.isReserved(field.name) {
            if policy.allowsIdentity, OutboundHeaders.saysWhoAsks(field.name) { continue }
            throw .headerReserved(field.name)
        }
        var headers = request.headers
        for credential in policy.credentials where credential.host == address.host {
            guard address.isSecure || Self.isOpen(address, open) else {
                throw .credentialNeedsTLS(host: address.host)
            }
            headers[credential.header] = credential.value
        }
        method = request.method
        self.headers = headers
        body = request.body
    }

    private init(method: String, address: WebAddress, headers: MessageHeaders, body: [UInt8]?) {
        self.method = method
        self.address = address
        self.headers = headers
        self.body = body
    }

    /// The request that an answer redirects to; `nil` when it is no redirect.
    ///
    /// The rules of RFC 9110 §15.4: 303 asks for the other address with GET; 301 and 302 turn POST into GET, as every
    /// browser does; 307 and 308 repeat the request. What says who is asking stays with the first origin for good.
    func next(
        status: Int, location: String?, under policy: OutboundPolicy, open: Set<RemoteAddress>
    ) throws(GuardedError) -> OutboundHop? {
        guard [301, 302, 303, 307, 308].contains(status), let location else { return nil }
        let target: WebAddress
        do throws(WebAddress.Problem) {
            target = try address.following(location)
        } catch {
            throw .redirect(.address(error))
        }
        do throws(GuardedError) { try Self.check(target, policy, open) } catch { throw .redirect(error) }
        let becomesGet =
            status == 303 ? !["GET", "HEAD"].contains(method) : [301, 302].contains(status) && method == "POST"
        var headers = headers
        if !target.hasSameOrigin(as: address) { headers = headers.keeping(OutboundHeaders.crossesOrigins) }
        if becomesGet {
            headers = headers.keeping { !OutboundHeaders.describesBody($0) && $0.lowercased() != "idempotency-key" }
        }
        return OutboundHop(
            method: becomesGet ? "GET" : method, address: target, headers: headers, body: becomesGet ? nil : body)
    }

    private static func check(
        _ address: WebAddress, _ policy: OutboundPolicy, _ open: Set<RemoteAddress>
    ) throws(GuardedError) {
        guard policy.allowsHost(address.host) else { throw .hostNotAllowed(address.host) }
        guard address.isSecure || policy.allowsPlainHTTP else { throw .plainHTTPNotAllowed }
        guard standardPorts.contains(address.port) || open.contains(where: { Int($0.port) == address.port }) else {
            throw .portNotAllowed(address.port)
        }
    }

    /// Whether the URL itself names an opened address: no name server has a say in it.
    private static func isOpen(_ address: WebAddress, _ open: Set<RemoteAddress>) -> Bool {
        RemoteAddress("\(address.host):\(address.port)").map(open.contains) ?? false
    }
}
