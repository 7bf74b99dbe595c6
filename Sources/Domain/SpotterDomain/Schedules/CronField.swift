/// A field of a cron expression.
public enum CronField: String, Sendable, Hashable, Codable, CaseIterable, SchemaDescribed {
    case second, minute, hour
    case dayOfMonth = "day_of_month"
    case month
    case dayOfWeek = "day_of_week"
    case year

    /// The field as people read it, such as `day of month`.
    public var name: String { rawValue.split(separator: "_").joined(separator: " ") }

    /// What its numbers may be. Day of week: 0 and 7 are both Sunday. The years are those of OCPS 1.2.
    var bounds: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        case .year: 1970...2199
        }
    }

    /// Names that stand for numbers, in the order of those, the first for the lower bound.
    var names: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        default: []
        }
    }

    /// What is expected of a single value, for errors.
    var expectation: String {
        let numbers = "\(bounds.lowerBound) to \(bounds.upperBound)"
        guard let first = names.first, let last = names.last else { return numbers }
        return "\(numbers) or \(first) to \(last)"
    }

    /// The fields of an expression with so many of them; nil where there is no such form.
    static func fields(count: Int) -> [CronField]? {
        let basic: [CronField] = [.minute, .hour, .dayOfMonth, .month, .dayOfWeek]
        return switch count {
        case 5: basic
        case 6: [.second] + basic
        case 7: [.second] + basic + [.year]
        default: nil
        }
    }
}
