public import Foundation

/// Times as HTTP fields have them: the IMF-fixdate of RFC 9110 §5.6.7, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// Not Foundation's `DateFormatter`: on Linux some texts end the process there, and these come from outside.
public enum HTTPDate {
    /// The time that a text says; nil for anything that is not exactly of this form, or no time there is. The name of the
    /// day is not compared with the date.
    public static func date(from text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count == form.utf8.count else { return nil }
        for (byte, wanted) in zip(bytes, form.utf8) {
            switch wanted {
            case UInt8(ascii: "0"): guard (0x30...0x39).contains(byte) else { return nil }
            case UInt8(ascii: "a"): guard (0x41...0x5A).contains(byte & 0xDF) else { return nil }
            default: guard byte == wanted else { return nil }
            }
        }
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        guard let month = months.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self)) else { return nil }
        let (year, day) = (number(12..<16), number(5..<7))
        let (hour, minute, second) = (number(17..<19), number(20..<22), number(23..<25))
        // The sixtieth second is a leap second's.
        guard hour < 24, minute < 60, second <= 60, day >= 1, day <= days(of: month + 1, in: year) else { return nil }
        let midnight = TimeInterval(daysSince1970(year, month + 1, day)) * 86_400
        return Date(timeIntervalSince1970: midnight + TimeInterval(hour * 3_600 + minute * 60 + second))
    }

    /// `0` stands for a digit, `a` for a letter.
    private static let form = "aaa, 00 aaa 0000 00:00:00 GMT"
    private static let months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(separator: " ").map(String.init)

    private static func days(of month: Int, in year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// By the Gregorian calendar, which has 146,097 days in 400 years; years begin in March, so that the leap day is last.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let cycle = (shifted >= 0 ? shifted : shifted - 399) / 400
        let ofCycle = shifted - cycle * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return cycle * 146_097 + ofCycle * 365 + ofCycle / 4 - ofCycle / 100 + ofYear - 719_468
    }
}
