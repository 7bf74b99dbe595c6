import Foundation
public import HTTPClientKit
import SpotterDomain
import Synchronization

/// Requests to HighLevel's API, version 2: `Authorization: Bearer`, a `Version` header, JSON both ways.
public final class HighLevelClient: Sendable {
    /// Where the API is, and how it is asked.
    public struct Configuration: Sendable {
        /// Without a slash at its end.
        public var baseURL = "https://services.leadconnectorhq.com"
        /// How long one request may take.
        public var deadline = Duration.seconds(20)
        /// How often something is asked for that may be repeated.
        public var tries = 4
        /// The longest that a request waits to be tried again; what is longer is for the next run.
        public var longestPause = Duration.seconds(20)
        /// The most bytes of an answer.
        public var largestAnswer = 8 << 20
        /// Waits; tests do not.
        public var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
        /// The time since some moment, on a clock that only goes on; that of tests stands.
        public var now: @Sendable () -> Duration = {
            let start = ContinuousClock.now
            return { ContinuousClock.now - start }
        }()

        /// HighLevel's own address, and ordinary patience.
        public init() {}
    }

    /// One request.
    struct Request: Sendable {
        var method = "GET"
        /// Such as `/contacts/abc`; made of constants and checked ids.
        var path: String
        var query: [(String, String)] = []
        var body: JSONValue?
        /// What is asked for, for people.
        var noun: String
        var version = "2021-07-28"
        /// Whether asking twice does no more than asking once.
        var isRepeatable = true
    }

    private let client: GuardedClient
    private let token: any ConnectorToken
    private let partition: String
    private let configuration: Configuration
    private let gate = Mutex(RequestGate())

    /// - Parameters:
    ///   - client: refuses private addresses that are not opened.
    ///   - partition: whose connections these are: no two organisations share any.
    public init(
        client: GuardedClient, token: any ConnectorToken, partition: String,
        configuration: Configuration = Configuration()
    ) {
        self.client = client
        self.token = token
        self.partition = partition
        self.configuration = configuration
    }

    /// Asks, waits for the limits, and asks again where that may help.
    ///
    /// - Throws: `CRMError`, or `CancellationError`.
    func send(_ request: Request) async throws -> JSONValue {
        var text = try await token.current()
        var isRenewed = false
        var number = 1
        while true {
            do {
                return try await once(request, token: text)
            } catch let error as CRMError {
                if case .unauthorized = error, !isRenewed, let other = try await token.renewed(after: text) {
                    isRenewed = true
                    text = other
                    continue
                }
                guard number < configuration.tries, let pause = pause(after: error, number, request) else {
                    throw error
                }
                number += 1
                try await configuration.pause(pause)
            }
        }
    }

    /// How long to wait before the next try; nil where there is none.
    private func pause(after error: CRMError, _ number: Int, _ request: Request) -> Duration? {
        switch error {
        case .rateLimited(let seconds):
            // It was not done, so that even what must not be repeated may be asked for again.
            let pause = seconds.map { Duration.seconds($0) } ?? .seconds(2 << number)
            return pause <= configuration.longestPause ? pause : nil
        case .unavailable, .malformed:
            return request.isRepeatable ? .milliseconds(250 << number) : nil
        default: return nil
        }
    }

    private func once(_ request: Request, token: String) async throws -> JSONValue {
        let wait = gate.withLock { $0.enter(at: configuration.now()) }
        if wait > .zero { try await configuration.pause(wait) }
        let outgoing = outgoing(request)
        let policy = policy(for: outgoing.url, token: token)
        let response: OutgoingResponse
        do {
            response = try await client.send(outgoing, under: policy, partition: partition).response
        } catch GuardedError.transport(.cancelled) where Task.isCancelled {
            throw CancellationError()
        } catch let error as GuardedError {
            throw HighLevelFailure.error(error, isRepeatable: request.isRepeatable)
        }
        learn(from: response)
        let body = try? JSONParser.parse(response.body)
        guard (200..<300).contains(response.status) else {
            let error = HighLevelFailure.error(
                status: response.status, body: body, retryAfter: Self.seconds(response.headers["Retry-After"]),
                noun: request.noun, isRepeatable: request.isRepeatable)
            throw error.without(token)
        }
        guard let body, body.object != nil else {
            let reason = "it is no JSON object"
            throw request.isRepeatable ? CRMError.malformed(reason) : CRMError.unknownOutcome(reason)
        }
        return body
    }

    private func outgoing(_ request: Request) -> OutgoingRequest {
        var url = configuration.baseURL + request.path
        for (index, (name, value)) in request.query.enumerated() {
            url += (index == 0 ? "?" : "&") + name + "=" + Self.escaped(value)
        }
        var outgoing = OutgoingRequest(request.method, url)
        outgoing.headers.append("Accept", "application/json")
        outgoing.headers.append("Version", request.version)
        outgoing.headers.append("User-Agent", "Spotter")
        if let body = request.body {
            outgoing.headers.append("Content-Type", "application/json")
            outgoing.body = body.bytes
        }
        outgoing.deadline = configuration.deadline
        outgoing.connectTimeout = .seconds(5)
        outgoing.responseByteLimit = configuration.largestAnswer
        return outgoing
    }

    /// The one host, the token for it alone, and no redirects: a token follows nobody elsewhere.
    private func policy(for url: String, token: String) -> OutboundPolicy {
        let host = URLComponents(string: url)?.host?.lowercased() ?? ""
        return OutboundPolicy(
            allowsPlainHTTP: configuration.baseURL.hasPrefix("http://"),
            credentials: [.init(host: host, header: "Authorization", value: "Bearer \(token)")],
            followsRedirects: false, allowsHost: { $0.lowercased() == host })
    }

    private func learn(from response: OutgoingResponse) {
        let remaining = response.headers["X-RateLimit-Remaining"].flatMap { Int($0) }
        let interval = response.headers["X-RateLimit-Interval-Milliseconds"].flatMap { Int($0) }
        let now = configuration.now()
        gate.withLock { gate in
            gate.learn(remaining: remaining, interval: interval, at: now)
            guard response.status == 429 else { return }
            let seconds = Self.seconds(response.headers["Retry-After"]) ?? 2
            gate.close(for: .seconds(min(seconds, 60)), at: now)
        }
    }

    private static func seconds(_ text: String?) -> Int? { text.flatMap { Int($0) }.map { min(max($0, 0), 86_400) } }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}

extension CRMError {
    /// The same without a token that an answer repeats.
    fileprivate func without(_ token: String) -> CRMError {
        switch self {
        case .unauthorized(let text): .unauthorized(text.replacing(token, with: "…"))
        case .invalid(let field, let text):
            .invalid(field: field?.replacing(token, with: "…"), message: text.replacing(token, with: "…"))
        default: self
        }
    }
}
