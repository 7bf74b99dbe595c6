import HTTPServerKit
import SpotterDomain
import SpotterMonitoring

/// `/v1/executions/{id}/timeline`: an execution as it went.
enum TimelineRoutes {
    static func routes(_ services: Services) -> [Route] { [timeline(services)] }

    private static func timeline(_ services: Services) -> Route {
        Route(
            .get, "/v1/executions/{execution_id}/timeline", "getTimeline",
            "Read an execution as spans, with those of what it began", tag: "Executions", permission: .executionsRead,
            answers: [
                .json(200, "Its spans, in the order in which they began; at most 1,000.", TimelineResource.self)
            ]
        ) { context in
            let timeline = try await services.monitoring.timelines.timeline(
                of: context.id("execution_id", "execution"), in: context.scope)
            return try .json(TimelineResource(timeline, at: context.now))
        }
    }
}
