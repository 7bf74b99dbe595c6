import HTTPServerKit
import SpotterDomain
import SpotterMonitoring

/// `/metrics` for collectors, `/v1/metrics` for dashboards and for an organisation's own figures.
enum MetricsRoutes {
    /// What lets somebody in is said by `MetricsAccess`.
    static let tag = "Metrics"

    static func routes(_ services: Services) -> [Route] { [text(services), figures(services), record(services)] }

    private static func text(_ services: Services) -> Route {
        Route(
            .get, "/metrics", "getProcessMetrics",
            "Read metrics as Prometheus' text, or as OpenMetrics where that is accepted", tag: tag, permission: nil,
            answers: [
                .text(
                    "text/plain",
                    "The metrics of this process: asked of this machine, with the metrics token, or by an operator. With an "
                        + "organisation's token, what that organisation has recorded itself, as `custom_…`.")
            ]
        ) { context in
            let headers = context.request.headers
            let monitoring = services.monitoring
            let isAdmitted = monitoring.access.admits(
                authorization: headers.single("authorization"), from: context.request.head.remoteAddress,
                isForwarded: MetricsAccess.isForwarded(headers))
            let caller = try await caller(context, services, isNeeded: !isAdmitted)
            let mayReadOwn = caller?.may(.monitoringRead) ?? false
            let isWhole = isAdmitted || caller?.may(.admin) ?? false
            guard isWhole || mayReadOwn else {
                throw SpotterError(.forbidden, "This needs the metrics token, or the scope monitoring:read or admin.")
            }
            var recorded: [CustomSeries] = []
            if let caller, mayReadOwn {
                recorded = try await monitoring.figures.recorded(at: context.now, in: caller.scope)
            }
            let (type, text) = await monitoring.meters.text(
                accepting: headers["accept"], isWhole: isWhole, recorded: recorded)
            return .text(text, type: type)
        }
    }

    /// Whose token it is. What is recorded is each organisation's own: nobody else, and no operator, reads it here.
    private static func caller(
        _ context: RequestContext, _ services: Services, isNeeded: Bool
    ) async throws -> Caller? {
        let authorization = context.request.headers.single("authorization")
        if isNeeded { return try await services.authenticator.caller(authorization: authorization, at: context.now) }
        // Whoever is let in without a token is not asked whose they have: it may be the collector's.
        guard authorization != nil else { return nil }
        return try? await services.authenticator.caller(authorization: authorization, at: context.now)
    }

    private static func figures(_ services: Services) -> Route {
        Route(
            .get, "/v1/metrics", "getMetrics", "Read how the organisation's work has gone", tag: tag,
            permission: .monitoringRead,
            query: [.init(name: "range", schema: MonitoringService.Range.schema)],
            answers: [.json(200, "The figures of a stretch of time that ends now.", MetricsResource.self)]
        ) { context in
            let range = try context.choice("range", MonitoringService.Range.self) ?? .hour
            let report = try await services.monitoring.figures.report(range, at: context.now, in: context.scope)
            return try .json(MetricsResource(report, range))
        }
    }

    private static func record(_ services: Services) -> Route {
        Route(
            .post, "/v1/metrics", "recordMetric", "Record a value of a metric of the organisation's own", tag: tag,
            permission: .monitoringWrite,
            body: .json(
                MetricRequest.self,
                example: ["name": "doors_opened", "kind": "counter", "value": 1, "labels": ["door": "front"]]),
            answers: [
                .json(
                    202, "Where it was kept: with the label `other` where there is no room for more.",
                    MetricReceipt.self)
            ], idempotency: .around(isRepeatable: false)
        ) { context in
            let wanted = try context.body(MetricRequest.self)
            let sample = CustomSample(
                name: wanted.name, kind: wanted.kind, labels: wanted.labels ?? [:], value: wanted.value)
            let labels = try await services.monitoring.figures.record(sample, at: context.now, in: context.scope)
            return try .json(
                MetricReceipt(
                    name: sample.name, kind: sample.kind, labels: labels, isOther: labels != sample.labels),
                status: 202)
        }
    }
}
