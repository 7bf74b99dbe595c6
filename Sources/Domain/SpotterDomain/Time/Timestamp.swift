public import Foundation

/// RFC 3339 times as the API writes and reads them: UTC, milliseconds, a `Z`.
public enum Timestamp {
    /// `2026-11-21T06:30:00.125Z`. Years 0000 to 9999: a time outside becomes the nearest inside.
    public static func string(from date: Date) -> String {
        String(unsafeUninitializedCapacity: length) { text in
            guard let start = text.baseAddress else { return 0 }
            write(date, to: start)
            return length
        }
    }

    /// Reads an RFC 3339 time with any offset and zero to nine decimals; nil for anything else.
    public static func date(from text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 35 else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for index in range {
                guard index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 else { return nil }
                value = value * 10 + Int(bytes[index] - 48)
            }
            return value
        }
        guard let year = number(0..<4), bytes[4] == 45, let month = number(5..<7), bytes[7] == 45,
            let day = number(8..<10), bytes[10] == 84 || bytes[10] == 116, let hour = number(11..<13),
            bytes[13] == 58, let minute = number(14..<16), bytes[16] == 58, let second = number(17..<19),
            (1...12).contains(month), (1...daysIn(month: month, year: year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { return nil }
        var position = 19
        var fraction = 0.0
        if bytes[position] == 46 {
            var scale = 0.1
            position += 1
            let start = position
            while position < bytes.count, bytes[position] >= 48, bytes[position] <= 57 {
                fraction += Double(bytes[position] - 48) * scale
                scale /= 10
                position += 1
            }
            guard position > start, position - start <= 9 else { return nil }
        }
        guard let offset = offset(bytes[position...]) else { return nil }
        let days = daysFromCivil(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    // The first and the last millisecond that four digits of a year can say.
    private static let earliest = -62_167_219_200_000.0
    private static let latest = 253_402_300_799_999.0

    /// How many bytes a time has.
    static let length = 24

    /// Stores the text where there is room for it: `length` bytes.
    static func write(_ date: Date, to text: UnsafeMutablePointer<UInt8>) {
        let exact = (date.timeIntervalSince1970 * 1000).rounded()
        // In this order, because what is not a number is neither greater nor less.
        let milliseconds = Int(exact > latest ? latest : exact >= earliest ? exact : earliest)
        let (days, rest) = milliseconds.quotientAndRemainder(flooringBy: 86_400_000)
        let (year, month, day) = civil(fromDays: days)
        let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1000)
        let (minutes, second) = seconds.quotientAndRemainder(dividingBy: 60)
        let (hour, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        func put(_ value: Int, at position: Int, before separator: Unicode.Scalar) {
            text[position] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10)
            text[position + 1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10)
            text[position + 2] = UInt8(ascii: separator)
        }
        put(year / 100, at: 0, before: "-")
        put(year % 100, at: 2, before: "-")
        put(month, at: 5, before: "-")
        put(day, at: 8, before: "T")
        put(hour, at: 11, before: ":")
        put(minute, at: 14, before: ":")
        put(second, at: 17, before: ".")
        put(fraction / 10, at: 20, before: "Z")
        text[22] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: fraction % 10)
        text[23] = UInt8(ascii: "Z")
    }

    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        let zone = Array(bytes)
        if zone == [90] || zone == [122] { return 0 }
        guard zone.count == 6, zone[0] == 43 || zone[0] == 45, zone[3] == 58 else { return nil }
        let digits = [zone[1], zone[2], zone[4], zone[5]].map { Int($0) - 48 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours < 24, minutes < 60 else { return nil }
        return (zone[0] == 45 ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    // Days since 1970-01-01 in the proleptic Gregorian calendar, by counting eras of 400 years from 1 March.
    private static func daysFromCivil(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.quotientAndRemainder(flooringBy: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(flooringBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension Int {
    fileprivate func quotientAndRemainder(flooringBy divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
