public import Foundation
public import SpotterDomain

/// Knows what usage costs by a list of prices: exact decimals, nothing rounded.
public struct PriceList: Pricing {
    /// The provider that runs inside Spotter: whatever it uses costs nothing.
    private static let free = "offline"

    /// Every price, past and future ones too, as given.
    public let prices: [ModelPrice]
    /// What Spotter adds to the provider's price, in percent of it.
    public let markupPercent: Decimal
    private let clock: any WallClock
    /// The latest first.
    private let history: [Key: [ModelPrice]]

    private struct Key: Hashable {
        let provider: String
        let model: String
    }

    /// - Parameters:
    ///   - prices: in any order; of those with the same model, the latest that counts already is taken.
    ///   - markupPercent: what is added to the provider's price, 0 to 1000 with at most 2 decimals.
    ///   - clock: says which prices count.
    /// - Throws: `SpotterError` with code `.invalid` for a price that is not sound, or one for the same model and time
    ///   as another; and for a markup out of range.
    public init(
        _ prices: [ModelPrice], markupPercent: Decimal = 20, clock: any WallClock = SystemClock()
    ) throws {
        let issues = prices.issues
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        guard Self.isMarkup(markupPercent) else {
            throw SpotterError(.invalid, "The markup must be 0 to 1000 percent with at most 2 decimals.")
        }
        self.prices = prices
        self.markupPercent = markupPercent
        self.clock = clock
        history = Dictionary(grouping: prices) { Key(provider: $0.provider, model: $0.model) }
            .mapValues { $0.sorted { $0.validFrom > $1.validFrom } }
    }

    /// The provider's price, Spotter's markup on it, and the sum.
    ///
    /// Counts below 0 are 0; tokens of the cache beyond the input do not count.
    ///
    /// - Returns: nil when the model has no price now.
    public func cost(of usage: TokenUsage, model: String, provider: String) -> Cost? {
        if provider == Self.free { return .zero }
        guard let price = price(of: model, provider: provider, at: clock.now()) else { return nil }
        let base = Self.base(of: usage, at: price)
        let markup = (base * markupPercent).shifted(by: -2)
        return Cost(
            base: Money(base, price.currency), markup: Money(markup, price.currency),
            billed: Money(base + markup, price.currency))
    }

    /// The price that counts at a time: of all names in the list, the longest that the model's name is, or is a dated
    /// version of.
    public func price(of model: String, provider: String, at time: Date) -> ModelPrice? {
        let names = [model, ModelVersion.family(of: model)].compactMap(\.self)
        for name in names {
            let entries = history[Key(provider: provider, model: name)] ?? []
            if let price = entries.first(where: { $0.validFrom <= time }) { return price }
        }
        return nil
    }

    private static func base(of usage: TokenUsage, at price: ModelPrice) -> Decimal {
        // The parts are bounded by what is left of the whole, which keeps the rest from being negative or overflowing.
        let input = max(0, usage.inputTokens)
        let read = min(max(0, usage.cacheReadTokens), input)
        let write = min(max(0, usage.cacheWriteTokens), input - read)
        let plain = input - read - write
        let millionfold =
            Decimal(plain) * price.inputPerMillion
            + Decimal(read) * (price.cacheReadPerMillion ?? price.inputPerMillion)
            + Decimal(write) * (price.cacheWritePerMillion ?? price.inputPerMillion)
            + Decimal(max(0, usage.outputTokens)) * price.outputPerMillion
        return millionfold.shifted(by: -6)
    }

    /// Bounded digits keep products exact: 12 of a price, 19 of a count and 6 of a markup are fewer than 38.
    private static func isMarkup(_ percent: Decimal) -> Bool {
        guard percent >= 0, percent <= 1000 else { return false }
        let hundredfold = percent.shifted(by: 2)
        return hundredfold == hundredfold.roundedDown()
    }
}

extension Decimal {
    /// Moves the decimal point; exact, where a division need not be.
    fileprivate func shifted(by places: Int) -> Decimal {
        self * Decimal(sign: .plus, exponent: places, significand: 1)
    }

    fileprivate func roundedDown() -> Decimal {
        var (source, result) = (self, Decimal())
        NSDecimalRound(&result, &source, 0, .down)
        return result
    }
}
