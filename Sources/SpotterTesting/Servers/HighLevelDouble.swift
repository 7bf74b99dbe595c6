public import Foundation
public import SpotterDomain
import Synchronization

/// HighLevel's API on loopback, in the shapes of its documentation, with the contacts and opportunities that a test puts in.
///
/// It keeps one location, refuses other tokens, brings labels into lower case and numbers into E.164 as HighLevel does,
/// refuses duplicates with the id of the one there is, and does what a test's `fault` says in place of an answer.
public final class HighLevelDouble: Sendable {
    /// What a request is met with in place of its answer.
    public enum Fault: Sendable {
        /// An answer of this status, with headers and a body.
        case answer(status: Int, headers: [String: String], body: String)
        /// The connection ends before anything is done.
        case cutBefore
        /// What was asked for is done, and the connection ends without an answer.
        case cutAfter
    }

    /// A request that came in.
    public struct Call: Sendable, Hashable {
        /// Such as `POST`.
        public let method: String
        /// Without the query.
        public let path: String
        /// Which request it was, from 1.
        public let number: Int
        /// As it was sent.
        public let headers: [String: String]
        /// As it was sent.
        public let body: String
    }

    /// The location's id.
    public static let location = "ve9EPM428h8vShlRW1KT"

    struct State: Sendable {
        var contacts: [String: JSONObject] = [:]
        var opportunities: [String: JSONObject] = [:]
        var messages: [String: [JSONObject]] = [:]
        var calls: [Call] = []
        var made = 0
        var tokens: Set<String>
        var now = Date(timeIntervalSince1970: 1_795_000_000)
        var fault: (@Sendable (Call) -> Fault?)?
        var hasLowerCaseNamesOnly = false
    }

    private let server: RawServer
    private let shared: Shared

    /// - Parameter token: the one that is accepted.
    public init(token: String = "pit-sesame") throws {
        let state = Shared(State(tokens: [token]))
        shared = state
        server = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                let reply = state.state.withLock { $0.answer(request) }
                guard let reply else { return connection.close() }
                try connection.respond(
                    status: reply.status,
                    headers: ["Content-Type": "application/json; charset=utf-8"].merging(reply.headers) { $1 },
                    body: reply.body)
            }
        }
    }

    final class Shared: Sendable {
        let state: Mutex<State>
        init(_ state: State) { self.state = Mutex(state) }
    }

    /// Where it is.
    public var url: String { server.url }
    /// `ADDRESS:PORT`.
    public var address: String { String(server.url.dropFirst(7)) }
    /// What came in.
    public var calls: [Call] { shared.state.withLock { $0.calls } }
    /// The contacts that there are.
    public var contacts: [String: JSONObject] { shared.state.withLock { $0.contacts } }
    /// The opportunities that there are.
    public var opportunities: [String: JSONObject] { shared.state.withLock { $0.opportunities } }
    /// Messages that were sent to a contact.
    public func messages(to contact: String) -> [JSONObject] { shared.state.withLock { $0.messages[contact] ?? [] } }

    /// Closes everything.
    public func stop() { server.stop() }

    /// Asked before each request is done.
    public func setFault(_ fault: (@Sendable (Call) -> Fault?)?) { shared.state.withLock { $0.fault = fault } }
    /// What time it is there.
    public func setTime(_ now: Date) { shared.state.withLock { $0.now = now } }
    /// Whether lists have names in lower case only.
    public func setLowerCaseNames(_ isOn: Bool) { shared.state.withLock { $0.hasLowerCaseNamesOnly = isOn } }
    /// Forgets what came in.
    public func forgetCalls() { shared.state.withLock { $0.calls = [] } }

    /// Somebody makes a contact there by hand.
    @discardableResult
    public func addContact(_ members: JSONObject) -> String {
        shared.state.withLock { state in
            state.made += 1
            let id = String(format: "con%017d", state.made)
            state.put(members, into: id)
            return id
        }
    }

    /// Somebody changes a contact there by hand; null takes a member away.
    public func changeContact(_ id: String, _ members: JSONObject) {
        shared.state.withLock { state in
            guard state.contacts[id] != nil else { return }
            state.put(members, into: id)
        }
    }

    /// Somebody deletes a contact there by hand.
    public func removeContact(_ id: String) { shared.state.withLock { $0.contacts[id] = nil } }

    /// Somebody makes an opportunity there by hand.
    @discardableResult
    public func addOpportunity(contact: String, pipeline: String, stage: String, status: String = "open") -> String {
        shared.state.withLock { state in
            state.makeOpportunity([
                "contactId": .string(contact), "pipelineId": .string(pipeline), "pipelineStageId": .string(stage),
                "status": .string(status), "name": "By hand",
            ])
        }
    }

    /// Somebody moves an opportunity there by hand.
    public func changeOpportunity(_ id: String, _ members: JSONObject) {
        shared.state.withLock { $0.putOpportunity(members, into: id) }
    }
}
