import SpotterDomain
import Testing

@Suite struct CircuitBreakerTests {
    private let start = ContinuousClock.now
    private var breaker = CircuitBreaker()

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// Makes a call that ends at once; nil where it was refused.
    @discardableResult private mutating func call(
        _ outcome: CircuitBreaker.Outcome, at seconds: Double
    ) -> Duration? {
        switch breaker.admit(at: at(seconds)) {
        case .admitted(let ticket):
            breaker.receive(outcome, of: ticket, at: at(seconds))
            return nil
        case .refused(let wait): return wait
        }
    }

    @Test mutating func `five failures in a row open it, and everyone is told when to come back`() {
        for second in 0..<4 { call(.failure, at: Double(second)) }
        #expect(breaker.state == .closed)
        call(.failure, at: 4)
        #expect(breaker.state == .open)
        #expect(call(.success, at: 5) == .seconds(9))
        #expect(breaker.refuses(at: at(5)))
        #expect(!breaker.refuses(at: at(14)))
    }

    @Test mutating func `a success in between, or a long time, begins the row anew`() {
        for second in 0..<4 { call(.failure, at: Double(second)) }
        call(.success, at: 4)
        #expect(breaker.isFresh)
        for second in 5..<9 { call(.failure, at: Double(second)) }
        call(.failure, at: 200)
        #expect(breaker.state == .closed)
        for second in 201..<205 { call(.failure, at: Double(second)) }
        #expect(breaker.state == .open)
    }

    @Test mutating func `what says nothing changes nothing`() {
        for second in 0..<4 { call(.failure, at: Double(second)) }
        for second in 4..<20 { call(.neither, at: Double(second)) }
        #expect(breaker.state == .closed)
        call(.failure, at: 20)
        #expect(breaker.state == .open)
    }

    @Test mutating func `after the pause one call goes ahead and the others wait for what comes of it`() throws {
        for _ in 0..<5 { call(.failure, at: 0) }
        guard case .admitted(let probe) = breaker.admit(at: at(10)) else {
            Issue.record("nobody goes ahead")
            return
        }
        #expect(breaker.state == .halfOpen)
        #expect(call(.success, at: 11) == .seconds(10))
        breaker.receive(.success, of: probe, at: at(12))
        #expect(breaker.isFresh)
        #expect(call(.success, at: 12) == nil)
    }

    @Test mutating func `each call that fails ahead doubles the pause, up to five minutes, and a success forgets it`() {
        for _ in 0..<5 { call(.failure, at: 0) }
        var time = 10.0
        var pauses: [Duration] = []
        for _ in 0..<7 {
            call(.failure, at: time)
            let wait = call(.failure, at: time) ?? .zero
            pauses.append(wait)
            time += wait / .seconds(1)
        }
        #expect(pauses == [20, 40, 80, 160, 300, 300, 300].map { Duration.seconds($0) })
        call(.success, at: time)
        for _ in 0..<5 { call(.failure, at: time) }
        #expect(call(.failure, at: time) == .seconds(10))
    }

    @Test mutating func `a call ahead that was cancelled lets another go`() {
        for _ in 0..<5 { call(.failure, at: 0) }
        call(.neither, at: 10)
        #expect(breaker.state == .halfOpen)
        #expect(call(.success, at: 10) == nil)
        #expect(breaker.state == .closed)
    }

    @Test mutating func `a call ahead that is never heard of again does not close the door for ever`() {
        for _ in 0..<5 { call(.failure, at: 0) }
        guard case .admitted(let lost) = breaker.admit(at: at(10)) else { return }
        #expect(call(.success, at: 900) != nil)
        #expect(call(.failure, at: 910) == nil)
        #expect(breaker.state == .open)
        // Its late answer is of another time.
        breaker.receive(.success, of: lost, at: at(911))
        #expect(breaker.state == .open)
    }

    @Test mutating func `what was begun before it opened says nothing afterwards`() {
        guard case .admitted(let early) = breaker.admit(at: at(0)) else { return }
        for _ in 0..<5 { call(.failure, at: 1) }
        breaker.receive(.success, of: early, at: at(2))
        #expect(breaker.state == .open)
        guard case .admitted(let probe) = breaker.admit(at: at(11)) else { return }
        breaker.receive(.failure, of: early, at: at(11))
        #expect(breaker.state == .halfOpen)
        breaker.receive(.success, of: probe, at: at(12))
        #expect(breaker.state == .closed)
    }
}
