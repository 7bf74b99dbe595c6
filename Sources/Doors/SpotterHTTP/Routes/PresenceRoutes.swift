import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// Who can be called: figures, matches, and what agents say of themselves.
enum PresenceRoutes {
    static func routes(_ services: Services) -> [Route] {
        [statistics(services), match(services), status(services), heartbeat(services), secret(services)]
    }

    private static func statistics(_ services: Services) -> Route {
        Route(
            .get, "/v1/agents/stats", "getAgentStatistics", "Read how agents are and what calls of them came to",
            tag: "Agents", permission: .agentsRead,
            answers: [.json(200, "Every agent, the oldest first.", AgentStatisticsResource.self)]
        ) { context in
            try .json(AgentStatisticsResource(await services.routing.routing.candidates(in: context.scope)))
        }
    }

    private static func match(_ services: Services) -> Route {
        let names = JSONSchema.array(of: JSONSchema(.string))
        return Route(
            .get, "/v1/agents/match", "matchAgents", "Find agents by what they offer, best first, and why",
            tag: "Agents", permission: .agentsRead,
            query: [
                .init(name: "capability", schema: names), .init(name: "optional", schema: names),
                .init(name: "limit", schema: JSONSchema(.integer, description: "How many; 50 unless said otherwise.")),
            ],
            answers: [
                .json(
                    200, "Those that offer every capability, also such as cannot be called now.",
                    ListResource<AgentMatchResource>.self)
            ]
        ) { context in
            let optional = context.values("optional")
            let found = try await services.routing.index.matches(
                required: context.values("capability"), optional: optional, limit: context.limit(), in: context.scope)
            return try .json(ListResource(found.map { AgentMatchResource($0, optional: optional) }, next: nil))
        }
    }

    private static func status(_ services: Services) -> Route {
        Route(
            .put, "/v1/agents/{agent_id}/status", "setAgentStatus", "Say whether an agent can be called",
            tag: "Agents", permission: .agentsReport,
            body: .json(AgentStatusRequest.self, example: ["status": "available"]),
            answers: [.json(200, "How it is now.", AgentPresence.self)], isConditional: false
        ) { context in
            try context.refuseMatch("What an agent says of itself")
            let wanted = try context.body(AgentStatusRequest.self)
            let presence = try await services.routing.routing.setStatus(
                wanted.status, note: wanted.note, of: context.id("agent_id", "agent"), at: context.now,
                in: context.scope)
            services.routing.index.forget(try context.scope)
            return try .json(presence)
        }
    }

    private static func heartbeat(_ services: Services) -> Route {
        Route(
            .post, "/v1/agents/{agent_id}/heartbeat", "beatAgent", "Give a sign of life of an agent", tag: "Agents",
            permission: .agentsReport, answers: [.json(200, "How it is now.", AgentPresence.self)],
            idempotency: .around(isRepeatable: true)
        ) { context in
            let presence = try await services.routing.routing.heartbeat(
                of: context.id("agent_id", "agent"), at: context.now, in: context.scope)
            return try .json(presence)
        }
    }

    /// Asked again with the same key, it makes another secret: none is kept to be shown a second time.
    private static func secret(_ services: Services) -> Route {
        Route(
            .put, "/v1/agents/{agent_id}/secret", "renewAgentSecret",
            "Make a new secret that requests to an external agent are signed with", tag: "Agents",
            permission: .agentsWrite,
            answers: [.json(200, "The secret; it is shown this once.", AgentSecretResource.self)],
            isConditional: false
        ) { context in
            try context.refuseMatch("A secret")
            let id: AgentID = try context.id("agent_id", "agent")
            let secret = try await services.routing.calls.renewSecret(of: id, at: context.now, in: context.scope)
            return try .json(AgentSecretResource(agentId: id, secret: secret))
        }
    }
}

/// Whether an agent can be called.
struct AgentStatusRequest: Codable, Sendable, FieldsDescribed {
    let status: AgentStatus
    let note: String?

    static let fields: [String: Field] = [
        "status": Field("`available` takes calls; the others do not."),
        "note": Field("Something to that, for people.", length: 0...500),
    ]
}

/// A secret, once.
struct AgentSecretResource: Codable, Sendable {
    let agentId: AgentID
    let secret: String
}

/// How an agent is, and what calls of it came to.
struct AgentStateResource: Codable, Sendable {
    let agentId: AgentID
    let name: String
    let status: AgentStatus
    let isExternal: Bool
    let active: Int
    let maxConcurrent: Int?
    let calls: Int
    let failures: Int
    let recentSuccess: Double?
    let recentMs: Double?
    let lastActiveAt: Date?

    init(_ candidate: RoutingCandidate) {
        agentId = candidate.id
        name = candidate.name
        status = candidate.shownStatus
        isExternal = candidate.isExternal
        active = candidate.active
        maxConcurrent = candidate.maxConcurrent
        calls = candidate.figures.calls
        failures = candidate.figures.failures
        recentSuccess = candidate.figures.recentSuccess
        recentMs = candidate.figures.recentMs
        lastActiveAt = candidate.figures.lastActiveAt
    }
}

/// How the agents of an organisation are.
struct AgentStatisticsResource: Codable, Sendable {
    let total: Int
    let available: Int
    let busy: Int
    let offline: Int
    let error: Int
    let agents: [AgentStateResource]

    init(_ candidates: [RoutingCandidate]) {
        func count(_ status: AgentStatus) -> Int { candidates.count { $0.shownStatus == status } }
        total = candidates.count
        available = count(.available)
        busy = count(.busy)
        offline = count(.offline)
        error = count(.error)
        agents = candidates.map(AgentStateResource.init)
    }
}

/// How well an agent fits, and why.
struct AgentMatchResource: Codable, Sendable {
    let agentId: AgentID
    let name: String
    let score: Double
    let reasons: [String]
    let status: AgentStatus
    /// Why it cannot be called now; left out where it can.
    let excuse: String?

    init(_ match: RoutingMatch, optional: [String]) {
        agentId = match.candidate.id
        name = match.candidate.name
        score = match.score.total
        reasons = match.score.reasons(for: match.candidate, optional: optional)
        status = match.candidate.shownStatus
        excuse = match.candidate.excuse
    }
}
