import DevToolsKit
import HTTPClientKit
import SpotterDomain
import Synchronization

/// Gives one page what it asks for, by the same guarded client that agents' HTTP requests go by: each address is in the
/// organisation's list, and what its name resolves to is judged when the connection is made. There is no other way out.
///
/// Credentials of the operator are not added here: a page must not be able to spend them.
final class BrowserFetcher: Sendable {
    /// What was refused or failed, for the model.
    struct Trouble: Sendable, Hashable {
        let host: String
        let sentence: String
    }

    private struct State {
        var left: Int
        var troubles: [Trouble] = []
        var page: Trouble?
        var status: Int?
    }

    private let client: GuardedClient
    private let policy: BrowserPolicy
    private let partition: String
    private let state: Mutex<State>

    init(client: GuardedClient, policy: BrowserPolicy, partition: String) {
        self.client = client
        self.policy = policy
        self.partition = partition
        state = Mutex(State(left: policy.maxBytes))
    }

    /// A step on the page begins: bytes and troubles count anew.
    func begin() { state.withLock { $0 = State(left: policy.maxBytes) } }

    /// Why the page itself could not be had; nil where it could.
    var pageTrouble: Trouble? { state.withLock(\.page) }

    /// The status of the page itself; nil where there was no answer.
    var status: Int? { state.withLock(\.status) }

    /// What parts of the page could not be had, a few of them.
    var troubles: [Trouble] { state.withLock(\.troubles) }

    /// Written by the client itself, or of no use to whoever reads text.
    private static let dropped: Set<String> = [
        "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer",
        "transfer-encoding", "upgrade", "via",
    ]
    /// They describe bytes that the client has unpacked already.
    private static let unpacked: Set<String> = ["content-encoding", "content-length", "transfer-encoding"]

    func fetch(_ asked: ResourceRequest) async -> ResourceResponse? {
        let left = state.withLock(\.left)
        guard left > 0 else {
            note("The page wanted to load more than \(policy.maxBytes) bytes.", asked)
            return nil
        }
        let outbound = OutboundPolicy(
            allowsPlainHTTP: policy.allowsPlainHTTP, followsRedirects: false, allowsIdentity: true
        ) { [policy] in policy.allows(host: $0) }
        do {
            let answer = try await client.send(request(asked, atMost: left), under: outbound, partition: partition)
            let response = answer.response
            state.withLock { state in
                state.left -= response.body.count
                if asked.purpose == .page { state.status = response.status }
            }
            return ResourceResponse(
                status: response.status,
                headers: response.headers.fields.filter { !Self.unpacked.contains($0.name.lowercased()) }
                    .map { ($0.name, $0.value) },
                body: response.body)
        } catch {
            note(BrowserFailureText(policy: policy).sentence(for: error), asked)
            return nil
        }
    }

    private func request(_ asked: ResourceRequest, atMost bytes: Int) -> OutgoingRequest {
        var headers = MessageHeaders()
        for (name, value) in asked.headers.sorted(by: { $0.key < $1.key })
        where !Self.dropped.contains(name.lowercased()) && !name.lowercased().hasPrefix("proxy-") {
            headers.append(name, value)
        }
        var request = OutgoingRequest(asked.method, asked.url, headers: headers, body: asked.body)
        request.deadline = .seconds(policy.loadSeconds)
        request.connectTimeout = min(.seconds(5), request.deadline)
        request.idleTimeout = request.deadline
        request.responseByteLimit = bytes
        request.acceptsCompression = true
        return request
    }

    private func note(_ sentence: String, _ asked: ResourceRequest) {
        let host = (try? WebAddress(asked.url))?.host ?? "an address that is none"
        let trouble = Trouble(host: String(host.prefix(253)), sentence: sentence)
        state.withLock { state in
            if asked.purpose == .page { state.page = trouble }
            if state.troubles.count < 8, !state.troubles.contains(trouble) { state.troubles.append(trouble) }
        }
    }
}
