import Foundation

/// The `date` field (RFC 9110, 6.6.1), written anew once a second.
struct DateLine {
    private var second = 0
    private var line: [UInt8] = []

    /// The whole line with its CRLF for the present second.
    mutating func current() -> [UInt8] {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        if now.tv_sec != second || line.isEmpty {
            second = now.tv_sec
            line = Self.line(second: second)
        }
        return line
    }

    static func line(second: Int) -> [UInt8] {
        let days: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months: [StaticString] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        var time = second
        var parts = tm()
        gmtime_r(&time, &parts)
        var line: [UInt8] = []
        func append(twoDigits number: Int32) {
            line.append(UInt8(ascii: "0") + UInt8(number / 10))
            line.append(UInt8(ascii: "0") + UInt8(number % 10))
        }
        line.append("date: ")
        line.append(days[Int(parts.tm_wday)])
        line.append(", ")
        append(twoDigits: parts.tm_mday)
        line.append(" ")
        line.append(months[Int(parts.tm_mon)])
        line.append(" ")
        line.append(decimal: Int(parts.tm_year) + 1900)
        line.append(" ")
        append(twoDigits: parts.tm_hour)
        line.append(":")
        append(twoDigits: parts.tm_min)
        line.append(":")
        append(twoDigits: parts.tm_sec)
        line.append(" GMT\r\n")
        return line
    }
}
