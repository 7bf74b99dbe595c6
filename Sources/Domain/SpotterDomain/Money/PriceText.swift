import Foundation

/// A price in JSON: a decimal string.
///
/// Its digits are bounded so that a price times any count of tokens is exact in the 38 digits of a `Decimal`.
struct PriceText: Codable, SchemaDescribed {
    static let format = "price"
    static let expectation = "must be a decimal number such as 2.50, at most 6 digits before the point and 6 after it"

    let value: Decimal

    init(_ value: Decimal) { self.value = value }

    init(from decoder: any Decoder) throws {
        guard let value = Self.value(of: try decoder.singleValueContainer().decode(String.self)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: Self.expectation))
        }
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode("\(value)")
    }

    /// The number; nil if the text does not match the pattern of the schema.
    static func value(of text: String) -> Decimal? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isSound =
            parts.count <= 2
            && parts.allSatisfy { part in
                (1...6).contains(part.count) && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            }
        // Foundation alone would read `1x` as 1.
        return isSound ? Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")) : nil
    }

    static let schema = JSONSchema(
        .string, description: "A decimal number.", format: format, pattern: #"^[0-9]{1,6}(\.[0-9]{1,6})?$"#)
    static let sample = PriceText(0)
}
