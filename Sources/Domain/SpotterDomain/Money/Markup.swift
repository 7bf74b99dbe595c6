public import Foundation

/// What Spotter adds to the providers' prices from a day on.
public struct Markup: Sendable, Hashable {
    /// For organisations of this plan; nil for those whose plan has none of its own.
    public var plan: Organization.Plan?
    /// In percent of the provider's price, 0 to 1000, with at most two decimals.
    public var percent: Decimal
    /// It counts from here until a later one of the same plan does.
    public var validFrom: Date

    /// A markup; `issues` of a list says whether it is sound.
    public init(plan: Organization.Plan? = nil, percent: Decimal, validFrom: Date) {
        self.plan = plan
        self.percent = percent
        self.validFrom = validFrom
    }

    /// Twenty percent for everybody, since ever: what counts where nothing else is said.
    public static let standard = Markup(percent: 20, validFrom: Date(timeIntervalSince1970: 0))

    /// Names it on ledger lines. It says all there is to the markup, so another markup has another name.
    public var version: String { "\(plan?.rawValue ?? "all") \(percent)% \(Timestamp.string(from: validFrom))" }
}

extension Markup: Codable, FieldsDescribed {
    private enum CodingKeys: String, CodingKey { case plan, percent, validFrom }

    /// Reads the percentage from a decimal string: a JSON number would pass through a float.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            plan: try container.decodeIfPresent(Organization.Plan.self, forKey: .plan),
            percent: try container.decode(PriceText.self, forKey: .percent).value,
            validFrom: try container.decode(Date.self, forKey: .validFrom))
    }

    /// Writes the percentage as a decimal string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(plan, forKey: .plan)
        try container.encode(PriceText(percent), forKey: .percent)
        try container.encode(validFrom, forKey: .validFrom)
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "plan": Field("For organisations of this plan; without it for all that have none of their own."),
        "percent": Field("In percent of the provider's price, 0 to 1000.", example: "20"),
        "valid_from": Field("When it begins to count: an RFC 3339 time.", example: "2024-10-01T00:00:00Z"),
    ]
}

extension [Markup] {
    /// What the schema cannot say: bounds, and one markup for a plan at a time.
    ///
    /// - Returns: issues by JSON pointers into the list, such as `/2/percent`; empty when all is well.
    public var issues: [FieldIssue] {
        enumerated().flatMap { index, markup -> [FieldIssue] in
            var issues: [FieldIssue] = []
            if !markup.isInBounds {
                let message = "must be 0 to 1000 percent with at most 2 decimals"
                issues.append(FieldIssue(pointer: "/\(index)/percent", message: message))
            }
            let same = self[..<index].firstIndex { $0.plan == markup.plan && $0.validFrom == markup.validFrom }
            if let same {
                let message = "is that of element \(same), counted from 0, for the same plan"
                issues.append(FieldIssue(pointer: "/\(index)/valid_from", message: message))
            }
            return issues
        }
    }

    /// The one that counts for a plan at a time: its own, or else that of all.
    public func markup(for plan: Organization.Plan?, at time: Date) -> Markup {
        let known = filter { $0.validFrom <= time }.sorted { $0.validFrom > $1.validFrom }
        return known.first { $0.plan == plan } ?? known.first { $0.plan == nil } ?? .standard
    }
}

extension Markup {
    /// Bounded digits keep products exact: 12 of a price, 19 of a count and 6 of a markup are fewer than 38.
    fileprivate var isInBounds: Bool {
        guard percent >= 0, percent <= 1000 else { return false }
        var (hundredfold, whole) = (percent.shifted(by: 2), Decimal())
        NSDecimalRound(&whole, &hundredfold, 0, .down)
        return whole == hundredfold
    }
}
