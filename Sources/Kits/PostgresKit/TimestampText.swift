import Foundation

/// Dates as PostgreSQL reads them, exact to the microsecond and independent of locale, calendar and `DateStyle`.
enum TimestampText {
    /// Microseconds since 1970, or nil outside the years 1 to 9999 and for what is not finite.
    static func microseconds(of date: Date) -> Int64? {
        let reference = date.timeIntervalSinceReferenceDate
        guard reference.isFinite, abs(reference) < 1e12 else { return nil }
        // Whole seconds and the rest apart: their product with a million would not fit a Double's 53 bits for
        // distant years.
        let whole = reference.rounded(.down)
        let seconds = Int64(whole) + secondsFrom1970To2001
        let result = seconds * 1_000_000 + Int64(((reference - whole) * 1_000_000).rounded())
        guard result >= -62_135_596_800_000_000 else { return nil }
        return result < 253_402_300_800_000_000 ? result : nil
    }

    private static let secondsFrom1970To2001: Int64 = 978_307_200

    /// Appends `2026-01-31 12:34:56.123456+00`.
    static func append(_ date: Date, to bytes: inout [UInt8]) {
        guard let total = microseconds(of: date) else { return }
        let (days, inDay) = total.dividedFloored(by: 86_400_000_000)
        let (year, month, day) = civil(fromDays: days)
        append(year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(day, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        append(inDay / 3_600_000_000, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(inDay / 60_000_000 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(inDay / 1_000_000 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        append(inDay % 1_000_000, digits: 6, to: &bytes)
        bytes.append(contentsOf: "+00".utf8)
    }

    /// Howard Hinnant's `civil_from_days` (chrono-compatible low-level date algorithms).
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).dividedFloored(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}

extension Int64 {
    /// The quotient rounded down and the remainder, which is never negative.
    func dividedFloored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
