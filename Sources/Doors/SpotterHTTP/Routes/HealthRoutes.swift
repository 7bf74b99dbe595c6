import Foundation
import HTTPServerKit
import SpotterDomain

/// `/v1/health` and `/v1/status`: how the server is.
enum HealthRoutes {
    static func routes(_ services: Services) -> [Route] {
        let started = services.clock.now()
        return [overall(services), live(), ready(services), status(services, since: started)]
    }

    /// The state of the whole and of its parts.
    struct HealthResource: Codable, Sendable {
        let state: String
        let components: [HealthCheck.Component]
        /// How long the look took, in milliseconds.
        let durationMs: Double
    }

    /// What a server says of itself.
    struct StatusResource: Codable, Sendable {
        let version: String
        let uptimeSeconds: Int
        let organization: String
        let agents: Int
    }

    private static func overall(_ services: Services) -> Route {
        Route(
            .get, "/v1/health", "getHealth", "State of the server and of each part", tag: "Health", permission: nil,
            answers: [
                .json(200, "All is well.", HealthResource.self), .json(503, "Something is not.", HealthResource.self),
            ]
        ) { _ in try await health(services, vitalOnly: false) }
    }

    private static func live() -> Route {
        Route(
            .get, "/v1/health/live", "getLiveness", "Whether the process answers at all", tag: "Health",
            permission: nil, answers: [.json(200, "It does.", HealthResource.self)]
        ) { _ in try .json(HealthResource(state: "ok", components: [], durationMs: 0)) }
    }

    private static func ready(_ services: Services) -> Route {
        Route(
            .get, "/v1/health/ready", "getReadiness", "Whether the server can do its work", tag: "Health",
            permission: nil,
            answers: [.json(200, "It can.", HealthResource.self), .json(503, "Not now.", HealthResource.self)]
        ) { _ in try await health(services, vitalOnly: true) }
    }

    private static func health(_ services: Services, vitalOnly: Bool) async throws -> Reply {
        let start = ContinuousClock.now
        let components = await services.health.check(vitalOnly: vitalOnly)
        let elapsed = (start.duration(to: .now) / .microseconds(1)).rounded() / 1_000
        let hasFailed = components.contains(where: \.hasFailed)
        let state = hasFailed ? "failed" : components.contains(where: \.isDegraded) ? "degraded" : "ok"
        return try .json(
            HealthResource(state: state, components: components, durationMs: elapsed), status: hasFailed ? 503 : 200)
    }

    private static func status(_ services: Services, since started: Date) -> Route {
        Route(
            .get, "/v1/status", "getStatus", "The server and the caller's organisation", tag: "Health",
            permission: .agentsRead, answers: [.json(200, "The figures.", StatusResource.self)]
        ) { context in
            let organization = try await services.organizations.organization(in: context.scope)
            let agents = try await services.agents.count(in: context.scope)
            return try .json(
                StatusResource(
                    version: services.version, uptimeSeconds: Int(context.now.timeIntervalSince(started)),
                    organization: organization.slug, agents: agents))
        }
    }
}
