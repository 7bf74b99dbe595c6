import Foundation
import PostgresKit
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres

/// Measures the queue in the process and database made for it.
struct QueueBench: Sendable {
    let application: Application
    let probes: BenchProbes
    let yardstick: PgBench
    /// A superuser of the benchmark's own database.
    let administrator: PostgresConfiguration
    let options: QueueBenchOptions
    let progress: @Sendable (String) -> Void

    var stores: PostgresStores { application.stores }

    /// A number of rows or runs for the time that there is; `count` in a minute.
    func scaled(_ count: Int, atLeast least: Int) -> Int { max(least, count * options.seconds / 60) }

    // MARK: What is measured with

    /// A new organisation whose queue is not held back by caps, or has the given ones.
    func organization(
        _ slug: String, maxRunning: Int = 100_000, startsPerMinute: Int? = nil
    ) async throws -> OrganizationScope {
        let now = application.clock.now()
        let definition = TenantDefinition(
            slug: slug, name: slug, timezone: "Europe/London", currency: "GBP", plan: .enterprise)
        let organization = try await stores.organizations.apply(definition, id: application.ids.id(at: now), at: now)
        let scope = OrganizationScope(organization.id)
        try await stores.queue.setLimits(maxRunning: maxRunning, startsPerMinute: startsPerMinute, in: scope)
        return scope
    }

    /// Puts probes into the queue as the product does, and tells the workers.
    @discardableResult
    func enqueue(
        _ count: Int, _ behaviour: BenchProbes.Behaviour, in scope: OrganizationScope
    ) async throws -> [ExecutionID] {
        let now = application.clock.now()
        let executions = (0..<count).map { _ in
            Execution(
                id: application.ids.id(at: now), kind: .probe, state: .queued, attempt: 0, conversationId: nil,
                agentId: nil, agentVersion: nil, input: behaviour.input, createdAt: now)
        }
        let ids = try await stores.executions.enqueue(executions, receipt: nil, in: scope)
        application.workforce.announce()
        return ids
    }

    /// Looks again and again until it is so.
    ///
    /// - Throws: `SpotterError` that says what did not come about in a minute and a half.
    func wait(
        until what: String, every pause: Duration = .milliseconds(5), _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while try await !condition() {
            guard ContinuousClock.now < deadline else {
                throw SpotterError(.unavailable, "The benchmark gave up: \(what) took longer than 90 seconds.")
            }
            try await Task.sleep(for: pause)
        }
    }

    /// Waits for as many events of the organisation, which cost no more than a look at one row.
    func wait(forEvents count: Int, since start: Int64, in scope: OrganizationScope) async throws {
        try await wait(until: "\(count) events", every: .milliseconds(20)) {
            try await stores.events.lastPosition(in: scope) - start >= Int64(count)
        }
    }
}

/// Measured times.
struct Latencies: Sendable {
    private var samples: [Duration] = []

    mutating func add(_ sample: Duration) { samples.append(sample) }

    var count: Int { samples.count }

    /// In milliseconds.
    func percentile(_ share: Double) -> Double {
        guard !samples.isEmpty else { return 0 }
        let sorted = samples.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] / .milliseconds(1)
    }
}
