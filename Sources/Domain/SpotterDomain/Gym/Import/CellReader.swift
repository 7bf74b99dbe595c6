public import Foundation

/// Reads the cells of a column into JSON, by the schema of the member that the column is for.
public struct CellReader: Sendable {
    /// The gym's zone: times that name none are in it.
    public let zone: TimeZone
    /// In which order dates have day and month.
    public let order: CellForms.DateOrder
    /// Whether a comma is the decimal sign.
    public let hasDecimalComma: Bool

    /// A reader of one column.
    public init(zone: TimeZone, order: CellForms.DateOrder, hasDecimalComma: Bool) {
        self.zone = zone
        self.order = order
        self.hasDecimalComma = hasDecimalComma
    }

    /// The value of a cell that is not empty.
    ///
    /// - Throws: what is wrong with it, to be read on from the column's name.
    public func value(of cell: String, _ schema: JSONSchema) throws(Problem) -> JSONValue {
        switch schema.kind {
        case .integer:
            guard let number = Int64(cell) else { throw Problem("must be a whole number, not \"\(cell)\"") }
            return .int(number)
        case .boolean: return .bool(try truth(of: cell))
        case .array where schema.elements.first?.kind == .string: return .array(Self.labels(cell))
        case .object where schema.isMoney: return ["amount": .string(try amount(of: cell))]
        case .string where schema.format == "date": return .string(try day(of: cell).description)
        case .string where schema.format == "date-time": return .string(Timestamp.string(from: try time(of: cell)))
        case .string where !schema.values.isEmpty: return .string(Self.name(cell, among: schema.values))
        case .string, .number: return .string(cell)
        case .array, .object, .any:
            guard let value = try? JSONParser.parse(Array(cell.utf8)) else { throw Problem("must be JSON") }
            return value
        }
    }

    /// What is wrong with a cell.
    public struct Problem: Error, Sendable, Hashable {
        /// Reads on from the name of the column.
        public let message: String

        init(_ message: String) { self.message = message }
    }

    private func truth(of cell: String) throws(Problem) -> Bool {
        switch cell.lowercased() {
        case "true", "yes", "y", "1", "x": return true
        case "false", "no", "n", "0": return false
        default: throw Problem("must be yes or no, not \"\(cell)\"")
        }
    }

    /// `No Show` and `no-show` are `no_show`.
    private static func name(_ cell: String, among values: [String]) -> String {
        let key = String(cell.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
        return values.contains(key) ? key : cell
    }

    /// Labels with something between them, or as JSON.
    static func labels(_ cell: String) -> [JSONValue] {
        if cell.hasPrefix("["), let list = (try? JSONParser.parse(Array(cell.utf8)))?.array,
            list.allSatisfy({ $0.string != nil })
        {
            return list
        }
        let separator: Character = cell.contains(";") ? ";" : cell.contains("|") ? "|" : ","
        var seen: Set<String> = []
        let labels = cell.split(separator: separator).map { $0.trimmingCharacters(in: .whitespaces) }
        return labels.filter { !$0.isEmpty && seen.insert($0).inserted }.map { .string($0) }
    }

    /// A number without its thousands: `1.234,50` and `1,234.50` are 1234.50. A sign that can only be the decimal one is
    /// that, whatever the column's others are; what could be either is refused, because the two differ by a thousand.
    private func amount(of cell: String) throws(Problem) -> String {
        let problem = Problem("must be an amount such as 49.90, not \"\(cell)\"")
        let decimal = CellForms.decimalSign(of: cell) ?? (hasDecimalComma ? "," : ".")
        let isNegative = cell.hasPrefix("-")
        let parts = (isNegative ? cell.dropFirst() : cell[...])
            .split(separator: decimal, omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2, let digits = Self.ungrouped(whole, decimal) else {
            throw problem
        }
        guard parts.count == 2 else { return (isNegative ? "-" : "") + digits }
        let fraction = parts[1]
        guard !fraction.isEmpty, fraction.allSatisfy({ $0.isASCII && $0.isNumber }) else { throw problem }
        guard fraction.count != 3 else {
            throw Problem("could be thousands or a fraction: write \"\(cell)\" with two decimals, such as 1250.00")
        }
        return (isNegative ? "-" : "") + digits + "." + fraction
    }

    /// The digits before the decimal sign; nil where what stands between them does not part thousands.
    private static func ungrouped(_ text: Substring, _ decimal: Character) -> String? {
        let signs: [Character] = [",", ".", " ", "\u{A0}", "\u{202F}", "'"]
        guard let sign = text.first(where: { signs.contains($0) }) else {
            return !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber } ? String(text) : nil
        }
        let groups = text.split(separator: sign, omittingEmptySubsequences: false)
        let areSound =
            sign != decimal && (1...3).contains(groups[0].count) && groups.dropFirst().allSatisfy { $0.count == 3 }
            && groups.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isNumber } }
        return areSound ? groups.joined() : nil
    }

    private func day(of cell: String) throws(Problem) -> Day {
        if let day = Day(String(cell.prefix(10))),
            cell.count == 10 || cell.dropFirst(10).first.map({ " T".contains($0) }) == true
        {
            return day
        }
        let date = cell.prefix { $0 != " " && $0 != "T" }
        if let day = written(String(date)) { return day }
        throw Problem("must be a day such as 2026-11-21 or \(order.rawValue), not \"\(cell)\"")
    }

    /// Day and month with slashes in the column's order; with dots the day is first.
    private func written(_ text: String) -> Day? {
        for separator in ["/", "."] as [Character] {
            let parts = text.split(separator: separator, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].count == 4,
                parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }),
                let first = Int(parts[0]), let second = Int(parts[1]), let year = Int(parts[2])
            else { continue }
            let isDayFirst = separator == "." || order == .dayFirst
            return Day(year: year, month: isDayFirst ? second : first, day: isDayFirst ? first : second)
        }
        return nil
    }

    private func time(of cell: String) throws(Problem) -> Date {
        if let time = Timestamp.date(from: cell) { return time }
        let parts = cell.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == " " || $0 == "T" }
        let problem = Problem("must be a time such as 2026-11-21T18:30:00Z or \(order.rawValue) 18:30, not \"\(cell)\"")
        guard let date = parts.first, let day = Day(String(date)) ?? written(String(date)) else { throw problem }
        var seconds = 0
        if parts.count == 2 {
            let numbers = parts[1].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
            guard (2...3).contains(numbers.count), let hour = numbers[0], let minute = numbers[1],
                let second = numbers.count == 3 ? numbers[2] : 0,
                (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
            else { throw problem }
            seconds = hour * 3_600 + minute * 60 + second
        }
        // What the clock on the wall said: in a gap of daylight saving time, what it said just after.
        let wall = day.start.addingTimeInterval(Double(seconds))
        let guess = wall.addingTimeInterval(-Double(zone.secondsFromGMT(for: wall)))
        return wall.addingTimeInterval(-Double(zone.secondsFromGMT(for: guess)))
    }
}
