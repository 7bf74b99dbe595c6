public import Foundation
public import SpotterDomain

extension StoreConformance {
    static let ledger: [StoreBehaviour] = [
        StoreBehaviour("a line is written with its step, and comes back to the last digit") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            let step = gym.step(0, of: execution, kind: .model, state: .completed)
            var charge = gym.charge(input: 1_234_567, output: 89)
            charge.rawUsage = ["prompt_tokens": 1_234_567, "details": ["z": 1, "a": 0.5]]
            let line = gym.line(charge, of: execution, step: step.id)
            try await gym.record(ExecutionRecord(execution: execution, steps: [step], ledger: [line]))
            try requireEqual(try await gym.lines(), [line])
            try requireEqual(line.cost.billed.amount, line.cost.base.amount + line.cost.markup.amount)
            try requireEqual(try await gym.lines().first?.rawUsage?.description, charge.rawUsage?.description)
        },
        StoreBehaviour("a call has one line, however often it is written") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            let step: StepID = gym.id()
            let line = gym.line(gym.charge(), of: execution, step: step)
            let again = gym.line(gym.charge(input: 9_999), of: execution, step: step)
            let second = gym.line(gym.charge(), of: execution, step: step, number: 1)
            try await gym.record(ExecutionRecord(execution: execution, ledger: [line]))
            try await gym.record(ExecutionRecord(execution: execution, ledger: [line, again, second]))
            try requireEqual(try await gym.lines(), [line, second])
        },
        StoreBehaviour("a record that is discarded leaves no line") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var execution = try await gym.begunTurn()
            execution.attempt += 1
            let late = execution
            let line = gym.line(gym.charge(), of: late, step: gym.id())
            try await requireThrows(LeaseLost.self) {
                try await gym.record(ExecutionRecord(execution: late, ledger: [line]))
            }
            try requireEqual(try await gym.lines(), [])
        },
        StoreBehaviour("lines are found by time, agent, conversation, execution and model") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (first, second) = (try await gym.begunTurn(), try await gym.begunTurn())
            let early = gym.line(gym.charge(model: "gpt-4o"), of: first, step: gym.id())
            let late = gym.line(
                gym.charge(model: "gpt-4o-mini"), of: second, step: gym.id(), at: TestOrganization.start + 60)
            try await gym.record(
                ExecutionRecord(execution: first, ledger: [early]), ExecutionRecord(execution: second, ledger: [late]))
            let minute = TestOrganization.start + 60
            for (filter, expected) in [
                (LedgerFilter(), [early, late]), (LedgerFilter(from: minute), [late]),
                (LedgerFilter(until: minute), [early]), (LedgerFilter(agent: second.agentId), [late]),
                (LedgerFilter(conversation: first.conversationId), [early]),
                (LedgerFilter(execution: second.id), [late]), (LedgerFilter(model: "gpt-4o"), [early]),
                (LedgerFilter(task: gym.id()), []), (LedgerFilter(agent: first.agentId, model: "gpt-4o-mini"), []),
            ] {
                try requireEqual(try await gym.lines(filter), expected)
            }
            let rest = try await stores.ledger.lines(LedgerFilter(), after: early.id, limit: 10, in: gym.scope)
            try requireEqual(rest, [late])
            try requireEqual(try await gym.lines(limit: 1), [early])
        },
        StoreBehaviour("a correction is a line of its own, of a line that there is") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            let line = gym.line(gym.charge(), of: execution, step: gym.id())
            try await gym.record(ExecutionRecord(execution: execution, ledger: [line]))
            let back = Cost(base: Money(-1, "USD"), markup: Money(0, "USD"), billed: Money(-1, "USD"))
            let correction = LedgerLine(
                correcting: line, by: back, note: "Charged twice", id: gym.id(), at: TestOrganization.start + 5)
            try await stores.ledger.correct(correction, in: gym.scope)
            try requireEqual(try await gym.lines(), [line, correction])
            let other = try await TestOrganization.make(in: stores)
            let foreign = LedgerLine(
                correcting: line, by: back, note: "Not mine", id: other.id(), at: TestOrganization.start)
            try await requireError(.notFound) { try await stores.ledger.correct(foreign, in: other.scope) }
            try requireEqual(try await other.lines(), [])
        },
        StoreBehaviour("what a line was billed is given back once, whoever asks") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            let line = gym.line(gym.charge(), of: run, step: gym.id())
            try await gym.record(ExecutionRecord(execution: run, ledger: [line]))
            let part = Correction(
                line.id, .money(base: Money(-1, "USD"), markup: Money(0, "USD")), note: "Too much")
            let now = TestOrganization.start + 5
            try await requireError(.invalid) {
                try await stores.ledger.apply(part, id: gym.id(), at: now, in: gym.scope)
            }
            let base = Money(-line.cost.base.amount / 2, "USD")
            let half = Correction(line.id, .money(base: base, markup: Money(0, "USD")), note: "Half of it")
            let first = try await stores.ledger.apply(half, id: gym.id(), at: now, in: gym.scope)
            try requireEqual(first.cost.billed, base)
            try requireEqual(first.corrects, line.id)
            try requireEqual(first.agentId, line.agentId)
            let rest = Correction(line.id, .reversal, note: "All of it")
            let second = try await stores.ledger.apply(rest, id: gym.id(), at: now, in: gym.scope)
            try requireEqual([line, first, second].reduce(Cost.zero) { $0 + $1.cost }, .zero)
            try requireEqual(second.usage.inputTokens, -line.usage.inputTokens)
            try await requireError(.conflict) {
                try await stores.ledger.apply(rest, id: gym.id(), at: now, in: gym.scope)
            }
            let ofCorrection = Correction(first.id, .reversal, note: "Not that")
            try await requireError(.invalid) {
                try await stores.ledger.apply(ofCorrection, id: gym.id(), at: now, in: gym.scope)
            }
            let other = try await TestOrganization.make(in: stores)
            try await requireError(.notFound) {
                try await stores.ledger.apply(rest, id: other.id(), at: now, in: other.scope)
            }
            try requireEqual(try await gym.lines(), [line, first, second])
        },
        StoreBehaviour("a month that is closed stays as it is when one of its lines is put right") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            let line = gym.line(gym.charge(), of: run, step: gym.id())
            try await gym.record(ExecutionRecord(execution: run, ledger: [line]))
            let month = BillingMonth(of: line.at)
            let closed = try await stores.ledger.close(month, at: month.end + 60, in: gym.scope)
            // A clock that lags behind does not put it back into the month either.
            let late = try await stores.ledger.apply(
                Correction(line.id, .reversal, note: "Late"), id: gym.id(), at: line.at, in: gym.scope)
            try requireEqual(late.at, month.end)
            let usage = try await stores.ledger.usage(
                LedgerFilter(from: month.start, until: month.end), by: nil, in: gym.scope)
            try requireEqual(usage.total.cost, closed.total.cost)
        },
        StoreBehaviour("versions of prices and markups are kept for ever, each once") { stores in
            let from = TestOrganization.start
            let model = "model-\(UUID().uuidString)"
            let price = ModelPrice(
                model: model, provider: "openai", inputPerMillion: Decimal(sign: .plus, exponent: -6, significand: 1),
                outputPerMillion: 999_999, cacheReadPerMillion: 0, validFrom: from)
            var dearer = price
            dearer.outputPerMillion = 1_000_000
            let markup = Markup(plan: .enterprise, percent: 12, validFrom: from + Double.random(in: 1...1e6).rounded())
            try await stores.ledger.publish([price, dearer], [markup])
            try await stores.ledger.publish([price], [markup, markup])
            let prices = try await stores.ledger.prices().filter { $0.model == model }
            try requireEqual(Set(prices), [price, dearer])
            try requireEqual(prices.count, 2)
            try requireEqual(try await stores.ledger.markups().filter { $0 == markup }, [markup])
        },
    ]
}

extension TestOrganization {
    /// A completed call of that many tokens at gpt-4o's price.
    public func charge(
        model: String = "gpt-4o", input: Int = 1_000, output: Int = 100, isPriced: Bool = true
    ) -> CallCharge {
        let price = ModelPrice(
            model: model, provider: "openai", inputPerMillion: 2.5, outputPerMillion: 10, validFrom: Self.start)
        return CallCharge(
            provider: "openai", model: model, outcome: .completed,
            usage: TokenUsage(inputTokens: input, outputTokens: output, modelCalls: 1),
            rawUsage: ["prompt_tokens": .int(Int64(input)), "completion_tokens": .int(Int64(output))],
            quote: isPriced ? Quote(price: price, markup: .standard) : nil)
    }

    /// The line of a call.
    public func line(
        _ charge: CallCharge, of execution: Execution, step: StepID, number: Int = 0, at: Date = start
    ) -> LedgerLine {
        LedgerLine(charge, call: .init(step: step, number: number), of: execution, id: id(), at: at)
    }

    /// The organisation's lines.
    public func lines(_ filter: LedgerFilter = LedgerFilter(), limit: Int = 1_000) async throws -> [LedgerLine] {
        try await stores.ledger.lines(filter, after: nil, limit: limit, in: scope)
    }
}
