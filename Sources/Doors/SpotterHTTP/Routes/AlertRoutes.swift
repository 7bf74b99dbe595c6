import HTTPServerKit
import SpotterDomain
import SpotterMonitoring

/// `/v1/alerts`: who is told when a measured value is not what it should be.
enum AlertRoutes {
    static func routes(_ services: Services) -> [Route] {
        [
            list(services), create(services), get(services), replace(services), delete(services), history(services),
            metrics(),
        ]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/alerts", "listAlerts", "List alerts, newest first, with those that come with Spotter",
            tag: "Alerts", permission: .monitoringRead,
            query: .page + [.init(name: "state", schema: AlertState.schema)],
            answers: [.json(200, "One page of alerts.", ListResource<AlertResource>.self)]
        ) { context in
            let filter = AlertFilter(state: try context.choice("state", AlertState.self))
            let page = try await services.monitoring.alerts.list(
                filter, context.page(), at: context.now, in: context.scope)
            return try .json(ListResource(page.map(AlertResource.init)))
        }
    }

    private static func create(_ services: Services) -> Route {
        Route(
            .post, "/v1/alerts", "createAlert", "Tell people when a measured value is not what it should be",
            tag: "Alerts", permission: .monitoringWrite, body: .json(AlertSettings.self, example: example),
            answers: [.json(201, "The alert; nobody has looked at it yet.", AlertResource.self)],
            idempotency: .withEffect
        ) { context in
            let alert = try await services.monitoring.alerts.create(
                context.body(AlertSettings.self), at: context.now, in: context.scope
            ) { context.receipt(status: 201, body: try JSONWriter.encode(AlertResource($0))) }
            return try .json(AlertResource(alert), status: 201, version: alert.version)
                .with("location", "/v1/alerts/\(alert.id)")
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/alerts/{alert_id}", "getAlert", "Read one alert", tag: "Alerts", permission: .monitoringRead,
            answers: [.json(200, "The alert, as it stands.", AlertResource.self)]
        ) { context in
            let alert = try await services.monitoring.alerts.alert(context.id("alert_id", "alert"), in: context.scope)
            // No version here: how it stands changes without a new one.
            return try .json(AlertResource(alert)).with("etag", ETag.text(alert.version))
        }
    }

    private static func replace(_ services: Services) -> Route {
        Route(
            .put, "/v1/alerts/{alert_id}", "replaceAlert", "Replace an alert, which begins anew", tag: "Alerts",
            permission: .monitoringWrite, body: .json(AlertSettings.self, example: example),
            answers: [.json(200, "The alert's new version.", AlertResource.self)]
        ) { context in
            let alerts = services.monitoring.alerts
            let alert = try await alerts.alert(context.id("alert_id", "alert"), in: context.scope)
            try context.checkMatch(alert.version)
            let changed = try await alerts.update(
                alert, to: context.body(AlertSettings.self), at: context.now, in: context.scope)
            return try .json(AlertResource(changed), version: changed.version)
        }
    }

    private static func delete(_ services: Services) -> Route {
        Route(
            .delete, "/v1/alerts/{alert_id}", "deleteAlert",
            "Delete an alert; one that comes with Spotter does not come again", tag: "Alerts",
            permission: .monitoringWrite, answers: [.empty(204, "It is gone, and what it told of is over.")]
        ) { context in
            try await services.monitoring.alerts.delete(
                context.id("alert_id", "alert"), version: context.expectedVersion(), in: context.scope)
            return .noContent
        }
    }

    private static func history(_ services: Services) -> Route {
        Route(
            .get, "/v1/alerts/{alert_id}/history", "listIncidents", "List what an alert has told of, newest first",
            tag: "Alerts", permission: .monitoringRead, query: .page,
            answers: [.json(200, "One page.", ListResource<IncidentResource>.self)]
        ) { context in
            let page = try await services.monitoring.alerts.incidents(
                of: context.id("alert_id", "alert"), context.page(), in: context.scope)
            return try .json(ListResource(page.map(IncidentResource.init)))
        }
    }

    private static func metrics() -> Route {
        Route(
            .get, "/v1/alert-metrics", "listAlertMetrics", "List what alerts can watch", tag: "Alerts",
            permission: .monitoringRead,
            answers: [
                .json(
                    200, "All of it, beside `custom:` and the name of a metric of your own.",
                    ListResource<AlertMetricResource>.self)
            ]
        ) { _ in try .json(ListResource(AlertMetric.allCases.map(AlertMetricResource.init), next: nil)) }
    }

    private static let example: JSONValue = [
        "name": "Too many errors", "metric": "error_rate", "operator": "gt", "threshold": 10, "duration_seconds": 300,
        "aggregation": "avg", "severity": "critical", "message": "More than 10 % of the runs fail.",
        "emails": ["ops@gym.example"],
    ]
}
