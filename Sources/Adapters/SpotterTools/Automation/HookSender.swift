import Foundation
public import HTTPClientKit
public import SpotterDomain

/// Sends events to the targets of hooks: one POST, no redirect, a bounded time, and no more of the answer than is kept.
///
/// Targets are of people who may manage hooks, and not of models: any host of the public Internet will do. Plain http is
/// spoken only with addresses that the operator has opened (`SPOTTER_HTTP_ALLOW_PRIVATE`), for development.
public struct HookSender: HookTransport {
    private let client: GuardedClient
    private let openAddresses: Set<RemoteAddress>
    /// How long an answer may take.
    private static let deadline = Duration.seconds(20)

    /// - Parameters:
    ///   - client: this sender's own, so that targets share no places with other requests.
    ///   - openAddresses: those of the client.
    public init(client: GuardedClient, openAddresses: Set<RemoteAddress>) {
        self.client = client
        self.openAddresses = openAddresses
    }

    /// See `HookTransport`.
    public func check(_ url: String) throws {
        guard url.utf8.count <= 2_000 else { throw SpotterError.invalid("/url", "must have at most 2000 bytes") }
        do {
            let call = HookCall(url: url, headers: [], body: Array("{}".utf8), partition: "")
            let address = try client.check(request(for: call), under: policy)
            guard address.isSecure || isOpen(address) else { throw GuardedError.plainHTTPNotAllowed }
            guard isOpen(address) || Self.mayBePublic(address) else {
                throw SpotterError.invalid("/url", "names a host that is not on the public Internet")
            }
        } catch let error as GuardedError {
            throw SpotterError.invalid("/url", Self.words(for: error))
        }
    }

    /// See `HookTransport`.
    public func send(_ call: HookCall) async -> HookAnswer {
        do {
            try check(call.url)
            let answer = try await client.send(request(for: call), under: policy, partition: call.partition).response
            return .answered(
                status: answer.status,
                retryAfter: answer.headers["Retry-After"].flatMap {
                    OutboundRetry.seconds(ofRetryAfter: $0, at: Date())
                },
                beginning: Self.beginning(of: answer.body))
        } catch let error as GuardedError {
            if case .transport(.shutDown) = error { return .interrupted("The process stops.") }
            return .failed(Self.sentence(for: error))
        } catch let error as SpotterError {
            return .failed("The address \(error.issues.first?.message ?? error.message).")
        } catch {
            return .interrupted("The request was given up.")
        }
    }

    private var policy: OutboundPolicy {
        OutboundPolicy(allowsPlainHTTP: !openAddresses.isEmpty, followsRedirects: false) { _ in true }
    }

    /// Whether the URL itself names an address that is open: no name server has a say in it.
    private func isOpen(_ address: WebAddress) -> Bool {
        RemoteAddress("\(address.host):\(address.port)").map(openAddresses.contains) ?? false
    }

    /// Whether a server on the public Internet may stand behind the host, as far as its spelling tells: numbers come out as
    /// an address however they are written, and some names never leave a machine or its network (RFC 6761, RFC 6762).
    private static func mayBePublic(_ address: WebAddress) -> Bool {
        if let literal = RemoteAddress("\(address.host):\(address.port)") { return literal.isPublic }
        let labels = address.host.split(separator: ".")
        guard !address.host.hasPrefix("["), labels.count > 1, let last = labels.last else { return false }
        // A number that is no address after all is no name either.
        return !last.allSatisfy(\.isNumber) && !localDomains.contains(String(last))
            && !address.host.hasSuffix(".home.arpa")
    }

    private static let localDomains: Set = ["localhost", "local", "internal", "invalid", "onion"]

    private func request(for call: HookCall) -> OutgoingRequest {
        var headers = MessageHeaders()
        for (name, value) in call.headers { headers.append(name, value) }
        var request = OutgoingRequest("POST", call.url, headers: headers, body: call.body)
        request.deadline = Self.deadline
        request.connectTimeout = .seconds(10)
        request.responseByteLimit = HookAttempt.longestAnswer
        request.truncatesBody = true
        return request
    }

    private static func beginning(of body: [UInt8]) -> String {
        String(decoding: body.prefix(HookAttempt.longestAnswer), as: UTF8.self).replacing("\0", with: "\u{FFFD}")
    }

    private static func words(for error: GuardedError) -> String {
        switch error {
        case .address(.scheme), .plainHTTPNotAllowed: "must begin with https://"
        case .address(.userInformation): "must not hold a user or a password"
        case .address(.malformed(let problem)): "is no URL: it \(problem)"
        case .portNotAllowed(let port): "has port \(port); only 443 can be used"
        default: "cannot be sent to"
        }
    }

    private static func sentence(for error: GuardedError) -> String {
        guard case .transport(let failure) = error else { return "The address \(words(for: error))." }
        return switch failure {
        case .addressRefused: "The host is not on the public Internet, or not at a standard port."
        case .nameResolution: "The host's name is not known."
        case .connect: "No connection to the host could be made."
        case .tls: "The host's TLS certificate is not valid, or it speaks no TLS."
        case .timeout: "There was no answer in time."
        case .tooLarge: "The answer's headers are too large."
        case .connectionLost: "The connection ended before the answer did."
        default: "The answer is not valid HTTP, or the request could not be sent."
        }
    }
}
