import Foundation
import MetricsKit
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Looks at alerts, each about every quarter of a minute, and tells once of what has changed.
///
/// Any number of processes look. Whoever takes an alert has it alone until the next look is due; what a look has come to
/// is written in one transaction, with the event, the notification and the messages, and only if nobody has taken or
/// changed the alert since. So a process that dies has told nothing, and the next look tells.
public final class AlertEvaluator: Service {
    /// The name in logs.
    public let serviceName = "alerts"
    private let store: any AlertStore
    private let alerts: AlertService
    private let organizations: any OrganizationStore
    private let measure: AlertMeasurer
    private let news: AlertNews
    private let clock: any WallClock
    private let ids: any IDGenerator
    private let meters: Meters
    private let log: Log
    private let onEvents: @Sendable (OrganizationScope) -> Void
    /// Organisations whose alerts that come with Spotter are kept already, as far as this process knows.
    private let furnished = Mutex<Set<OrganizationID>>([])
    private let monitoring: any MonitoringStore
    /// When old measurements were forgotten last.
    private let forgottenAt = Mutex<Date>(.distantPast)
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    /// Between two looks at an alert.
    public static let interval = Duration.seconds(15)
    /// Between two rounds of this process.
    private static let pace = Duration.seconds(5)
    /// How many alerts of an organisation are taken at once.
    private static let batch = 50

    /// - Parameters:
    ///   - directory: which ways out organisations have for messages.
    ///   - publicURL: where people reach the dashboard, without a slash at its end; nil leaves the link out.
    ///   - onEvents: told of organisations in which something was told.
    ///   - onMessages: told when messages were put into the outbox.
    public init(
        store: any AlertStore, monitoring: any MonitoringStore, budgets: any BudgetStore,
        organizations: any OrganizationStore, directory: any MessagingDirectory, publicURL: String? = nil,
        alerts: AlertService, clock: any WallClock, ids: any IDGenerator, meters: Meters, log: Log,
        onEvents: @escaping @Sendable (OrganizationScope) -> Void = { _ in },
        onMessages: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        self.alerts = alerts
        self.organizations = organizations
        self.monitoring = monitoring
        measure = AlertMeasurer(monitoring: monitoring, budgets: budgets)
        news = AlertNews(directory: directory, publicURL: publicURL, ids: ids, onMessages: onMessages)
        self.clock = clock
        self.ids = ids
        self.meters = meters
        self.log = log
        self.onEvents = onEvents
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// Looks until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                repeat {
                    await lookAgain()
                } while (try? await Task.sleep(
                    for: Self.pace * Double.random(in: 0.8...1.2))) != nil
            }
            group.addTask { [stopped] in for await _ in stopped {} }
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the looking after the alert whose turn it is.
    public func shutDown() { stop.finish() }

    private func lookAgain() async {
        do {
            try await furnish()
            _ = try await lookOnce()
            try await forget()
        } catch is CancellationError {
        } catch {
            log.warning("alerts were not looked at", ["error": String(reflecting: error)])
        }
    }

    /// Gives organisations that this process has not come across the alerts that come with Spotter.
    public func furnish() async throws {
        let known = furnished.withLock { $0 }
        for organization in try await organizations.ids() where !known.contains(organization) {
            try await alerts.keepDefaults(at: clock.now(), in: OrganizationScope(organization))
            furnished.withLock { _ = $0.insert(organization) }
        }
    }

    /// Forgets measurements that are older than is kept, about once an hour.
    private func forget() async throws {
        let now = clock.now()
        guard now.timeIntervalSince(forgottenAt.withLock { $0 }) > 3_600 else { return }
        for organization in furnished.withLock({ $0 }) {
            _ = try await monitoring.forgetMeasurements(
                before: now - CustomMetric.kept, in: OrganizationScope(organization))
        }
        forgottenAt.withLock { $0 = now }
    }

    /// One round over all organisations of which an alert is due.
    ///
    /// - Returns: how many changes were told of.
    @discardableResult
    public func lookOnce() async throws -> Int {
        var told = 0
        // Processes that look at once begin with different ones.
        for organization in try await store.organizationsWithDueAlerts().shuffled() {
            try Task.checkCancellation()
            do {
                told += try await look(in: OrganizationScope(organization))
            } catch let error as CancellationError {
                throw error
            } catch {
                log.warning(
                    "an organisation's alerts could not be looked at; the next round tries again",
                    ["organization": organization.description, "error": String(reflecting: error)])
            }
        }
        return told
    }

    private func look(in scope: OrganizationScope) async throws -> Int {
        let claim = try await store.claimDue(limit: Self.batch, interval: Self.interval, in: scope)
        guard !claim.alerts.isEmpty else { return 0 }
        let values = try await measure.values(of: claim.alerts.map(\.settings), at: claim.now, in: scope)
        var told = 0
        var room = max(0, AlertLimits.mailsPerDay - claim.mailsOfDay)
        for (alert, value) in zip(claim.alerts, values) {
            let verdict = alert.judged(by: value, at: claim.now, incident: ids.id(at: claim.now))
            let gym = verdict.news == .nothing ? "" : try await organizations.organization(in: scope).name
            let pass = news.pass(alert, verdict, of: gym, room: room, at: claim.now, in: scope)
            guard try await store.advance(pass, in: scope) else { continue }
            log.debug(
                "alert looked at",
                [
                    "alert": "\(alert.id)", "value": value.map { "\($0)" } ?? "none",
                    "state": verdict.standing.state.rawValue,
                ])
            room -= pass.messages.count
            meters.alertLooks.add()
            guard verdict.news != .nothing else { continue }
            told += 1
            meters.alertChanges(alert.settings.severity.rawValue, verdict.standing.state.rawValue).add()
            news.wake(pass)
        }
        if told > 0 { onEvents(scope) }
        return told
    }
}
