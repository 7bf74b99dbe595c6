import Foundation
public import HTTPClientKit
public import SpotterDomain

/// Sends the provenance of calls of agents (`call.routed`, `call.answered`) to where an organisation wants it, beside the
/// event log, which has all of it in any case.
///
/// Nobody waits for it: what is noted is put into a line of at most a thousand, of which the oldest go when the service at
/// the other end does not keep up; what cannot be sent is given up.
public final class TraceSender: Sendable {
    private struct Note: Sendable {
        let organization: OrganizationID
        let events: [Event]
    }

    private let client: GuardedClient
    private let policies: any HTTPPolicies
    private let line: AsyncStream<Note>
    private let entry: AsyncStream<Note>.Continuation
    private static let longestLine = 1_000
    private static let prefix = "call."

    /// A way out under the organisations' policies, which are asked anew for each note.
    public init(client: GuardedClient, policies: any HTTPPolicies) {
        self.client = client
        self.policies = policies
        (line, entry) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.longestLine))
    }

    /// Takes what is provenance of `events`, if the organisation wants it sent. Never waits.
    public func note(_ events: [Event], of organization: OrganizationID) {
        let calls = events.filter { $0.type.hasPrefix(Self.prefix) }
        guard !calls.isEmpty, policies.policy(in: OrganizationScope(organization)).tracesTo != nil else { return }
        entry.yield(Note(organization: organization, events: calls))
    }

    /// Sends what is noted, one note after another, until `stop()`.
    ///
    /// - Parameter onFailure: told of each note that could not be sent.
    public func run(onFailure: @Sendable (OrganizationID, String) -> Void) async {
        for await note in line {
            if let reason = await send(note) { onFailure(note.organization, reason) }
            if Task.isCancelled { return }
        }
    }

    /// Ends `run` when the line is empty.
    public func stop() { entry.finish() }

    /// Returns why it could not be sent, if so.
    private func send(_ note: Note) async -> String? {
        let scope = OrganizationScope(note.organization)
        let policy = policies.policy(in: scope)
        guard let url = policy.tracesTo else { return nil }
        let document: JSONValue = [
            "organization_id": .string(note.organization.description),
            "events": .array(note.events.map(Self.json)),
        ]
        var request = OutgoingRequest("POST", url, headers: MessageHeaders(), body: document.bytes)
        for (name, value) in [("Content-Type", "application/json"), ("User-Agent", "Spotter")] {
            request.headers.append(name, value)
        }
        request.deadline = .seconds(5)
        request.connectTimeout = .seconds(3)
        request.responseByteLimit = 16 * 1024
        request.truncatesBody = true
        do {
            let answer = try await client.send(
                request, under: OutboundPolicy(policy), partition: note.organization.description)
            return (200..<300).contains(answer.response.status) ? nil : "status \(answer.response.status)"
        } catch let error as GuardedError {
            return HTTPFailureText(policy: policy, isRepeatable: false).sentence(for: error)
        } catch {
            return "it was given up"
        }
    }

    private static func json(_ event: Event) -> JSONValue {
        [
            "id": .string("\(event.position)"), "type": .string(event.type),
            "execution_id": event.execution.map { .string($0.description) } ?? .null,
            "at": .string(Timestamp.string(from: event.at)), "data": event.data,
        ]
    }
}
