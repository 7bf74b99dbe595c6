import Foundation
import SpotterDomain
import Testing

@testable import SpotterWorkflows

/// How well an agent fits a call.
@Suite struct AgentScoreTests {
    private func candidate(
        _ number: UInt8, offers: Set<String> = ["answer"], priority: Priority = .medium, limit: Int? = nil,
        active: Int = 0, status: AgentStatus = .available, figures: AgentFigures = AgentFigures()
    ) -> RoutingCandidate {
        RoutingCandidate(
            id: AgentID(.init(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number))), name: "Agent \(number)",
            offers: offers, priority: priority, maxConcurrent: limit, status: status, active: active, figures: figures)
    }

    private func order(_ candidates: RoutingCandidate..., optional: [String] = []) -> [String] {
        RoutingMatch.best(10, of: candidates, required: ["answer"], optional: optional, onlyFree: true)
            .map(\.candidate.name)
    }

    @Test func `what was never called scores by what is known of it`() throws {
        let score = try #require(AgentScore(candidate(1), required: ["answer"], optional: []))
        #expect(score.specialization == 1)
        #expect(score.load == 1)
        #expect(score.total == 0.8633)
    }

    @Test func `who lacks something that is required is no candidate`() {
        #expect(AgentScore(candidate(1), required: ["answer", "draw"], optional: []) == nil)
        #expect(order(candidate(1, offers: ["draw"])) == [])
    }

    @Test func `the more special goes first, and who has what would be good to have`() {
        #expect(order(candidate(1, offers: ["answer", "a", "b", "c"]), candidate(2)) == ["Agent 2", "Agent 1"])
        #expect(
            order(candidate(1), candidate(2, offers: ["answer", "draw"]), optional: ["draw"])
                == ["Agent 2", "Agent 1"])
    }

    @Test func `the freer, the more successful and the quicker go first`() {
        #expect(order(candidate(1, limit: 4, active: 3), candidate(2, limit: 4)) == ["Agent 2", "Agent 1"])
        let bad = AgentFigures(calls: 10, failures: 8, recentSuccess: 0.2, recentMs: 100)
        let good = AgentFigures(calls: 10, failures: 0, recentSuccess: 1, recentMs: 100)
        let slow = AgentFigures(calls: 10, failures: 0, recentSuccess: 1, recentMs: 60_000)
        #expect(
            order(candidate(1, figures: bad), candidate(2, figures: slow), candidate(3, figures: good))
                == ["Agent 3", "Agent 2", "Agent 1"])
    }

    @Test func `of equal ones the more urgent goes first, and then the older`() {
        #expect(
            order(candidate(3), candidate(2), candidate(1, priority: .low), candidate(4, priority: .high))
                == ["Agent 4", "Agent 2", "Agent 3", "Agent 1"])
    }

    @Test func `who cannot be called is left out, and says why`() {
        #expect(order(candidate(1, limit: 1, active: 1), candidate(2, status: .offline)) == [])
        #expect(candidate(1, limit: 1, active: 1).excuse == "Agent 1 has 1 calls under way and takes no more than 1")
        #expect(candidate(1, status: .error).excuse == "Agent 1 has reported an error")
    }

    @Test func `the index chooses as the rule says, whatever is asked for`() {
        var dice = SystemRandomNumberGenerator()
        let names = ["answer", "draw", "sing", "fly"]
        for _ in 0..<50 {
            let candidates = (1...40).map { number in
                candidate(
                    UInt8(number), offers: Set(names.filter { _ in Bool.random(using: &dice) }),
                    priority: Priority.allCases.randomElement(using: &dice) ?? .low,
                    limit: Bool.random(using: &dice) ? 4 : nil, active: Int.random(in: 0...4, using: &dice),
                    status: Int.random(in: 0...5, using: &dice) == 0 ? .busy : .available)
            }
            let snapshot = AgentIndex.Snapshot(candidates.shuffled(using: &dice), at: .now)
            for (required, optional) in [(["answer"], []), (["draw", "answer"], ["sing", "fly"]), ([], ["fly"])] {
                for onlyFree in [true, false] {
                    let quick = snapshot.best(8, required: required, optional: optional, onlyFree: onlyFree)
                    let slow = RoutingMatch.best(
                        8, of: candidates, required: required, optional: optional, onlyFree: onlyFree)
                    #expect(quick == slow)
                }
            }
        }
    }

    @Test func `a score says what it is made of`() throws {
        let one = candidate(1, limit: 4, active: 1)
        let reasons = try #require(AgentScore(one, required: ["answer"], optional: ["draw"]))
            .reasons(for: one, optional: ["draw"])
        #expect(reasons.count == 5)
        #expect(reasons[0] == "specialization 0.5: offers 1 capabilities, has 0 of 1 optional ones")
        #expect(reasons[1] == "load 0.75: 1 of 4 calls under way")
    }

    @Test func `the newest call counts a fifth`() {
        var figures = AgentFigures()
        figures.add(isWell: true, milliseconds: 100, at: .init(timeIntervalSince1970: 1))
        figures.add(isWell: false, milliseconds: 900, at: .init(timeIntervalSince1970: 2))
        #expect(figures.recentSuccess == 0.8)
        #expect(figures.recentMs == 100)
        #expect(figures.calls == 2 && figures.failures == 1)
    }
}
