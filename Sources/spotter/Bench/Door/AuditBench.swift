import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres
import Synchronization

/// The same small write with and without its entry in the audit log, in turns, so that what else the machine does weighs
/// on both alike; entries are sealed meanwhile, as they always are.
struct AuditBench: Sendable {
    let application: Application
    let port: Int
    let scope: OrganizationScope
    let token: String
    let options: BenchOptions
    let progress: @Sendable (String) -> Void

    private static let rounds = 5

    func run() async throws -> [BenchFigure] {
        progress("warming up")
        for isAudited in [true, false] { _ = try await rate(isAudited, for: .milliseconds(500)) }
        var (with, without) = (0.0, 0.0)
        let share = Duration.seconds(options.seconds) / Self.rounds
        for round in 1...Self.rounds {
            progress("writes without and with an entry, round \(round) of \(Self.rounds)")
            without += try await rate(false, for: share) / Double(Self.rounds)
            with += try await rate(true, for: share) / Double(Self.rounds)
        }
        progress("the same write by the API, \(options.seconds) s")
        let load = LoadGenerator(port: port, connections: options.connections) { [token] in Self.request($0, token) }
        _ = try await load.run(for: .seconds(1))
        let report = try await load.run(for: .seconds(options.seconds))
        // What an entry takes of the machine, of what a write by the API takes.
        let cost = max(0, 1 / with - 1 / without) * report.rate * 100
        let part = DoorBenchPart.audit
        return [
            BenchFigure(part, "writes by the stores, with an entry", with, "/s", beside: without, "without"),
            BenchFigure(part, "writes by the API, with an entry", report.rate, "/s"),
            BenchFigure(part, "errors of these", Double(report.errors), "", target: .init("none") { $0 == 0 }),
            BenchFigure(
                part, "what the entry costs of a write by the API", cost, "%",
                target: .init("less than 10 %") { $0 < 10 }),
        ]
    }

    /// Writes a second by as many writers as there are connections, each with a row of its own.
    private func rate(_ isAudited: Bool, for time: Duration) async throws -> Double {
        let start = ContinuousClock.now
        let end = start + time
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<options.connections {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        try await write(writer, count, isAudited)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / (start.duration(to: .now) / .seconds(1))
    }

    private func write(_ writer: Int, _ number: Int, _ isAudited: Bool) async throws {
        let now = application.clock.now()
        let entry = MemoryEntry(
            id: application.ids.id(at: now), scope: .organization, key: "writer-\(writer)", value: .int(Int64(number)),
            createdAt: now, updatedAt: now)
        let draft = AuditDraft(
            id: AuditEntryID(application.ids.uuid(at: now)), actor: AuditActor(.token, id: "bench", role: .owner),
            action: "putMemory", requestId: "bench", fields: ["value"])
        try await AuditSlip.$current.withValue(isAudited ? AuditSlip(draft) : nil) {
            _ = try await application.stores.memory.put(entry, version: nil, in: scope)
        }
    }

    private static func request(_ number: Int, _ token: String) -> [UInt8] {
        let body = #"{"value":\#(number)}"#
        return Array(
            """
            PUT /v1/memory/key-\(number % 64) HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer \(token)\r
            content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)
            """.utf8)
    }
}
