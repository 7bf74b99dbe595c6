import Foundation
import SpotterDomain
import Testing

@Suite struct FairShareTests {
    private let start = ContinuousClock.now
    private let big = OrganizationID(UUID())
    private let small = OrganizationID(UUID())
    private let third = OrganizationID(UUID())
    private var share = FairShare()

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private mutating func enter(
        _ organization: OrganizationID, at seconds: Double = 0, patience: Double = 60
    ) -> FairShare.Entry { share.enter(organization, patience: .seconds(patience), at: at(seconds)) }

    private mutating func numbers(_ organization: OrganizationID, _ count: Int) -> [Int] {
        (0..<count).compactMap { _ in if case .waits(let number) = enter(organization) { number } else { nil } }
    }

    @Test mutating func `while nothing is known everyone goes ahead, up to so many at a time`() {
        var options = FairShare.Options()
        options.concurrent = 2
        share = FairShare(options)
        #expect(enter(big) == .entered)
        #expect(enter(big) == .entered)
        let waiting = numbers(big, 1) + numbers(small, 1)
        #expect(share.leave(at: at(1)) == [waiting[0]])
        #expect(share.leave(at: at(1)) == [waiting[1]])
        #expect(share.leave(at: at(1)) == [])
        #expect(!share.isIdle)
        #expect(share.leave(at: at(1)) == [])
        #expect(share.isIdle)
    }

    @Test mutating func `organisations take turns, however many callers one has in line`() {
        #expect(share.learn(left: 0, of: 4, reset: .seconds(10), at: at(0)) == [])
        let many = numbers(big, 6)
        let few = numbers(small, 2)
        let one = numbers(third, 1)
        #expect(share.wakesAt == at(10))
        #expect(share.call(at: at(9.9)) == [])
        #expect(share.call(at: at(10)) == [many[0], few[0], one[0], many[1]])
        #expect(share.learn(left: 3, of: 4, reset: .seconds(10), at: at(11)) == [few[1], many[2], many[3]])
        #expect(share.waiting == 2)
    }

    @Test mutating func `nobody overtakes those in line`() {
        _ = share.learn(left: 0, of: nil, reset: .seconds(10), at: at(0))
        let first = numbers(big, 1)
        #expect(enter(small, at: 10) != .entered)
        let called = share.call(at: at(10))
        #expect(called.first == first[0])
    }

    @Test mutating func `what is left is counted down between the provider's words`() {
        _ = share.learn(left: 2, of: 10, reset: .seconds(10), at: at(0))
        #expect(enter(big) == .entered)
        #expect(enter(big) == .entered)
        let waiting = numbers(big, 1)
        #expect(share.leave(at: at(1)) == [])
        #expect(share.call(at: at(10)) == waiting)
    }

    @Test mutating func `who has no time for it is told at once when to come back`() {
        _ = share.learn(left: 0, of: 10, reset: .seconds(3_600), at: at(0))
        #expect(enter(big, at: 600) == .refused(retryAfter: .seconds(3_000)))
        #expect(share.waiting == 0)
    }

    @Test mutating func `lines are bounded, each and all of them`() {
        var options = FairShare.Options()
        options.waiting = 3
        options.waitingOfOne = 2
        share = FairShare(options)
        _ = share.learn(left: 0, of: 10, reset: .seconds(10), at: at(0))
        #expect(numbers(big, 5).count == 2)
        #expect(numbers(small, 5).count == 1)
        #expect(enter(third) == .refused(retryAfter: .seconds(10)))
        #expect(share.waiting == 3)
    }

    @Test mutating func `who gives up is called no more, and leaves the turn to others`() {
        _ = share.learn(left: 0, of: 2, reset: .seconds(10), at: at(0))
        let waiting = numbers(big, 1) + numbers(small, 2)
        #expect(share.abandon(waiting[0]) == true)
        #expect(share.abandon(waiting[0]) == false)
        #expect(share.call(at: at(10)) == [waiting[1], waiting[2]])
        #expect(share.abandon(waiting[1]) == false)
    }

    @Test mutating func `a provider that says nothing more holds nobody up`() {
        _ = share.learn(left: 0, of: 1, reset: .seconds(10), at: at(0))
        let waiting = numbers(big, 3)
        #expect(share.call(at: at(10)) == [waiting[0]])
        #expect(share.wakesAt == nil)
        #expect(share.leave(at: at(11)) == [waiting[1], waiting[2]])
    }

    @Test mutating func `nothing left without an end holds nobody up`() {
        _ = share.learn(left: 0, of: 10, reset: nil, at: at(0))
        #expect(enter(big) == .entered)
        _ = share.learn(left: 0, of: 0, reset: .seconds(1), at: at(0))
        #expect(enter(big, at: 1) == .entered)
        #expect(share.leave(at: at(1)) == [])
    }
}
