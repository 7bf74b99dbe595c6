import Foundation
import SpotterDomain
import Testing

@testable import SpotterHTTP

/// What commands print with `--json` is what the API answers: both are read by the same programs.
struct CommandAgreementTests {
    @Test(arguments: [nil, 7]) func `a queue's figures`(_ startsPerMinute: Int?) throws {
        let figures = QueueStatistics(
            ready: 1, scheduled: 2, running: 3, waiting: 4, paused: 5, dead: 6, oldestReadyMs: 7, isPaused: true,
            maxRunning: 8, startsPerMinute: startsPerMinute)
        #expect(try JSONValue(encoding: figures) == JSONValue(encoding: QueueResource(figures)))
    }

    @Test func `a scheduler's status`() throws {
        let (ids, now) = (RandomIDGenerator(), Date(timeIntervalSince1970: 1_800_000_000))
        let fire = ComingFire(task: ids.id(at: now), title: "Nightly", fireAt: now, releaseAt: now + 60)
        for status in [
            SchedulerStatus(state: .stopped),
            SchedulerStatus(
                state: .running, scheduled: 2, due: 1, coming: [fire], lastLookAt: now, lookedBy: ids.id(at: now)),
        ] {
            #expect(try JSONValue(encoding: status) == JSONValue(encoding: SchedulerResource(status)))
        }
    }
}
