import Foundation

/// What a call of a model costs an organisation: the provider's price and Spotter's markup, both by their versions.
///
/// Whoever has the versions and the usage of a ledger line gets the same amounts again, to the last digit.
public struct Quote: Sendable, Hashable {
    /// The provider's price.
    public let price: ModelPrice
    /// What is added to it.
    public let markup: Markup

    /// A price with a markup.
    public init(price: ModelPrice, markup: Markup) {
        self.price = price
        self.markup = markup
    }

    /// The provider's price, the markup on it, and the sum: exact decimals, nothing rounded.
    ///
    /// Counts below 0 are 0; tokens of the cache beyond the input do not count.
    public func cost(of usage: TokenUsage) -> Cost {
        let base = price.base(of: usage)
        let added = (base * markup.percent).shifted(by: -2)
        return Cost(
            base: Money(base, price.currency), markup: Money(added, price.currency),
            billed: Money(base + added, price.currency))
    }
}

extension ModelPrice {
    /// Names it on ledger lines. It says all there is to the price, so another price has another name; no part holds a
    /// space.
    public var version: String {
        let amounts = [inputPerMillion, outputPerMillion, cacheReadPerMillion, cacheWritePerMillion]
        let texts = amounts.map { $0.map { "\($0)" } ?? "-" }
        return ([provider, model, Timestamp.string(from: validFrom)] + texts + [currency]).joined(separator: " ")
    }

    /// Whether input that is put into the provider's cache costs more than input that is only read.
    public var isDearerToCache: Bool { (cacheWritePerMillion ?? inputPerMillion) > inputPerMillion }

    fileprivate func base(of usage: TokenUsage) -> Decimal {
        // The parts are bounded by what is left of the whole, which keeps the rest from being negative or overflowing.
        let input = max(0, usage.inputTokens)
        let read = min(max(0, usage.cacheReadTokens), input)
        let write = min(max(0, usage.cacheWriteTokens), input - read)
        let plain = input - read - write
        let millionfold =
            Decimal(plain) * inputPerMillion
            + Decimal(read) * (cacheReadPerMillion ?? inputPerMillion)
            + Decimal(write) * (cacheWritePerMillion ?? inputPerMillion)
            + Decimal(max(0, usage.outputTokens)) * outputPerMillion
        return millionfold.shifted(by: -6)
    }
}

extension Decimal {
    /// Moves the decimal point; exact, where a division need not be.
    func shifted(by places: Int) -> Decimal {
        self * Decimal(sign: .plus, exponent: places, significand: 1)
    }
}

/// Knows what calls cost.
public protocol Pricing: Sendable {
    /// What a call would cost an organisation of that plan if it were made now; nil when the model has no price.
    func quote(model: String, provider: String, plan: Organization.Plan?) -> Quote?
}

extension Pricing {
    /// What usage costs; nil when the model has no price.
    public func cost(
        of usage: TokenUsage, model: String, provider: String, plan: Organization.Plan? = nil
    ) -> Cost? {
        quote(model: model, provider: provider, plan: plan)?.cost(of: usage)
    }
}
