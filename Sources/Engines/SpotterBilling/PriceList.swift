public import Foundation
public import SpotterDomain

/// Knows what usage costs by a list of prices: exact decimals, nothing rounded.
public struct PriceList: Pricing {
    /// The provider that runs inside Spotter: whatever it uses costs nothing.
    private static let free = "offline"

    /// Every price, past and future ones too, as given.
    public let prices: [ModelPrice]
    /// Every markup, past and future ones too, as given.
    public let markups: [Markup]
    private let clock: any WallClock
    /// The latest first.
    private let history: [Key: [ModelPrice]]

    private struct Key: Hashable {
        let provider: String
        let model: String
    }

    /// - Parameters:
    ///   - prices: in any order; of those with the same model, the latest that counts already is taken.
    ///   - markups: in any order; where none counts, it is 20 percent.
    ///   - clock: says which prices and markups count.
    /// - Throws: `SpotterError` with code `.invalid` for a price or markup that is not sound, or one for the same model
    ///   or plan and time as another.
    public init(
        _ prices: [ModelPrice], markups: [Markup] = [], clock: any WallClock = SystemClock()
    ) throws {
        let issues = prices.issues + markups.issues
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        self.prices = prices
        self.markups = markups
        self.clock = clock
        history = Dictionary(grouping: prices) { Key(provider: $0.provider, model: $0.model) }
            .mapValues { $0.sorted { $0.validFrom > $1.validFrom } }
    }

    /// What counts now; nil when the model has no price now.
    public func quote(model: String, provider: String, plan: Organization.Plan?) -> Quote? {
        let now = clock.now()
        let found = provider == Self.free ? Self.nothing : price(of: model, provider: provider, at: now)
        return found.map { Quote(price: $0, markup: markups.markup(for: plan, at: now)) }
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

    /// Every version that a ledger line may name.
    public var published: (prices: [ModelPrice], markups: [Markup]) {
        (prices + [Self.nothing], markups + [.standard])
    }

    private static var nothing: ModelPrice {
        ModelPrice(
            model: free, provider: free, inputPerMillion: 0, outputPerMillion: 0,
            validFrom: Date(timeIntervalSince1970: 0))
    }
}
