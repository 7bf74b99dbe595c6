import ServiceKit
import Synchronization
import Testing

@testable import PostgresKit

/// What is said of a database that cannot be reached.
struct OutageTests {
    private static let refused = PostgresError(.unavailable, "Connection refused")

    /// The lines that were written, with their levels.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        var log: Log {
            Log(level: .info) { line in self.lines.withLock { $0.append(line) } }
        }
    }

    @Test func `an outage is one line however many connections notice it, and its end another`() {
        let lines = Lines()
        let clock = Mutex(ContinuousClock.now)
        let outage = Outage(log: lines.log) { clock.withLock { $0 } }
        for _ in 0..<6 { outage.lost() }
        for _ in 0..<20 { outage.failed(Self.refused) }
        #expect(lines.all.count == 1)
        #expect(lines.all[0].contains("cannot connect to the database"))
        #expect(lines.all[0].contains("Connection refused"))
        clock.withLock { $0 += .seconds(7) }
        for _ in 0..<6 { outage.ended() }
        #expect(lines.all.count == 2)
        #expect(lines.all[1].contains("can be reached again"))
        #expect(lines.all[1].contains("7"))
        outage.failed(Self.refused)
        #expect(lines.all.count == 3)
    }

    @Test func `connections that are opened again at once are one line`() {
        let lines = Lines()
        let outage = Outage(log: lines.log)
        outage.ended()
        #expect(lines.all.isEmpty)
        for _ in 0..<4 { outage.lost() }
        for _ in 0..<4 { outage.ended() }
        #expect(lines.all.count == 1)
        #expect(lines.all[0].contains("lost and are opened again"))
    }
}
