public import Foundation

/// An amount of money: decimal arithmetic only, never a float.
public struct Money: Sendable, Hashable {
    /// In units of the currency, such as whole dollars; may be negative.
    public var amount: Decimal
    /// ISO 4217.
    public let currency: String

    /// An amount in a currency (ISO 4217).
    public init(_ amount: Decimal, _ currency: String) {
        self.amount = amount
        self.currency = currency
    }

    /// Reads a decimal number such as `-0.25`; nil for anything else.
    public init?(_ text: String, _ currency: String) {
        guard let amount = Self.decimal(text) else { return nil }
        self.init(amount, currency)
    }

    /// Adds amounts of one currency; mixing currencies is a programming error.
    public static func + (left: Money, right: Money) -> Money {
        precondition(left.currency == right.currency, "money of two currencies cannot be added")
        return Money(left.amount + right.amount, left.currency)
    }
}

extension Money: Codable, SchemaDescribed {
    private struct Form: Codable {
        var amount: String
        var currency: String
    }

    /// Reads a decimal string with its currency; an amount that is not a number is refused.
    public init(from decoder: any Decoder) throws {
        let form = try Form(from: decoder)
        guard let amount = Self.decimal(form.amount) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "must have a decimal number as its amount"))
        }
        self.init(amount, form.currency)
    }

    /// Decimal's own reader stops at the first character it does not know and takes what came before for the whole, so
    /// the form is checked first: digits, perhaps a minus, perhaps a point with digits on both sides.
    private static func decimal(_ text: String) -> Decimal? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        let isNumber = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
        guard parts.count <= 2, isNumber else { return nil }
        return Decimal(string: text, locale: Locale(identifier: "en_US_POSIX"))
    }

    /// Writes the amount as a decimal string, so that no reader rounds it.
    public func encode(to encoder: any Encoder) throws {
        try Form(amount: "\(amount)", currency: currency).encode(to: encoder)
    }

    /// An object of a decimal string and a currency.
    public static let schema: JSONSchema = .object(
        [
            .init("amount", JSONSchema(.string, description: "A decimal number.", pattern: #"^-?[0-9]+(\.[0-9]+)?$"#)),
            .init("currency", JSONSchema(.string, description: "ISO 4217.")),
        ], description: "Money: a decimal string with its currency.")
    /// No dollars.
    public static let sample = Money(0, "USD")
}

extension Money: JSONWritable {
    /// As `encode(to:)` does.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("amount", "\(amount)")
            json.member("currency", currency)
        }
    }
}

/// What model calls cost: the provider's price, Spotter's markup, and what is billed.
public struct Cost: Sendable, Codable, Hashable {
    /// The provider's price.
    public var base: Money
    /// What Spotter adds.
    public var markup: Money
    /// What the organisation pays.
    public var billed: Money

    /// A cost; all three in one currency.
    public init(base: Money, markup: Money, billed: Money) {
        self.base = base
        self.markup = markup
        self.billed = billed
    }

    /// Nothing, in dollars.
    public static let zero = Cost(base: Money(0, "USD"), markup: Money(0, "USD"), billed: Money(0, "USD"))

    /// Adds costs of one currency, part by part.
    public static func + (left: Cost, right: Cost) -> Cost {
        Cost(base: left.base + right.base, markup: left.markup + right.markup, billed: left.billed + right.billed)
    }
}

extension Cost: JSONWritable {
    /// The members in order.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("base", base)
            json.member("markup", markup)
            json.member("billed", billed)
        }
    }
}
