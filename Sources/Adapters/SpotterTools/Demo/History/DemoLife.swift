import Foundation
import SpotterDomain

/// One invented member's time at the gym. Follows from the member's number and the seed alone.
struct DemoLife {
    let index: Int
    let joined: Date
    let plan: Int
    /// The plan changed to, and when.
    let change: (at: Date, plan: Int)?
    /// When the membership rested.
    let pause: (from: Date, until: Date)?
    /// When it ended; nil while it lasts.
    let ended: Date?
    let reason: String?
    /// How often they come in a week, while all is well.
    let visitsPerWeek: Double
    /// When they began to come less; nil if they have not.
    let fading: Date?
    /// Whether the membership is still being tried.
    let isTrial: Bool

    /// Whether they may come on a day.
    func isMember(at time: Date) -> Bool {
        guard time >= joined, ended.map({ time < $0 }) ?? true else { return false }
        return pause.map { time < $0.from || time >= $0.until } ?? true
    }

    /// The plan at a time.
    func plan(at time: Date) -> Int { change.map { time >= $0.at ? $0.plan : plan } ?? plan }

    /// How likely they are to come, of 1 while all is well.
    func zeal(at time: Date) -> Double {
        guard let fading, time > fading else { return 1 }
        return max(0, 1 - time.timeIntervalSince(fading) / (42 * 86_400))
    }
}

/// Makes the lives of a gym's members.
struct DemoLives {
    let history: DemoHistory
    private var calendar: Calendar { history.calendar }

    static let reasons = ["moved away", "too expensive", "no time", "injury", "did not use it", "another gym"]

    func life(_ index: Int) -> DemoLife {
        var random = history.generator("life", "\(index)")
        let joined = joining(&random)
        let plan = [0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4, 4][random.below(12)]
        let visits = Double(random.below(100) * random.below(100)) / 10_000 * 5 + 0.2
        let isTrial = history.today.timeIntervalSince(joined) < 14 * 86_400 && random.below(10) < 4
        let ended = isTrial ? nil : end(joined, plan, visits, &random)
        let until = ended ?? history.today
        return DemoLife(
            index: index, joined: joined, plan: plan, change: change(joined, plan, until, &random),
            pause: pause(joined, until, &random), ended: ended,
            reason: ended.map { _ in Self.reasons[random.below(Self.reasons.count)] }, visitsPerWeek: visits,
            fading: fading(ended, &random), isTrial: isTrial)
    }

    /// A third were there before the history begins; the others came with the seasons.
    private func joining(_ random: inout SeededGenerator) -> Date {
        if random.below(3) == 0 { return history.start.addingTimeInterval(-Double(random.below(600)) * 86_400) }
        let days = Int(history.today.timeIntervalSince(history.start) / 86_400)
        while true {
            let day = history.day(random.below(max(days, 1)))
            let month = calendar.component(.month, from: day)
            // January and September fill gyms; July and December do not.
            let weight = [95, 70, 60, 50, 45, 40, 30, 40, 85, 60, 45, 25][month - 1]
            if random.below(100) < weight { return day }
        }
    }

    private func end(_ joined: Date, _ plan: Int, _ visits: Double, _ random: inout SeededGenerator) -> Date? {
        var month = 0
        while true {
            month += 1
            guard let due = calendar.date(byAdding: .month, value: month, to: joined), due < history.today else {
                return nil
            }
            // Who pays for a year thinks about it once a year.
            let isYearly = DemoPlans.all[plan].period == "year"
            if isYearly, month % 12 != 0 { continue }
            let base = isYearly ? 250 : month <= 3 ? 70 : 38
            let percent = Int(Double(base) * (1.5 - min(visits, 3) / 3))
            // Nobody leaves before the history begins: they would not be in it.
            if random.below(1_000) < percent, due > history.start { return due }
        }
    }

    private func change(
        _ joined: Date, _ plan: Int, _ until: Date, _ random: inout SeededGenerator
    ) -> (at: Date, plan: Int)? {
        let dice = random.below(100)
        guard dice < 12, plan < 3, let at = calendar.date(byAdding: .month, value: 3 + random.below(12), to: joined),
            at < until, at > history.start
        else { return nil }
        let other = dice < 8 ? min(plan + 1, 2) : max(plan - 1, 0)
        return other == plan ? nil : (at, other)
    }

    private func pause(
        _ joined: Date, _ until: Date, _ random: inout SeededGenerator
    ) -> (from: Date, until: Date)? {
        guard random.below(100) < 6,
            let from = calendar.date(byAdding: .month, value: 2 + random.below(14), to: joined),
            let to = calendar.date(byAdding: .month, value: 1 + random.below(3), to: from), from > history.start,
            from < until
        else { return nil }
        // A pause that is still going on has no end yet, as far as anybody knows.
        return (from, min(to, max(until, from.addingTimeInterval(86_400))))
    }

    /// Those who leave come less for some weeks before; some of the others do, too, and have not left yet.
    private func fading(_ ended: Date?, _ random: inout SeededGenerator) -> Date? {
        if let ended { return ended.addingTimeInterval(-Double(35 + random.below(30)) * 86_400) }
        return random.below(100) < 9 ? history.today.addingTimeInterval(-Double(14 + random.below(35)) * 86_400) : nil
    }
}

/// What can be subscribed to in a demonstration.
struct DemoPlans {
    let name: String
    let amount: Int
    let period: String

    static let all: [DemoPlans] = [
        .init(name: "Basic", amount: 29, period: "month"), .init(name: "Gold", amount: 49, period: "month"),
        .init(name: "Premium", amount: 79, period: "month"), .init(name: "Annual", amount: 490, period: "year"),
        .init(name: "Student", amount: 24, period: "month"),
    ]
}
