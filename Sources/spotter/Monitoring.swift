import Foundation
import HTTPClientKit
import MetricsKit
import PostgresKit
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterHTTP
import SpotterMonitoring
import SpotterPostgres
import SpotterProviders
import SpotterTenants

/// Metrics, alerts and traces, put together.
struct Monitoring: Sendable {
    let meters: Meters
    let alerts: AlertService
    let evaluator: AlertEvaluator
    /// Nil where no collector is named.
    let exporter: TraceExporter?
    private let figures: MonitoringService
    private let timelines: TimelineService
    private let store: any MonitoringStore
    private let settings: MonitoringSettings

    /// - Parameter publicURL: where people reach the dashboard; nil where nobody said.
    init(
        _ settings: MonitoringSettings, _ publicURL: String?, meters: Meters, stores: PostgresStores,
        directory: any MessagingDirectory, client: HTTPClient, clock: any WallClock, ids: any IDGenerator, log: Log,
        onEvents: @escaping @Sendable (OrganizationScope) -> Void, onMessages: @escaping @Sendable () -> Void
    ) {
        self.settings = settings
        self.meters = meters
        store = stores.monitoring
        alerts = AlertService(store: stores.alerts, ids: ids, isMailbox: TenantVocabulary.system(packs: nil).isMailbox)
        evaluator = AlertEvaluator(
            store: stores.alerts, monitoring: stores.monitoring, budgets: stores.budgets,
            organizations: stores.organizations, directory: directory, publicURL: publicURL, alerts: alerts,
            clock: clock, ids: ids, meters: meters, log: log.module("alerts"), onEvents: onEvents,
            onMessages: onMessages)
        let timelines = TimelineService(
            executions: stores.executions, monitoring: stores.monitoring, agents: stores.agents)
        self.timelines = timelines
        figures = MonitoringService(store: stores.monitoring) { scope in
            try await stores.routing.candidates(in: scope).count { $0.status == .available }
        }
        exporter = settings.tracesEndpoint.map { endpoint in
            TraceExporter(
                timelines: timelines, executions: stores.executions, resource: settings.resource,
                version: Application.version, meters: meters, log: log.module("traces"),
                send: Self.sender(to: endpoint, headers: settings.tracesHeaders, client))
        }
    }

    /// What the routes work with.
    func services(logs: Log) -> MonitoringServices {
        MonitoringServices(
            meters: meters, alerts: alerts, figures: figures, timelines: timelines,
            access: MetricsAccess(token: settings.metricsToken), logs: logs)
    }

    private static func sender(
        to endpoint: String, headers: [(String, String)], _ client: HTTPClient
    ) -> TraceExporter.Send {
        { document in
            var request = OutgoingRequest("POST", endpoint, headers: MessageHeaders(), body: document)
            request.headers.append("Content-Type", "application/json")
            request.headers.append("User-Agent", "Spotter/\(Application.version)")
            for (name, value) in headers { request.headers.append(name, value) }
            request.deadline = .seconds(10)
            request.connectTimeout = .seconds(5)
            request.responseByteLimit = 64 * 1024
            request.truncatesBody = true
            let answer = try await client.send(request)
            return TraceExporter.Answer(
                status: answer.status, retryAfter: answer.headers["Retry-After"].flatMap { Double($0) })
        }
    }

    /// Has gauges that others keep read whenever somebody asks for the metrics.
    func collect(database: Database, bus: EventBus, workforce: Workforce, guards: ProviderGuards) {
        let (meters, store) = (meters, store)
        meters.startTime.set(Date().timeIntervalSince1970)
        let work = WorkMeter(meters)
        database.statistics.observeCommits { work.note(committed: $0) }
        database.statistics.observe { elapsed, failure in
            meters.noteRoundTrip(elapsed, failure: failure)
        }
        meters.registry.onCollect {
            meters.note(
                ProcessFigures(
                    databaseInFlight: database.statistics.inFlight, databaseWaiting: database.statistics.waiting,
                    databaseConnections: database.statistics.connections, eventReaders: bus.readers,
                    runsInProgress: workforce.pool.running, residentMemory: ProcessMemory.resident,
                    providers: guards.health))
            // Without the database the rest is told all the same.
            if let figures = try? await withTimeout(.seconds(2), { try await store.deployment() }) {
                meters.note(figures)
            }
        }
    }

    /// The parts of which the health is asked.
    func probes(
        _ database: Database, _ workforce: Workforce, _ scheduler: Scheduler, _ bus: EventBus,
        _ roles: Set<ProcessRole>, _ guards: ProviderGuards
    ) -> [HealthCheck.Probe] {
        let pulse = DatabasePulse { try await withTimeout(.seconds(2)) { try await database.ping() } }
        let (store, data) = (store, settings.dataDirectory)
        return [
            HealthCheck.Probe("database", isVital: true) { [await pulse.component()] },
            HealthCheck.Probe("work", isVital: true) { Self.work(workforce, scheduler, roles) },
            HealthCheck.Probe("events", isVital: false) {
                [
                    HealthCheck.Component(
                        name: "events",
                        impairment: bus.isStopping ? "The process is about to end: streams are being closed." : nil)
                ]
            },
            HealthCheck.Probe("backlog", isVital: false) {
                guard let figures = try? await store.deployment() else {
                    return [HealthCheck.Component(name: "backlog", unseen: "The database did not say.")]
                }
                return [Self.backlog(figures), Self.outbox(figures)]
            },
            HealthCheck.Probe("providers", isVital: false) {
                guards.health.map { provider, isWell in
                    HealthCheck.Component(
                        name: "provider.\(provider)",
                        impairment: isWell ? nil : "Some calls fail; it is tried again from time to time.")
                }
            },
            HealthCheck.Probe("disk", isVital: false) { [DiskRoom(folder: data).component] },
        ]
    }

    private static func work(
        _ workforce: Workforce, _ scheduler: Scheduler, _ roles: Set<ProcessRole>
    ) -> [HealthCheck.Component] {
        let isAlive = workforce.heart.worker != nil
        let (isScheduling, isTurning) = (scheduler.isTurning, workforce.dispatcher.isTurning)
        return [
            HealthCheck.Component(
                name: "workers", isWell: isAlive,
                reason: isAlive ? nil : "This process has lost touch with the others and takes no work."),
            roles.contains(.worker)
                ? HealthCheck.Component(
                    name: "queue", isWell: isTurning,
                    reason: isTurning ? nil : "The queue has not been looked at lately.")
                : HealthCheck.Component(
                    name: "queue", unseen: "This process takes nothing from the queue; others may. Ask one that does."),
            roles.contains(.scheduler)
                ? HealthCheck.Component(
                    name: "scheduler", isWell: isScheduling,
                    reason: isScheduling ? nil : "Nobody here has looked for schedules that are due lately.")
                : HealthCheck.Component(
                    name: "scheduler", unseen: "This process fires no schedules; others may. Ask one that does."),
        ]
    }

    private static func backlog(_ figures: DeploymentFigures) -> HealthCheck.Component {
        let oldest = Int(figures.oldestReadySeconds ?? 0)
        return HealthCheck.Component(
            name: "backlog",
            impairment: oldest > 60 ? "\(figures.ready) runs are ready, the oldest for \(oldest) s." : nil)
    }

    private static func outbox(_ figures: DeploymentFigures) -> HealthCheck.Component {
        HealthCheck.Component(
            name: "outbox",
            impairment: figures.outboxOverdue > 0
                ? "\(figures.outboxOverdue) messages should have gone out 5 minutes ago." : nil)
    }
}
