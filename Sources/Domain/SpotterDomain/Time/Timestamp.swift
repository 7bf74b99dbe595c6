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
            (1...12).contains(month), (1...CivilDate.daysIn(month: month, year: year)).contains(day), hour < 24,
            minute < 60,
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
        let days = CivilDate(year: year, month: month, day: day).days
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
        let date = CivilDate(days: days)
        let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1000)
        let (minutes, second) = seconds.quotientAndRemainder(dividingBy: 60)
        let (hour, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        func put(_ value: Int, at position: Int, before separator: Unicode.Scalar) {
            text[position] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10)
            text[position + 1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10)
            text[position + 2] = UInt8(ascii: separator)
        }
        put(date.year / 100, at: 0, before: "-")
        put(date.year % 100, at: 2, before: "-")
        put(date.month, at: 5, before: "-")
        put(date.day, at: 8, before: "T")
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
}
