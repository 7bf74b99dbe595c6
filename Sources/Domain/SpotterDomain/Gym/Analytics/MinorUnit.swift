public import Foundation

/// How a report rounds: exact sums, rounded once, at the end, half away from zero, to the currency's minor unit.
public enum MinorUnit {
    /// Digits after the point (ISO 4217).
    public static func digits(of currency: String) -> Int {
        if none.contains(currency) { return 0 }
        return three.contains(currency) ? 3 : 2
    }

    private static let none: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
    ]
    private static let three: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

    /// `amount` in whole minor units of `currency`, half away from zero.
    public static func rounded(_ amount: Decimal, _ currency: String) -> Decimal {
        rounded(amount, digits: digits(of: currency))
    }

    /// `number` with so many digits after the point, half away from zero.
    public static func rounded(_ number: Decimal, digits: Int) -> Decimal {
        var (number, result) = (number, Decimal())
        NSDecimalRound(&result, &number, digits, .plain)
        return result
    }

    /// `1234.50`: rounded, with all its digits.
    public static func text(_ amount: Decimal, _ currency: String) -> String {
        text(amount, digits: digits(of: currency))
    }

    /// A number with just so many digits after the point.
    public static func text(_ number: Decimal, digits: Int) -> String {
        let rounded = rounded(number, digits: digits)
        guard digits > 0 else { return "\(rounded)" }
        let parts = "\(rounded)".split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        return parts[0] + "." + fraction + String(repeating: "0", count: max(0, digits - fraction.count))
    }

    /// `part` of `whole` in percent, with one digit; nil of nothing.
    public static func percent(_ part: Decimal, of whole: Decimal) -> String? {
        whole == 0 ? nil : text(part * 100 / whole, digits: 1)
    }
}
