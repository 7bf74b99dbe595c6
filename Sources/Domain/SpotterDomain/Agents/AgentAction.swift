import Foundation

/// Something that an agent can be called to do by name, beside answering a message.
///
/// Its name counts among the agent's capabilities when calls are routed.
public struct AgentAction: Sendable, Codable, Hashable, FieldsDescribed {
    /// What it is called by; 1 to 100 characters.
    public var name: String
    /// What it does: for people, and for the agent that does it.
    public var description: String?
    /// The JSON Schema of its parameters, an object: see `JSONSchema.init(declared:)`. Nil takes any.
    public var parameters: JSONValue?

    /// An action; by default with any parameters.
    public init(name: String, description: String? = nil, parameters: JSONValue? = nil) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("What it is called by.", length: 1...100, example: "analyze"),
        "description": Field("What it does.", length: 0...10_000),
        "parameters": Field("The JSON Schema of its parameters: an object."),
    ]
}

/// Where an agent is reached that is not run here.
public struct ExternalAgent: Sendable, Codable, Hashable, FieldsDescribed {
    /// What signed requests are sent to, by POST: https, at a host that the organisation allows.
    public var endpoint: String
    /// How often it gives a sign of life. After three times as long without one it counts as offline; nil asks for none.
    public var heartbeatSeconds: Int?

    /// An agent at an address.
    public init(endpoint: String, heartbeatSeconds: Int? = nil) {
        self.endpoint = endpoint
        self.heartbeatSeconds = heartbeatSeconds
    }

    /// Signs of life that may fail to come before an agent counts as offline.
    public static let heartbeatsMissed = 3
    /// How many calls of one may be under way, unless it says otherwise.
    public static let usualConcurrency = 10

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "endpoint": Field(
            "What signed requests are sent to, at a host that the organisation's `http.allow_hosts` allows.",
            length: 8...2_000, example: "https://agent.example.com/calls"),
        "heartbeat_seconds": Field(
            "How often it gives a sign of life; after three times as long without one it counts as offline.",
            range: 1...86_400),
    ]
}

extension AgentSettings {
    /// Everything that it can be called for: its capabilities and the names of its actions.
    public var offers: Set<String> { Set(capabilities ?? []).union((actions ?? []).map(\.name)) }

    /// How many calls of it may be under way at one time; nil for any number.
    public var concurrency: Int? { maxConcurrent ?? external.map { _ in ExternalAgent.usualConcurrency } }

    /// What is wrong with how it can be called.
    public var callIssues: [FieldIssue] {
        var seen: Set<String> = []
        var issues: [FieldIssue] = []
        for (index, action) in (actions ?? []).enumerated() {
            if action.name == CallOrder.messageAction {
                issues.append(.init(pointer: "/actions/\(index)/name", message: "is what every agent can do already"))
            }
            if !seen.insert(action.name).inserted {
                issues.append(.init(pointer: "/actions/\(index)/name", message: "is there twice"))
            }
            guard let parameters = action.parameters else { continue }
            do {
                let schema = try JSONSchema(declared: parameters)
                if schema.kind != .object {
                    issues.append(.init(pointer: "/actions/\(index)/parameters/type", message: "must be object"))
                }
            } catch {
                issues += error.issues(at: "/actions/\(index)/parameters")
            }
        }
        guard let external else { return issues }
        let parts = URLComponents(string: external.endpoint)
        if !["https", "http"].contains(parts?.scheme?.lowercased() ?? "") || parts?.host?.isEmpty ?? true
            || parts?.user != nil || parts?.password != nil
        {
            issues.append(
                .init(pointer: "/external/endpoint", message: "must be a URL such as https://agent.example.com/calls"))
        }
        return issues
    }
}
