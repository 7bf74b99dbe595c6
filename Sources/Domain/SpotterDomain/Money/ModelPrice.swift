public import Foundation

/// What a provider asks for a model's tokens from a day on, per million of them.
public struct ModelPrice: Sendable, Hashable {
    /// As the provider names it. Also the price of its dated versions, unless they have their own.
    public var model: String
    /// The provider's name, such as `openai`.
    public var provider: String
    /// Input that is neither read from the provider's cache nor written to it.
    public var inputPerMillion: Decimal
    /// All output, reasoning included.
    public var outputPerMillion: Decimal
    /// nil: as all input.
    public var cacheReadPerMillion: Decimal?
    /// nil: as all input.
    public var cacheWritePerMillion: Decimal?
    /// ISO 4217.
    public var currency: String
    /// The price counts from here until a later one of the same model does.
    public var validFrom: Date

    /// A price of these parts; `issues` of a list says whether they are sound.
    public init(
        model: String, provider: String, inputPerMillion: Decimal, outputPerMillion: Decimal,
        cacheReadPerMillion: Decimal? = nil, cacheWritePerMillion: Decimal? = nil, currency: String = "USD",
        validFrom: Date
    ) {
        self.model = model
        self.provider = provider
        self.inputPerMillion = inputPerMillion
        self.outputPerMillion = outputPerMillion
        self.cacheReadPerMillion = cacheReadPerMillion
        self.cacheWritePerMillion = cacheWritePerMillion
        self.currency = currency
        self.validFrom = validFrom
    }
}

extension ModelPrice: Codable, FieldsDescribed {
    private enum CodingKeys: String, CodingKey {
        case model, provider, inputPerMillion, outputPerMillion, cacheReadPerMillion, cacheWritePerMillion, currency
        case validFrom
    }

    /// Reads prices from decimal strings: a JSON number would pass through a float.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            model: try container.decode(String.self, forKey: .model),
            provider: try container.decode(String.self, forKey: .provider),
            inputPerMillion: try container.decode(PriceText.self, forKey: .inputPerMillion).value,
            outputPerMillion: try container.decode(PriceText.self, forKey: .outputPerMillion).value,
            cacheReadPerMillion: try container.decodeIfPresent(PriceText.self, forKey: .cacheReadPerMillion)?.value,
            cacheWritePerMillion: try container.decodeIfPresent(PriceText.self, forKey: .cacheWritePerMillion)?.value,
            currency: try container.decode(String.self, forKey: .currency),
            validFrom: try container.decode(Date.self, forKey: .validFrom))
    }

    /// Writes prices as decimal strings.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(provider, forKey: .provider)
        try container.encode(PriceText(inputPerMillion), forKey: .inputPerMillion)
        try container.encode(PriceText(outputPerMillion), forKey: .outputPerMillion)
        try container.encodeIfPresent(cacheReadPerMillion.map(PriceText.init), forKey: .cacheReadPerMillion)
        try container.encodeIfPresent(cacheWritePerMillion.map(PriceText.init), forKey: .cacheWritePerMillion)
        try container.encode(currency, forKey: .currency)
        try container.encode(validFrom, forKey: .validFrom)
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "model": Field("The model as its provider names it, without a date.", length: 1...100, example: "gpt-4o-mini"),
        "provider": Field("The provider's name.", length: 1...63, example: "openai"),
        "input_per_million": Field("For a million tokens of input that is not cached.", example: "0.15"),
        "output_per_million": Field("For a million tokens of output.", example: "0.60"),
        "cache_read_per_million": Field(
            "For a million tokens of input read from the cache; without it as all input.", example: "0.075"),
        "cache_write_per_million": Field(
            "For a million tokens of input written to the cache; without it as all input.", example: "3.75"),
        "currency": Field("An ISO 4217 code.", length: 3...3, example: "USD"),
        "valid_from": Field(
            "When the price begins to count: an RFC 3339 time.", example: "2024-10-01T00:00:00Z"),
    ]
}

extension [ModelPrice] {
    /// What the schema cannot say: names, bounds, one currency, and one price for a model at a time.
    ///
    /// - Returns: issues by JSON pointers into the list, such as `/2/currency`; empty when all is well.
    public var issues: [FieldIssue] {
        var issues: [FieldIssue] = []
        var first: [[AnyHashable]: Int] = [:]
        for (index, price) in enumerated() {
            issues += price.issues(at: "/\(index)")
            let key: [AnyHashable] = [price.provider, price.model, price.validFrom]
            if let owner = first[key] {
                let message = "has the provider, model and valid_from of element \(owner), counted from 0"
                issues.append(FieldIssue(pointer: "/\(index)/model", message: message))
            } else {
                first[key] = index
            }
        }
        return issues
    }
}

extension ModelPrice {
    fileprivate func issues(at pointer: String) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        for (field, name) in [("model", model), ("provider", provider)] where name.contains(where: \.isWhitespace) {
            issues.append(FieldIssue(pointer: "\(pointer)/\(field)", message: "must not hold spaces"))
        }
        // Costs of all models are added up, and money of two currencies cannot be.
        let expected = Cost.zero.base.currency
        if currency != expected {
            issues.append(FieldIssue(pointer: "\(pointer)/currency", message: "must be \(expected), as all costs are"))
        }
        let amounts: [(String, Decimal?)] = [
            ("input", inputPerMillion), ("output", outputPerMillion), ("cache_read", cacheReadPerMillion),
            ("cache_write", cacheWritePerMillion),
        ]
        for case (let name, let amount?) in amounts where PriceText.value(of: "\(amount)") == nil {
            issues.append(FieldIssue(pointer: "\(pointer)/\(name)_per_million", message: PriceText.expectation))
        }
        return issues
    }
}
