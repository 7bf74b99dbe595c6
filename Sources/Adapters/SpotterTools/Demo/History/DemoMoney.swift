import Foundation
import SpotterDomain

/// What an invented member subscribed to, and paid.
struct DemoMoney {
    let history: DemoHistory
    let client: String
    let life: DemoLife
    private var calendar: Calendar { history.calendar }
    private var currency: JSONValue { .string(history.organization.currency) }
    private var subscription: String { history.id("subscription \(life.index)", at: DemoHistory.opening) }

    /// What a subscription was from one moment to another.
    private struct State {
        let from: Date
        let status: String
        let plan: Int
    }

    func add(to batch: inout GymHistoryBatch) {
        let failedLast = addPayments(to: &batch)
        let states = states(isPastDue: failedLast)
        add(states, to: &batch)
        guard let last = states.last else { return }
        let plan = DemoPlans.all[last.plan]
        var row = DemoHistory.record(subscription, at: life.joined)
        row["client_id"] = .string(client)
        row["plan_id"] = .string(DemoHouse(history: history).plan(last.plan))
        row["status"] = .string(last.status)
        row["amount"] = .string("\(plan.amount)")
        row["currency"] = currency
        row["period"] = .string(plan.period)
        row["period_count"] = 1
        row["started_at"] = DemoHistory.text(life.joined)
        row["cancelled_at"] = life.ended.map(DemoHistory.text) ?? .null
        row["cancel_reason"] = life.reason.map(JSONValue.string) ?? .null
        batch.add(row, to: .subscriptions)
    }

    private func states(isPastDue: Bool) -> [State] {
        var states = [State(from: life.joined, status: life.isTrial ? "trialing" : "active", plan: life.plan)]
        if let change = life.change { states.append(State(from: change.at, status: "active", plan: change.plan)) }
        if let pause = life.pause {
            states.append(State(from: pause.from, status: "paused", plan: life.plan(at: pause.from)))
            if pause.until < (life.ended ?? history.today) {
                states.append(State(from: pause.until, status: "active", plan: life.plan(at: pause.until)))
            }
        }
        states.sort { $0.from < $1.from }
        // A plan that changes while the membership rests rests on.
        states = states.map { state in
            let rests = life.pause.map { state.from >= $0.from && state.from < $0.until } ?? false
            return rests ? State(from: state.from, status: "paused", plan: state.plan) : state
        }
        if let ended = life.ended {
            states.append(State(from: ended, status: "cancelled", plan: life.plan(at: ended)))
        } else if isPastDue, let last = states.last, last.status == "active" {
            states.append(
                State(from: history.today.addingTimeInterval(-3 * 86_400), status: "past_due", plan: last.plan))
        }
        return states
    }

    private func add(_ states: [State], to batch: inout GymHistoryBatch) {
        for (number, state) in states.enumerated() {
            let plan = DemoPlans.all[state.plan]
            let isPaying = state.status == "active" || state.status == "past_due"
            let monthly = plan.period == "year" ? Decimal(plan.amount) / 12 : Decimal(plan.amount)
            var (exact, rounded) = (isPaying ? monthly : 0, Decimal())
            NSDecimalRound(&rounded, &exact, 8, .plain)
            var row = JSONObject()
            row["id"] = .string(history.id("state \(life.index) \(number)", at: state.from))
            row["subscription_id"] = .string(subscription)
            row["client_id"] = .string(client)
            row["plan_id"] = .string(DemoHouse(history: history).plan(state.plan))
            row["status"] = .string(state.status)
            row["monthly_amount"] = .string("\(rounded)")
            row["currency"] = currency
            row["valid_from"] = DemoHistory.text(state.from)
            row["valid_until"] = number + 1 < states.count ? DemoHistory.text(states[number + 1].from) : .null
            batch.add(row, to: .subscriptionChanges)
        }
    }

    /// One payment for each period from the history's first day on; some fail, and most of those come three days later.
    ///
    /// - Returns: whether the last one did not come.
    private func addPayments(to batch: inout GymHistoryBatch) -> Bool {
        guard !life.isTrial else { return false }
        var random = history.generator("payments", "\(life.index)")
        let isYearly = DemoPlans.all[life.plan].period == "year"
        var isOpen = false
        for number in 0... {
            guard let day = calendar.date(byAdding: .month, value: number * (isYearly ? 12 : 1), to: life.joined),
                day < (life.ended ?? history.today)
            else { break }
            guard day >= history.start, life.isMember(at: day) else { continue }
            let at = day.addingTimeInterval(Double(6 * 3_600 + random.below(7_200)))
            isOpen = false
            guard at < history.today else { break }
            if random.below(100) < 4 {
                isOpen = true
                pay(number, at, "failed", &random, to: &batch)
                let later = at.addingTimeInterval(3 * 86_400)
                if random.below(100) < 82, later < history.today {
                    isOpen = false
                    pay(10_000 + number, later, "succeeded", &random, to: &batch)
                }
            } else {
                pay(number, at, "succeeded", &random, to: &batch)
            }
        }
        if random.below(8) == 0 { buySomething(&random, to: &batch) }
        return isOpen
    }

    private static let failures = ["card_declined", "expired_card", "insufficient_funds"]

    private func pay(
        _ number: Int, _ at: Date, _ status: String, _ random: inout SeededGenerator, to batch: inout GymHistoryBatch
    ) {
        let plan = DemoPlans.all[life.plan(at: at)]
        let id = history.id("payment \(life.index) \(number)", at: at)
        var row = DemoHistory.record(id, at: at)
        row["client_id"] = .string(client)
        row["subscription_id"] = .string(subscription)
        row["amount"] = .string("\(plan.amount)")
        row["currency"] = currency
        row["status"] = .string(status)
        row["kind"] = "membership"
        row["method"] = life.index % 5 == 0 ? "direct_debit" : "card"
        row["failure_reason"] = status == "failed" ? .string(Self.failures[random.below(3)]) : .null
        row["paid_at"] = DemoHistory.text(at)
        row["description"] = .string(plan.name)
        batch.add(row, to: .payments)
        let refunded = at.addingTimeInterval(2 * 86_400)
        if status == "succeeded", random.below(1_000) < 7, refunded < history.today {
            var refund = DemoHistory.record(history.id("refund \(life.index) \(number)", at: refunded), at: refunded)
            refund["payment_id"] = .string(id)
            refund["amount"] = .string("\(plan.amount)")
            refund["reason"] = "charged by mistake"
            refund["refunded_at"] = DemoHistory.text(refunded)
            batch.add(refund, to: .refunds)
        }
    }

    /// A shake, a shirt or an hour with a coach.
    private func buySomething(_ random: inout SeededGenerator, to batch: inout GymHistoryBatch) {
        let at = max(life.joined, history.start).addingTimeInterval(Double(1 + random.below(20)) * 86_400 + 61_200)
        guard at < (life.ended ?? history.today) else { return }
        let (kind, amount, text) = [
            ("product", "6.50", "Protein shake"), ("product", "24.90", "Shirt"),
            ("personal_training", "65", "An hour with a coach"),
        ][random.below(3)]
        var row = DemoHistory.record(history.id("sale \(life.index)", at: at), at: at)
        row["client_id"] = .string(client)
        row["amount"] = .string(amount)
        row["currency"] = currency
        row["status"] = "succeeded"
        row["kind"] = .string(kind)
        row["method"] = "card"
        row["paid_at"] = DemoHistory.text(at)
        row["description"] = .string(text)
        batch.add(row, to: .payments)
    }
}
