import Foundation
import SpotterDomain
import Testing

@testable import SpotterBilling

struct PriceListTests {
    private struct FixedClock: WallClock {
        let time: Date
        func now() -> Date { time }
    }

    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    private static func decimal(_ text: String) throws -> Decimal {
        try #require(Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")))
    }

    private static func price(
        _ model: String, _ input: String, _ output: String, read: String? = nil, write: String? = nil,
        provider: String = "openai", from: Date = start
    ) throws -> ModelPrice {
        ModelPrice(
            model: model, provider: provider, inputPerMillion: try decimal(input),
            outputPerMillion: try decimal(output),
            cacheReadPerMillion: try read.map(decimal), cacheWritePerMillion: try write.map(decimal), validFrom: from)
    }

    private static func list(_ prices: [ModelPrice]? = nil, markup: Decimal = 20, at time: Date = start) throws
        -> PriceList
    {
        let seeds = [
            try price("gpt-4o", "2.50", "10.00", read: "1.25"), try price("gpt-4o-2024-05-13", "5", "15"),
            try price("gpt-4o-mini", "0.15", "0.60", read: "0.075"),
            try price("claude-3-5-sonnet", "3", "15", read: "0.30", write: "3.75", provider: "anthropic"),
        ]
        let markups = [Markup(percent: markup, validFrom: .distantPast)]
        return try PriceList(prices ?? seeds, markups: markups, clock: FixedClock(time: time))
    }

    @Test func `a call costs its tokens each at their price, and the markup on top`() throws {
        let usage = TokenUsage(
            inputTokens: 10_000, outputTokens: 700, cacheReadTokens: 6_000, cacheWriteTokens: 1_500,
            reasoningTokens: 300, modelCalls: 1)
        let cost = try #require(try Self.list().cost(of: usage, model: "claude-3-5-sonnet", provider: "anthropic"))
        // 2500 × 3 + 6000 × 0.30 + 1500 × 3.75 + 700 × 15 = 25 425 millionths; reasoning is part of the output.
        #expect(cost.base == Money(try Self.decimal("0.025425"), "USD"))
        #expect(cost.markup == Money(try Self.decimal("0.005085"), "USD"))
        #expect(cost.billed == Money(try Self.decimal("0.03051"), "USD"))
    }

    @Test func `cached tokens without a price of their own cost as all input`() throws {
        let cached = TokenUsage(inputTokens: 900, cacheReadTokens: 300, cacheWriteTokens: 200)
        let list = try Self.list()
        let model = "gpt-4o-2024-05-13"
        #expect(
            list.cost(of: cached, model: model, provider: "openai")
                == list.cost(of: TokenUsage(inputTokens: 900), model: model, provider: "openai"))
    }

    @Test func `one token is billed to the last digit`() throws {
        let cost = try Self.list().cost(of: TokenUsage(inputTokens: 1), model: "gpt-4o-mini", provider: "openai")
        #expect(cost?.base.amount.description == "0.00000015")
        #expect(cost?.billed.amount.description == "0.00000018")
    }

    @Test func `many small calls add up to the same as one large one`() throws {
        let list = try Self.list()
        let one = try #require(list.cost(of: TokenUsage(outputTokens: 7), model: "gpt-4o-mini", provider: "openai"))
        let all = list.cost(of: TokenUsage(outputTokens: 70_000), model: "gpt-4o-mini", provider: "openai")
        #expect((0..<10_000).reduce(Cost.zero) { sum, _ in sum + one } == all)
    }

    @Test func `the largest counts at the largest price are exact`() throws {
        let most = try Self.list([try Self.price("m", "999999.999999", "999999.999999")], markup: Self.decimal("99.99"))
        let usage = TokenUsage(inputTokens: .max, outputTokens: .max)
        let cost = try #require(most.cost(of: usage, model: "m", provider: "openai"))
        #expect(cost.base.amount.description == "18446744073691104869.926290448386")
        #expect(cost.markup.amount.description == "18444899399283735759.4392978193411614")
        #expect(cost.billed.amount.description == "36891643472974840629.3655882677271614")
    }

    @Test(arguments: [
        (TokenUsage(inputTokens: -5, outputTokens: -5, cacheReadTokens: -5, cacheWriteTokens: -5), TokenUsage()),
        (TokenUsage(inputTokens: .min, outputTokens: 3, cacheReadTokens: .max), TokenUsage(outputTokens: 3)),
        (TokenUsage(inputTokens: 10, cacheReadTokens: -4), TokenUsage(inputTokens: 10)),
        (
            TokenUsage(inputTokens: 10, cacheReadTokens: .max, cacheWriteTokens: .max),
            TokenUsage(inputTokens: 10, cacheReadTokens: 10)
        ),
        (
            TokenUsage(inputTokens: 10, cacheReadTokens: 6, cacheWriteTokens: 9),
            TokenUsage(inputTokens: 10, cacheReadTokens: 6, cacheWriteTokens: 4)
        ),
    ])
    func `counts that cannot be cost as the nearest that can`(nonsense: TokenUsage, sense: TokenUsage) throws {
        let list = try Self.list()
        let cost = try #require(list.cost(of: nonsense, model: "claude-3-5-sonnet", provider: "anthropic"))
        #expect(cost == list.cost(of: sense, model: "claude-3-5-sonnet", provider: "anthropic"))
        #expect(cost.base.amount >= 0)
    }

    @Test(arguments: [
        ("gpt-4o", "gpt-4o"), ("gpt-4o-2024-08-06", "gpt-4o"), ("gpt-4o-latest", "gpt-4o"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"), ("gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"), ("gpt-4o-audio-preview", nil), ("gpt-4o-2024-08-0x", nil),
        ("gpt-4o2024-08-06", nil), ("gpt-4o-20240806-2024-08-06", nil), ("gpt-4", nil), ("ft:gpt-4o:gym::1", nil),
        ("GPT-4o", nil), ("-2024-08-06", nil), ("", nil),
    ])
    func `a model has the price of the longest name it is a version of`(model: String, name: String?) throws {
        #expect(try Self.list().price(of: model, provider: "openai", at: Self.start)?.model == name)
    }

    @Test func `a small model never takes the price of the large one whose name begins the same`() throws {
        let list = try Self.list([try Self.price("gpt-4o", "2.50", "10")])
        let usage = TokenUsage(inputTokens: 1)
        #expect(list.cost(of: usage, model: "gpt-4o-mini", provider: "openai") == nil)
        #expect(list.cost(of: usage, model: "gpt-4o-mini-2024-07-18", provider: "openai") == nil)
    }

    @Test func `Anthropic's dated names are versions too`() throws {
        let list = try Self.list()
        for model in ["claude-3-5-sonnet-20241022", "claude-3-5-sonnet-latest"] {
            #expect(list.price(of: model, provider: "anthropic", at: Self.start)?.model == "claude-3-5-sonnet")
        }
    }

    @Test func `a model of another provider or of none has no cost`() throws {
        let usage = TokenUsage(inputTokens: 5)
        #expect(try Self.list().cost(of: usage, model: "gpt-4o", provider: "anthropic") == nil)
        #expect(try Self.list().cost(of: usage, model: "gpt-9", provider: "openai") == nil)
    }

    @Test func `what runs offline costs nothing`() throws {
        let usage = TokenUsage(inputTokens: 5_000, outputTokens: 5_000)
        #expect(try Self.list([]).cost(of: usage, model: "offline", provider: "offline") == .zero)
    }

    @Test(arguments: [(-1.0, nil), (0.0, "4"), (99.0, "4"), (100.0, "3"), (1_000.0, "3")])
    func `a price counts from its time until the next one does`(seconds: Double, input: String?) throws {
        let prices = [
            try Self.price("m", "3", "1", from: Self.start + 100), try Self.price("m", "4", "1"),
        ]
        let list = try Self.list(prices, at: Self.start + seconds)
        let cost = list.cost(of: TokenUsage(inputTokens: 1_000_000), model: "m", provider: "openai")
        #expect(try cost?.base.amount == input.map(Self.decimal))
    }

    @Test func `the markup can be set, and none leaves the provider's price`() throws {
        let usage = TokenUsage(outputTokens: 1_000_000)
        let none = try Self.list(markup: 0).cost(of: usage, model: "gpt-4o", provider: "openai")
        #expect(none?.billed == Money(10, "USD"))
        let some = try Self.list(markup: Self.decimal("12.5")).cost(of: usage, model: "gpt-4o", provider: "openai")
        #expect(some?.markup == Money(try Self.decimal("1.25"), "USD"))
        #expect(some?.billed == Money(try Self.decimal("11.25"), "USD"))
    }

    @Test(arguments: ["-1", "1000.01", "0.001", "NaN"])
    func `a markup out of range is refused`(markup: String) throws {
        let percent = markup == "NaN" ? Decimal.nan : try Self.decimal(markup)
        let markups = [Markup(percent: percent, validFrom: Self.start)]
        let error = #expect(throws: SpotterError.self) { try PriceList([], markups: markups) }
        #expect(error?.code == .invalid)
    }

    @Test func `two prices for one model and time are refused`() throws {
        let prices = [try Self.price("m", "1", "1"), try Self.price("m", "2", "2")]
        let error = #expect(throws: SpotterError.self) { try PriceList(prices) }
        #expect(error?.issues.map(\.pointer) == ["/1/model"])
    }
}

struct MarkupTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    @Test func `a plan's own markup goes before that of all, from its time on`() {
        let markups = [
            Markup(percent: 25, validFrom: Self.start),
            Markup(plan: .enterprise, percent: 10, validFrom: Self.start + 60),
        ]
        #expect(markups.markup(for: .enterprise, at: Self.start + 60).percent == 10)
        #expect(markups.markup(for: .enterprise, at: Self.start).percent == 25)
        #expect(markups.markup(for: .pro, at: Self.start + 60).percent == 25)
        #expect(markups.markup(for: .pro, at: Self.start - 1) == .standard)
    }

    @Test func `two markups for one plan and time are refused`() {
        let twice = [Markup(percent: 25, validFrom: Self.start), Markup(percent: 20, validFrom: Self.start)]
        #expect(twice.issues.map(\.pointer) == ["/1/valid_from"])
        #expect(
            [Markup(percent: 25, validFrom: Self.start), Markup(plan: .pro, percent: 20, validFrom: Self.start)].issues
                .isEmpty)
    }

    @Test func `a version says all there is, so another price has another`() {
        let price = ModelPrice(
            model: "gpt-4o", provider: "openai", inputPerMillion: 2.5, outputPerMillion: 10, cacheReadPerMillion: 1.25,
            validFrom: Self.start)
        #expect(price.version == "openai gpt-4o 2023-11-14T22:13:20.000Z 2.5 10 1.25 - USD")
        #expect(Markup.standard.version == "all 20% 1970-01-01T00:00:00.000Z")
        var dearer = price
        dearer.cacheWritePerMillion = 3
        #expect(dearer.version != price.version)
    }
}
