import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterEngine

struct RecentEventsTests {
    private static let runs: [ExecutionID] = (0..<3).map { _ in RandomIDGenerator().id(at: .now) }

    private static func events(_ positions: ClosedRange<Int64>, text: String = "a") -> [Event] {
        positions.map { position in
            Event(
                position: position, type: position.isMultiple(of: 2) ? "message.delta" : "step.started",
                execution: runs[Int(position % 3)], at: TestOrganization.start, data: ["text": .string(text)])
        }
    }

    private func places(
        _ recent: RecentEvents, after position: Int64, execution: ExecutionID? = nil,
        types: EventTypeFilter = .all
    ) -> [Int64]? {
        recent.slice(after: position, execution: execution, types: types)?.events.map(\.position)
    }

    @Test func `what was added without a gap is known from before its first on`() throws {
        var recent = RecentEvents()
        #expect(places(recent, after: 0) == nil)
        recent.add(Self.events(5...7))
        recent.add(Self.events(8...8))
        #expect(places(recent, after: 3) == nil)
        #expect(places(recent, after: 4) == [5, 6, 7, 8])
        #expect(places(recent, after: 7) == [8])
        // Of what comes after it nothing is known.
        #expect(places(recent, after: 8) == nil)
        #expect(places(recent, after: 9) == nil)
        #expect(places(recent, after: 4, execution: Self.runs[2]) == [5, 8])
        #expect(places(recent, after: 4, types: try EventTypeFilter("message.*")) == [6, 8])
        let slice = recent.slice(after: 4, execution: Self.runs[1], types: .all)
        #expect(slice?.position == 8)
        #expect(slice?.hasMore == false)
    }

    @Test func `behind a hole nothing is known of what was before`() {
        var recent = RecentEvents()
        recent.add(Self.events(5...7))
        recent.add(Self.events(9...10))
        #expect(places(recent, after: 7) == nil)
        #expect(places(recent, after: 8) == [9, 10])
        // What comes late does not fill it.
        recent.add(Self.events(8...8))
        #expect(places(recent, after: 7) == nil)
        #expect(places(recent, after: 8) == [9, 10])
        // Nor is a part of a transaction taken for all of it.
        recent.add([Self.events(11...11)[0], Self.events(13...13)[0]])
        #expect(places(recent, after: 9) == [10])
        #expect(places(recent, after: 10) == nil)
    }

    @Test(arguments: [1, 7, 64]) func `it holds no more than it may, and the newest`(_ batch: Int64) {
        var recent = RecentEvents(.init(events: 50, bytes: 2_000))
        var next: Int64 = 1
        while next < 2_000 {
            recent.add(Self.events(next...(next + batch - 1)))
            next += batch
            #expect(recent.events.count <= 50)
            #expect(places(recent, after: next - 2) == [next - 1])
        }
        let known = Int64(recent.events.count)
        #expect(places(recent, after: next - 1 - known)?.count == Int(known))
        #expect(places(recent, after: next - 2 - known) == nil)
        recent.add(Self.events(next...(next + 3), text: String(repeating: "b", count: 900)))
        #expect(recent.bytes <= 2_000)
        #expect(recent.events.count == 2)
        #expect(recent.bytes == recent.events.count * (32 + 4 + 900))
        // One that is too large by itself is not kept, and what is known stays true.
        recent.add(Self.events((next + 4)...(next + 4), text: String(repeating: "c", count: 5_000)))
        #expect(recent.events.isEmpty)
        #expect(recent.bytes == 0)
    }
}
