public import Foundation

extension Decimal: PostgresDecodable {
    /// `numeric` and the integers. What does not fit `Decimal`'s 38 digits is refused rather than rounded.
    ///
    /// The binary form: count of base-10000 digits, weight of the first, sign, scale, digits (`numeric_send`).
    public static func decode(_ field: PostgresField) throws -> Decimal {
        guard field.type == PostgresField.TypeID.numeric else { return Decimal(try Int64.decode(field)) }
        let count = Int(try field.bigEndian(Int16.self))
        let weight = Int(try field.bigEndian(Int16.self, at: 2))
        let sign = try field.bigEndian(UInt16.self, at: 4)
        guard sign == 0 || sign == 0x4000 else { throw PostgresField.Mismatch("it is NaN or infinite") }
        var digits = ""
        for index in 0..<max(count, 0) {
            let group = try field.bigEndian(Int16.self, at: 8 + 2 * index)
            guard (0..<10_000).contains(group) else { throw PostgresField.Mismatch("it is not a number") }
            let text = String(group)
            digits += String(repeating: "0", count: 4 - text.count) + text
        }
        var exponent = 4 * (weight - count + 1)
        while digits.last == "0" {
            digits.removeLast()
            exponent += 1
        }
        digits = String(digits.drop { $0 == "0" })
        guard !digits.isEmpty else { return 0 }
        guard digits.count <= 38, (-127...127).contains(exponent) else {
            throw PostgresField.Mismatch("it has more digits than a Decimal holds")
        }
        guard let significand = Decimal(string: digits) else { throw PostgresField.Mismatch("it is not a number") }
        return Decimal(sign: sign == 0 ? .plus : .minus, exponent: exponent, significand: significand)
    }
}
