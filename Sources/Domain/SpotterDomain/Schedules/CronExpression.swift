/// A pattern of times, such as `30 6 * * MON-FRI`, as the Open Cron Pattern Specification (OCPS) defines them.
///
/// What is accepted, and where it comes from (https://github.com/open-source-cron/ocps, read in 2026):
/// - **1.0**: five fields `minute hour day-of-month month day-of-week`, spaces or tabs between; `*`, lists, ranges,
///   steps after `*` or a range; names `JAN`–`DEC`, `SUN`–`SAT` in any case; 0 and 7 are both Sunday. Descending ranges,
///   `/0`, `0/15` and numbers out of range are refused, as 1.1 makes explicit. An impossible date such as `31 2` is
///   accepted; it never fires, and ``notes(in:gap:after:)`` says so.
/// - **1.1**: `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight`, `@hourly`, in lower case and alone.
///   `@reboot` is recognised and refused as unsupported, because a schedule here fires by the clock.
/// - **1.2**: a sixth field in front for seconds, a seventh at the end for years, 1970 to 2199.
/// - **1.3**: day of month `L` and `15W` (W alone in its field, never in another month); day of week `FRI#2`, `FRI#L`
///   and `5L`.
/// - **1.4**: where both day fields are restricted, either is enough; `+` before the day of week asks for both. A day
///   field is unrestricted only when its first entry is `*` (or `?`), so `1-31` and `*/2` restrict. `?` is another `*`,
///   in the day fields alone. For daylight saving, see ``nextFire(after:in:gap:)``: 1.4 only recommends a rule.
///
/// 1.0 and 1.1 are final, 1.2 to 1.4 drafts. Beyond them: `SAT-SUN` is 6-7, because 1.1 lets `SUN` be 7, and the
/// modifiers `L` and `W` may be lowercase, as names may.
public struct CronExpression: Sendable, Hashable {
    /// The expression as it was written, without space around it.
    public let text: String
    /// Whether the expression runs by real time: some entry of its seconds, minutes or hours is `*` or `*/n`.
    ///
    /// Such an expression means an interval ("every five minutes"); others mean times of day. The two differ where clocks
    /// are changed, see ``nextFire(after:in:gap:)``. The distinction is Vixie cron's.
    public let runsByRealTime: Bool

    let seconds: CronValues
    let minutes: CronValues
    let hours: CronValues
    let months: CronValues
    let days: CronDays
    /// In order; nil: any year.
    let years: [Int]?
    /// Steps that do not come out even, for notes.
    let unevenSteps: [CronField: Int]
    /// The earliest time of a day at which it fires, in seconds after midnight.
    let earliestTime: Int

    /// Reads an expression of at most 256 bytes.
    ///
    /// - Throws: `CronError`, with the field and the column of the first mistake.
    public init(_ text: String) throws(CronError) {
        let parsed = try CronParser.parse(text)
        self.text = String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        func values(_ field: CronField) -> CronValues {
            parsed.items[field].map { CronValues($0, in: field.bounds) } ?? CronValues(0...0)
        }
        seconds = values(.second)
        minutes = values(.minute)
        hours = values(.hour)
        months = values(.month)
        days = CronDays(parsed)
        years = parsed.items[.year].flatMap(Self.years)
        let clock: [CronField] = [.second, .minute, .hour]
        runsByRealTime = clock.contains { field in parsed.items[field]?.contains(where: \.isWildcard) ?? false }
        unevenSteps = Self.unevenSteps(parsed)
        earliestTime = (hours.first ?? 0) * 3_600 + (minutes.first ?? 0) * 60 + (seconds.first ?? 0)
    }

    private static func years(_ items: [CronItem]) -> [Int]? {
        var years: Set<Int> = []
        for item in items {
            if item.isUnrestricted { return nil }
            years.formUnion(item.values(in: CronField.year.bounds))
        }
        return years.sorted()
    }

    /// `*/7` minutes: the last interval of each hour is shorter. `*/90`: there is no second value at all.
    private static func unevenSteps(_ parsed: CronParser.Result) -> [CronField: Int] {
        var steps: [CronField: Int] = [:]
        for (field, span) in [(CronField.second, 60), (.minute, 60), (.hour, 24)] {
            for case .every(let step) in parsed.items[field] ?? [] where span % step != 0 { steps[field] = step }
        }
        return steps
    }
}

extension CronExpression: CustomStringConvertible {
    /// The expression as it was written.
    public var description: String { text }
}

extension CronItem {
    /// `*`, `?` and `*/n`.
    var isWildcard: Bool { if case .every = self { true } else { false } }
    /// `*` and `?`.
    var isUnrestricted: Bool { self == .every(step: 1) }

    /// The numbers that the item stands for, where it stands for numbers.
    func values(in bounds: ClosedRange<Int>) -> StrideThrough<Int> {
        switch self {
        case .every(let step): stride(from: bounds.lowerBound, through: bounds.upperBound, by: step)
        case .range(let range, let step): stride(from: range.lowerBound, through: range.upperBound, by: step)
        case .lastDay, .nearestWeekday, .ordinal: stride(from: 1, through: 0, by: 1)
        }
    }
}

extension CronValues {
    init(_ items: [CronItem], in bounds: ClosedRange<Int>) {
        for item in items {
            for value in item.values(in: bounds) { insert(value) }
        }
    }
}

extension CronDays {
    init(_ parsed: CronParser.Result) {
        let (ofMonth, ofWeek) = (parsed.items[.dayOfMonth] ?? [], parsed.items[.dayOfWeek] ?? [])
        dates = CronValues(ofMonth, in: CronField.dayOfMonth.bounds)
        weekdays = CronValues(ofWeek, in: CronField.dayOfWeek.bounds)
        if weekdays.contains(7) {
            // Bit 7 is Sunday once more.
            weekdays.bits = weekdays.bits & 0x7F | 1
        }
        for item in ofMonth + ofWeek {
            switch item {
            case .lastDay: lastDay = true
            case .nearestWeekday(let day): nearestWeekday = day
            case .ordinal(let ordinal, let weekday): ordinals.insert(weekday * 8 + ordinal)
            case .every, .range: break
            }
        }
        datesAreRestricted = ofMonth.first?.isUnrestricted != true
        weekdaysAreRestricted = ofWeek.first?.isUnrestricted != true
        needsBoth = parsed.needsBothDays
    }
}
