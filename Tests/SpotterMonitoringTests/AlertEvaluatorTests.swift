import Foundation
import MetricsKit
import ServiceKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterMonitoring

/// Who is told when alerts are looked at, on stores in memory with a clock of their own.
@Suite struct AlertEvaluatorTests {
    private struct Setting {
        let clock = ManualClock(Date())
        let stores: StoreSet
        let alerts: AlertService
        let meters = Meters(version: "test")

        init() {
            stores = StoreSet.memory(clock: clock)
            alerts = AlertService(store: stores.alerts, ids: RandomIDGenerator())
        }

        func evaluator() -> AlertEvaluator {
            AlertEvaluator(
                store: stores.alerts, monitoring: stores.monitoring, budgets: stores.budgets,
                organizations: stores.organizations, directory: NoWaysOut(), publicURL: "https://gym.test",
                alerts: alerts, clock: clock, ids: RandomIDGenerator(), meters: meters, log: .silent)
        }

        func record(_ value: Double, in gym: TestOrganization) async throws {
            _ = try await stores.monitoring.record(
                CustomSample(name: "heat", kind: .gauge, value: value), at: clock.now(), in: gym.scope)
        }

        func watchHeat(_ gym: TestOrganization, duration: Int) async throws -> Alert {
            try await alerts.create(
                AlertSettings(
                    name: "Heat", metric: "custom:heat", operator: .gt, threshold: 30, durationSeconds: duration,
                    aggregation: .max, severity: .critical, message: "It is hot.", emails: ["ops@gym.test"]),
                at: clock.now(), in: gym.scope, receipt: { _ in nil })
        }
    }

    @Test func `an alert fires once and is over once, whoever looks and however often`() async throws {
        let setting = Setting()
        let gym = try await TestOrganization.make(in: setting.stores)
        let alert = try await setting.watchHeat(gym, duration: 60)
        let evaluators = (0..<3).map { _ in setting.evaluator() }
        for value in [40.0, 41, 42, 43, 44, 45, 46] {
            try await setting.record(value, in: gym)
            for evaluator in evaluators { try await evaluator.lookOnce() }
            setting.clock.advance(by: 20)
        }
        var types = try await told(of: alert, gym)
        #expect(types == ["alert.firing"])
        #expect(try await setting.alerts.alert(alert.id, in: gym.scope).standing.state == .firing)
        setting.clock.advance(by: 200)
        for evaluator in evaluators { try await evaluator.lookOnce() }
        types = try await told(of: alert, gym)
        #expect(types == ["alert.firing", "alert.resolved"])
        let history = try await setting.alerts.incidents(of: alert.id, PageRequest(), in: gym.scope).items
        #expect(history.count == 1)
        #expect(history.first?.message == "It is hot.")
        let messages = try await setting.stores.outbox.list(OutboxFilter(), PageRequest(), in: gym.scope).items
        #expect(messages.map(\.status) == [.held, .held])
        let notices = try await setting.stores.desk.notices(for: nil, unreadOnly: true, PageRequest(), in: gym.scope)
        #expect(Set(notices.items.map(\.level)) == [.urgent, .info])
        let name = try await setting.stores.organizations.organization(in: gym.scope).name
        #expect(notices.items.allSatisfy { $0.body.contains("At \(name), ") && !$0.body.contains("alert_") })
        #expect(messages.allSatisfy { $0.body.hasSuffix("See it at https://gym.test/#/monitoring") })
        #expect(messages.contains { $0.subject == "[critical] \(name): Heat" })
        #expect(setting.meters.registry.recorded.isSuperset(of: ["spotter_alert_looks", "spotter_alert_changes"]))
    }

    @Test func `an alert is looked at a quarter of a minute after the last look, and not before`() async throws {
        let setting = Setting()
        let gym = try await TestOrganization.make(in: setting.stores)
        let alert = try await setting.watchHeat(gym, duration: 0)
        let evaluator = setting.evaluator()
        try await evaluator.lookOnce()
        try await setting.record(40, in: gym)
        try await evaluator.lookOnce()
        #expect(try await setting.alerts.alert(alert.id, in: gym.scope).standing.state == .inactive)
        setting.clock.advance(by: 16)
        try await evaluator.lookOnce()
        #expect(try await setting.alerts.alert(alert.id, in: gym.scope).standing.state == .firing)
    }

    @Test func `every organisation has the alerts that come with Spotter, which can be switched off`() async throws {
        let setting = Setting()
        let gym = try await TestOrganization.make(in: setting.stores)
        try await setting.evaluator().furnish()
        let page = try await setting.alerts.list(AlertFilter(), PageRequest(), at: Date(), in: gym.scope)
        #expect(Set(page.items.map(\.settings.name)) == Set(AlertDefaults.settings.map(\.name)))
        let workers = try #require(page.items.first { $0.settings.metric == "workers" })
        // Nobody works in memory.
        try await setting.evaluator().lookOnce()
        setting.clock.advance(by: 61)
        try await setting.evaluator().lookOnce()
        #expect(try await setting.alerts.alert(workers.id, in: gym.scope).standing.state == .firing)
        var off = workers.settings
        off.enabled = false
        let changed = try await setting.alerts.update(workers, to: off, at: Date(), in: gym.scope)
        setting.clock.advance(by: 61)
        try await setting.evaluator().lookOnce()
        #expect(try await setting.alerts.alert(changed.id, in: gym.scope).standing.state == .inactive)
        off.metric = "cost"
        await #expect(throws: SpotterError.self) {
            try await setting.alerts.update(changed, to: off, at: Date(), in: gym.scope)
        }
    }

    @Test func `alerts write a hundred e-mails a day and no more, and the notice says what was not written`()
        async throws
    {
        let setting = Setting()
        let gym = try await TestOrganization.make(in: setting.stores)
        let addresses = (0..<10).map { "person\($0)@gym.test" }
        for number in 0..<11 {
            _ = try await setting.alerts.create(
                AlertSettings(
                    name: "Heat \(number)", metric: "custom:heat", operator: .gt, threshold: 30, durationSeconds: 0,
                    aggregation: .max, severity: .critical, emails: number == 10 ? [addresses[0]] : addresses),
                at: setting.clock.now(), in: gym.scope, receipt: { _ in nil })
        }
        try await setting.record(40, in: gym)
        try await setting.evaluator().lookOnce()
        let written = try await setting.stores.outbox.list(
            OutboxFilter(), PageRequest(limit: 200), in: gym.scope
        ).items
        #expect(written.count == AlertLimits.mailsPerDay)
        let notices = try await setting.stores.desk.notices(
            for: nil, unreadOnly: true, PageRequest(limit: 200), in: gym.scope
        ).items.filter { $0.title.hasPrefix("Heat") }
        #expect(notices.count == 11)
        #expect(notices.count { $0.body.contains("not written: alerts write 100 a day.") } == 1)
        // What is over is told inside Spotter, and written only when the day is.
        setting.clock.advance(by: 200)
        try await setting.evaluator().lookOnce()
        setting.clock.advance(by: 86_400)
        try await setting.record(40, in: gym)
        try await setting.evaluator().lookOnce()
        let later = try await setting.stores.outbox.list(OutboxFilter(), PageRequest(limit: 200), in: gym.scope)
        #expect(later.items.count == 2 * AlertLimits.mailsPerDay)
    }

    @Test func `the alerts of an organisation write to twenty addresses in all`() async throws {
        let setting = Setting()
        let gym = try await TestOrganization.make(in: setting.stores)
        func make(_ name: String, _ emails: [String]) async throws -> Alert {
            try await setting.alerts.create(
                AlertSettings(
                    name: name, metric: "cost", operator: .gt, threshold: 1, durationSeconds: 60, aggregation: .sum,
                    severity: .info, emails: emails), at: setting.clock.now(), in: gym.scope, receipt: { _ in nil })
        }
        let first = try await make("First", (0..<10).map { "a\($0)@gym.test" })
        _ = try await make("Second", (0..<10).map { "b\($0)@gym.test" })
        // The same people again are no more.
        _ = try await make("Third", ["A1@gym.test", "b1@gym.test"])
        let refused = await #expect(throws: SpotterError.self) { try await make("Fourth", ["c@gym.test"]) }
        #expect(refused?.issues.map(\.pointer) == ["/emails"])
        var fewer = first.settings
        fewer.emails = ["c@gym.test"]
        _ = try await setting.alerts.update(first, to: fewer, at: setting.clock.now(), in: gym.scope)
    }

    /// Of this alert alone: those that come with Spotter have things of their own to tell.
    private func told(of alert: Alert, _ gym: TestOrganization) async throws -> [String] {
        try await gym.stores.events.events(after: 0, execution: nil, limit: 50, in: gym.scope)
            .filter { $0.data["alert_id"]?.string == alert.id.description }.map(\.type)
    }
}
