import Synchronization
import Testing

@testable import SpotterEngine

@Suite(.timeLimit(.minutes(5))) struct TurnstileTests {
    /// Enters and notes it; leaves when told to.
    private final class Visitors: Sendable {
        let entered = Mutex<[Int]>([])
        var names: [Int] { entered.withLock { $0 } }
    }

    /// How many are inside, and how many ever were at once.
    private final class Counts: Sendable {
        private let inside = Mutex((now: 0, most: 0))
        var most: Int { inside.withLock { $0.most } }
        func enter() {
            inside.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }
        func leave() { inside.withLock { $0.now -= 1 } }
    }

    @Test func `who came first goes in first`() async throws {
        let turnstile = Turnstile(places: 1)
        let visitors = Visitors()
        try await turnstile.enter()
        var tasks: [Task<Void, any Error>] = []
        for name in 0..<20 {
            tasks.append(
                Task {
                    try await turnstile.enter()
                    visitors.entered.withLock { $0.append(name) }
                    turnstile.leave()
                })
            while turnstile.waiting <= name { await Task.yield() }
        }
        turnstile.leave()
        for task in tasks { try await task.value }
        #expect(visitors.names == Array(0..<20))
    }

    @Test func `there are never more inside than there are places`() async throws {
        let turnstile = Turnstile(places: 3)
        let counts = Counts()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await turnstile.enter()
                    counts.enter()
                    for _ in 0..<(number % 4) { await Task.yield() }
                    counts.leave()
                    turnstile.leave()
                }
            }
            try await group.waitForAll()
        }
        #expect(counts.most <= 3)
        // Every place was given back.
        for _ in 0..<3 { try await turnstile.enter() }
        #expect(turnstile.waiting == 0)
    }

    @Test func `who is cancelled leaves the line without taking a place`() async throws {
        let turnstile = Turnstile(places: 1)
        try await turnstile.enter()
        let impatient = Task { try await turnstile.enter() }
        while turnstile.waiting < 1 { await Task.yield() }
        let patient = Task { try await turnstile.enter() }
        while turnstile.waiting < 2 { await Task.yield() }
        impatient.cancel()
        await #expect(throws: CancellationError.self) { try await impatient.value }
        #expect(turnstile.waiting == 1)
        turnstile.leave()
        try await patient.value
        turnstile.leave()
        try await turnstile.enter()
    }

    @Test func `who was cancelled before does not get in line`() async throws {
        let turnstile = Turnstile(places: 1)
        try await turnstile.enter()
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            try await turnstile.enter()
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(turnstile.waiting == 0)
    }
}
