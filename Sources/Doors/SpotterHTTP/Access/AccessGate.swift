import Foundation
import HTTPServerKit
import ServiceKit
public import SpotterDomain

/// What stands before every request: limits, and which pages of other origins may read the answers.
public struct AccessSettings: Sendable {
    let rates: any RateLimitStore
    let origins: any OriginPolicies
    let trustedProxies: TrustedProxies
    let streams: StreamQuotas

    /// - Parameters:
    ///   - rates: the buckets that all processes share.
    ///   - origins: which pages elsewhere may call the API.
    ///   - trustedProxies: whose `X-Forwarded-For` or `Forwarded` is believed.
    ///   - streams: how many streams and sockets a token and an organisation may have open.
    public init(
        rates: any RateLimitStore, origins: any OriginPolicies, trustedProxies: TrustedProxies = .none,
        streams: StreamQuotas = StreamQuotas()
    ) {
        self.rates = rates
        self.origins = origins
        self.trustedProxies = trustedProxies
        self.streams = streams
    }
}

/// One request's way through the gate: what its answer will say of limits and origins.
struct Passage: Sendable {
    fileprivate(set) var standings: [RateStanding] = []
    /// The origin that may read the answer.
    fileprivate(set) var origin: String?
    fileprivate(set) var address = ""
    fileprivate var limits = RouteLimits.open
    /// What the address is counted apart by, behind it.
    fileprivate var part = ""

    init() {}
}

/// Lets requests in, or says when to come again. Used by the pipeline at four places: on arrival, before a token is
/// looked at, when it is known who asks, and when a request failed.
final class AccessGate: Sendable {
    let limiter: RateLimiter
    /// For what stays connected.
    let seats: StreamSeats
    private let addresses: AddressLimiter
    private let clients: ClientAddresses
    private let costs: CostWindows
    private let origins: any OriginPolicies

    init(_ settings: AccessSettings, ledger: any LedgerStore, log: Log, quotas: AddressLimiter.Quotas = .init()) {
        limiter = RateLimiter(store: settings.rates, log: log)
        addresses = AddressLimiter(quotas)
        seats = StreamSeats(settings.streams)
        clients = ClientAddresses(trusted: settings.trustedProxies)
        costs = CostWindows(ledger: ledger)
        origins = settings.origins
    }

    /// A request has come, and this is the route it found.
    ///
    /// - Parameter isKnown: whether it shows a token that was good a moment ago.
    /// - Throws: `rateLimited`.
    func arrive(
        _ request: HTTPRequest, at route: Route, isKnown: @autoclosure () -> Bool, _ passage: inout Passage
    ) throws {
        passage.limits = route.limits
        if route.tag == HookReceptionRoutes.tag { passage.part = Self.part(of: request) }
        let address = address(of: request, &passage)
        switch route.limits {
        case .caller, .tokens:
            // Those who are known are counted by who they are, when that is certain.
            guard addresses.haveFailedLately, !isKnown() else { return }
            try admit([mayProve(address)], &passage)
        case .secret: try admit([mayProve(address)], &passage)
        case .open: try admit([addresses.open(address)], &passage)
        case .health:
            // A fixed secret, such as the metrics token, proves nothing before it is compared: no more guesses are heard.
            if addresses.haveFailedLately, request.headers.contains("authorization"), !isKnown() {
                let standing = addresses.mayTry(address)
                if standing.retryAfter != nil { try admit([standing], &passage) }
            }
            try admit([addresses.open(address, mayRefuse: false)], &passage)
        }
    }

    /// Whether somebody who is not known may show something signed. Also after too many failures from the address: what is
    /// good must not be refused for what others did. Only what fails is, and looking at it is counted as well.
    private func mayProve(_ address: String) -> RateStanding {
        var standing = addresses.mayTry(address)
        guard standing.retryAfter != nil else { return standing }
        let checks = addresses.open(address)
        guard checks.retryAfter == nil else { return checks }
        standing.retryAfter = nil
        return standing
    }

    /// Senders that share an address, as those of one big service do, are counted apart by the hook that they call. There are
    /// few parts, so that made-up hooks cannot fill the memory.
    private static func part(of request: HTTPRequest) -> String {
        "#\(UInt(bitPattern: request.path.hashValue) % 64)"
    }

    /// The request was for nothing that there is: counts it like one to what is open to everybody. The dashboard's files,
    /// of which a page wants a hundred at once, do not come here: they are at hand, and cost no more than a refusal.
    ///
    /// - Throws: `rateLimited`.
    private func arriveAtNoRoute(_ request: HTTPRequest, _ passage: inout Passage) throws {
        guard passage.standings.isEmpty else { return }
        try admit([addresses.open(address(of: request, &passage))], &passage)
    }

    /// It is known who asks.
    ///
    /// - Throws: `rateLimited`.
    func admit(_ caller: Caller, to route: Route, at now: Date, _ passage: inout Passage) async throws {
        if let origin = passage.origin, !origins.allows(origin, in: caller.scope) { passage.origin = nil }
        passage.standings = []
        try await spend(route.limits.buckets(of: caller.token), in: caller.scope, &passage.standings)
        guard route.isCostly else { return }
        let limits = limiter.costLimits(in: caller.scope)
        let windows = try await costs.standings(limits, at: now, in: caller.scope)
        passage.standings += windows
        if let full = windows.first(where: { $0.retryAfter != nil }) {
            throw SpotterError(
                .rateLimited,
                "The organisation's calls of models have cost as much as its limits allow for a minute or an hour. "
                    + "Try again in \(full.retryAfter ?? 1) s.", retryAfter: full.retryAfter)
        }
    }

    /// Somebody who was let in asks for something once more, by a frame of a long connection: it counts as a request.
    ///
    /// - Throws: `rateLimited`.
    func admitFrame(of caller: Caller) async throws {
        var standings: [RateStanding] = []
        try await spend(RouteLimits.caller.buckets(of: caller.token), in: caller.scope, &standings)
    }

    /// Somebody signs in with a good token: counts that like any other request with it.
    ///
    /// - Throws: `rateLimited`.
    func admitSignIn(with token: TokenID, in scope: OrganizationScope) async throws {
        var standings: [RateStanding] = []
        try await spend(RouteLimits.caller.buckets(of: token), in: scope, &standings)
    }

    private func spend(
        _ buckets: [RateBucket], in scope: OrganizationScope, _ standings: inout [RateStanding]
    ) async throws {
        for (index, bucket) in buckets.enumerated() {
            let standing = await limiter.spend(bucket, in: scope)
            standings.append(standing)
            guard standing.retryAfter == nil else {
                for taken in buckets[..<index] { limiter.giveBack(taken, in: scope) }
                // Who does not wait is made to wait: a connection that floods costs four refusals a second, and no more.
                if standing.isFlood { try? await Task.sleep(for: .milliseconds(250)) }
                throw Self.refusal(standing)
            }
        }
    }

    /// Counts a message of another system that was believed.
    ///
    /// - Throws: `rateLimited`.
    func admitHook(in scope: OrganizationScope) async throws -> RateStanding {
        let standing = await limiter.spend(.hooks, in: scope)
        guard standing.retryAfter == nil else { throw Self.refusal(standing) }
        return standing
    }

    /// Counts what somebody has a hook send beside what happens: each is a message to another's server.
    ///
    /// - Throws: `rateLimited`.
    func admitHookTest(in scope: OrganizationScope) async throws {
        let standing = await limiter.spend(.hookTests, in: scope)
        guard standing.retryAfter == nil else { throw Self.refusal(standing) }
    }

    /// The request failed: where that was for want of a good token, signature or link, its address is the poorer for it.
    ///
    /// - Returns: the error, or `rateLimited` in its place where there were too many of its kind.
    func failed(_ error: any Error, _ request: HTTPRequest, _ passage: inout Passage) -> any Error {
        let code = (error as? SpotterError)?.code
        if code == .unauthenticated || passage.limits == .secret && code == .notFound {
            do { try countFailure(request, &passage) } catch let refusal { return refusal }
        }
        do { try arriveAtNoRoute(request, &passage) } catch let refusal { return refusal }
        return error
    }

    /// The request was answered: a page that says that a link is not good is a failure like any other.
    ///
    /// - Throws: `rateLimited`.
    func answered(_ status: Int, _ request: HTTPRequest, _ passage: inout Passage) throws {
        guard passage.limits == .secret, status == 404 else { return }
        try countFailure(request, &passage)
    }

    private func countFailure(_ request: HTTPRequest, _ passage: inout Passage) throws {
        try admit([addresses.fail(address(of: request, &passage))], &passage)
    }

    /// What never became a request.
    func stray(from address: String) -> Passage {
        var passage = Passage()
        passage.standings = [addresses.open(ClientAddresses.key(of: address), mayRefuse: false)]
        return passage
    }

    private func admit(_ standings: [RateStanding], _ passage: inout Passage) throws {
        passage.standings = standings
        if let refused = standings.first(where: { $0.retryAfter != nil }) { throw Self.refusal(refused) }
    }

    private func address(of request: HTTPRequest, _ passage: inout Passage) -> String {
        if passage.address.isEmpty {
            let address = clients.key(of: request)
            // Calls within the process have no address.
            passage.address = address.isEmpty ? "" : address + passage.part
        }
        return passage.address
    }

    private static func refusal(_ standing: RateStanding) -> SpotterError {
        let seconds = standing.retryAfter ?? 1
        return SpotterError(
            .rateLimited,
            "There were too many requests. Try again in \(seconds) s; `RateLimit-Policy` says how many "
                + "there may be.", retryAfter: seconds)
    }

    // MARK: Pages of other origins

    /// Takes note of the page that asks, if any organisation allows it: of those who are refused it is not known whose
    /// they are, and a page must be able to read that it was refused.
    func noteOrigin(of request: HTTPRequest, _ passage: inout Passage) {
        guard let origin = request.headers.single("origin"), origins.isKnown(origin) else { return }
        passage.origin = origin
    }

    /// The answer to a browser that asks, before the request proper, whether it may be made.
    ///
    /// - Returns: nil for any other request.
    func preflight(_ request: HTTPRequest, allowed: [HTTPMethod], _ passage: Passage) -> Reply? {
        guard request.method == .options, request.headers.contains("access-control-request-method"),
            request.headers.contains("origin")
        else { return nil }
        var reply = Reply.noContent.with(
            "vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
        // Without an allowed origin the browser hears nothing, and makes no request.
        guard passage.origin != nil else { return reply }
        reply = reply.with("access-control-allow-methods", allowed.map(\.rawValue).joined(separator: ", "))
        reply = reply.with("access-control-allow-headers", Self.requestHeaders)
        return reply.with("access-control-max-age", "600")
    }

    private static let requestHeaders =
        "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, traceparent, tracestate"
}
