import Foundation

/// Numbers and times as the sentences of alerts have them.
public enum AlertText {
    /// Without needless digits.
    public static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15
            ? String(format: "%.0f", value) : String(format: "%.2f", value)
    }

    /// Such as `for 5 minutes`.
    static func span(_ seconds: Int) -> String {
        switch seconds {
        case 0: "now"
        case let seconds where seconds % 3_600 == 0: "for \(count(seconds / 3_600, "hour"))"
        case let seconds where seconds % 60 == 0: "for \(count(seconds / 60, "minute"))"
        default: "for \(count(seconds, "second"))"
        }
    }

    /// After `the last`: `5 minutes`, or `minute` of a single one.
    public static func stretch(_ seconds: Int) -> String {
        let text = span(max(1, seconds)).dropFirst(4)
        return String(text.hasPrefix("1 ") ? text.dropFirst(2) : text)
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
