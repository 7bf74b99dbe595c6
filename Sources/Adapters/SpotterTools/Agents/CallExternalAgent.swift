import Foundation
public import HTTPClientKit
public import SpotterDomain

/// Sends a call to an agent that is reached over HTTP: one signed POST (Standard Webhooks 1.0), repeated under the same
/// id where the agent cannot be reached.
///
/// The program of a call uses it; it is in no agent's list.
///
/// | the agent answers | and that is |
/// |---|---|
/// | 200 to 299 with JSON | the answer |
/// | 202 | a promise: the answer comes later, to `answer_path`, with `answer_token` |
/// | 408, 425, 429, 5xx, or nothing | tried again, at most three times in all |
/// | anything else | a failure, with `{code, message}` of the body if it has them |
public struct CallExternalAgent: Tool {
    /// The call.
    public struct Arguments: Codable, Sendable {
        let agentId: AgentID
        let agentVersion: Int
        let host: String?
        let executionId: ExecutionID
        let action: String
        let capability: String?
        let parameters: JSONValue
        let sessionId: String?
        let sessionSummary: String?
    }

    private let client: GuardedClient
    private let policies: any HTTPPolicies
    private let agents: any AgentStore
    private let secrets: any AgentSecrets
    private let pause: @Sendable (Duration) async throws -> Void
    private static let tries = 3
    private static let deadline = Duration.seconds(30)
    private static let longestPause = Duration.seconds(5)
    private static let largestAnswer = 256 * 1024

    /// - Parameter pause: waits between two tries.
    public init(
        client: GuardedClient, policies: any HTTPPolicies, agents: any AgentStore, secrets: any AgentSecrets,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.client = client
        self.policies = policies
        self.agents = agents
        self.secrets = secrets
        self.pause = pause
    }

    /// `call_external_agent`
    public let name = "call_external_agent"
    /// For the journal's readers.
    public let summary = "Send a call to an agent that is reached over HTTP, and read what it answers."
    /// For the programs of calls.
    public let category = ToolCategory.core
    /// Speaks to a system outside.
    public let access = ToolAccess.outward
    /// The agent knows a call again by its id.
    public let effect = ToolEffect.keyed
    /// Whom a call reaches.
    public let sensitiveArguments: [String: ArgumentRole] = ["host": .host]
    /// What it answers is its own.
    public let yieldsUntrustedText = true

    /// Sends the call. What came of it is told as `{status, data}` or `{error}`, so that the program can tell them apart.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let version = try await agents.version(arguments.agentVersion, of: arguments.agentId, in: context.scope)
        guard let external = version.settings.external else {
            throw ToolFailure("\(version.settings.name) is not reached over HTTP.")
        }
        guard
            let token = try secrets.answerToken(
                for: arguments.executionId, of: arguments.agentId, in: context.scope)
        else {
            throw ToolFailure(
                "\(version.settings.name) has no secret to sign with. POST /v1/agents/\(arguments.agentId)/secret makes "
                    + "one.")
        }
        let body = Self.body(arguments, token: token, at: context.now).bytes
        var failure = Outcome.failed("agent_unreachable", "It did not answer.", isTransient: true)
        for number in 1...Self.tries {
            switch try await send(body, to: external.endpoint, arguments, context) {
            case .answered(let json): return json
            case .again(let outcome, let after):
                failure = outcome
                guard number < Self.tries else { break }
                try await pause(min(after ?? .milliseconds(500 * number), Self.longestPause))
            }
        }
        return failure
    }

    private enum Attempt {
        case answered(JSONValue)
        case again(JSONValue, after: Duration?)
    }

    private enum Outcome {
        static func failed(_ code: String, _ message: String, isTransient: Bool) -> JSONValue {
            [
                "status": "failed",
                "error": [
                    "code": .string(code), "message": .string(message), "is_transient": .bool(isTransient),
                ],
            ]
        }
    }

    private static func body(_ call: Arguments, token: String, at now: Date) -> JSONValue {
        [
            "type": "agent.call", "timestamp": .string(Timestamp.string(from: now)),
            "data": [
                "execution_id": .string(call.executionId.description), "agent_id": .string(call.agentId.description),
                "action": .string(call.action), "capability": call.capability.map { .string($0) } ?? .null,
                "parameters": call.parameters, "session_id": call.sessionId.map { .string($0) } ?? .null,
                "session_summary": call.sessionSummary.map { .string($0) } ?? .null,
                "answer_path": .string("/v1/calls/\(call.executionId)/answer"), "answer_token": .string(token),
            ],
        ]
    }

    private func send(
        _ body: [UInt8], to endpoint: String, _ call: Arguments, _ context: ToolContext
    ) async throws -> Attempt {
        let policy = policies.policy(in: context.scope)
        // The time is that of this try; the id is the same in all of them.
        let timestamp = Int(Date().timeIntervalSince1970)
        guard
            let signature = try secrets.signature(
                of: body, id: context.effectKey, timestamp: timestamp, for: call.agentId, in: context.scope)
        else { throw ToolFailure("The agent has no secret to sign with.") }
        var request = OutgoingRequest("POST", endpoint, headers: MessageHeaders(), body: body)
        for (name, value) in [
            ("Content-Type", "application/json"), ("Accept", "application/json"), ("User-Agent", "Spotter"),
            ("webhook-id", context.effectKey), ("webhook-timestamp", "\(timestamp)"),
            ("webhook-signature", signature),
        ] { request.headers.append(name, value) }
        for (name, value) in TraceParent.current?.headers ?? [] { request.headers.append(name, value) }
        request.deadline = Self.deadline
        request.connectTimeout = .seconds(10)
        request.responseByteLimit = Self.largestAnswer
        do {
            let answer = try await client.send(
                request, under: OutboundPolicy(policy), partition: context.scope.organization.description)
            return Self.read(answer.response)
        } catch GuardedError.transport(.cancelled) {
            throw CancellationError()
        } catch let error as GuardedError {
            let reason = HTTPFailureText(policy: policy, isRepeatable: true).sentence(for: error)
            let outcome = Outcome.failed("agent_unreachable", reason, isTransient: true)
            guard case .transport = error else {
                return .answered(Outcome.failed("agent_unreachable", reason, isTransient: false))
            }
            return .again(outcome, after: nil)
        }
    }

    private static func read(_ response: OutgoingResponse) -> Attempt {
        let body = try? JSONParser.parse(response.body)
        switch response.status {
        case 202: return .answered(["status": "accepted"])
        case 200..<300:
            guard let body else {
                return .answered(
                    Outcome.failed("agent_failed", "The agent's answer is not JSON.", isTransient: false))
            }
            return .answered(["status": "answered", "data": body])
        case 408, 425, 429, 500...:
            let after = response.headers["Retry-After"].flatMap { Int($0) }.map { Duration.seconds(max(0, $0)) }
            let message = "The agent answered with status \(response.status)."
            return .again(Outcome.failed("agent_unreachable", message, isTransient: true), after: after)
        default:
            return .answered(
                Outcome.failed(
                    body?["code"]?.string ?? "agent_refused",
                    body?["message"]?.string ?? "The agent refused the call with status \(response.status).",
                    isTransient: false))
        }
    }
}

extension CallExternalAgent.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "agent_id": Field("The agent that is called."), "agent_version": Field("The version of its settings."),
        "host": Field("Where the agent is reached."), "execution_id": Field("The call itself, an execution."),
        "action": Field("What it is to do."),
        "capability": Field("What it was chosen for, if for that."),
        "parameters": Field("What it is given: an object."),
        "session_id": Field("The session that the call belongs to."),
        "session_summary": Field("What that session came to so far."),
    ]
}
