/// What is told of a column by looking at all of its cells: in which order its dates have day and month, and what its
/// decimal sign is. One cell alone may be read in two ways.
public struct CellForms: Sendable, Hashable {
    /// In which order dates with slashes have their parts.
    public enum DateOrder: String, Sendable, Hashable {
        case dayFirst = "dd/mm/yyyy"
        case monthFirst = "mm/dd/yyyy"
    }

    private var dayFirst = 0
    private var monthFirst = 0
    private var eitherFirst = 0
    private var decimalCommas = 0
    private var decimalPoints = 0

    /// Nothing has been looked at.
    public init() {}

    /// Looks at a cell.
    public mutating func look(at cell: String) {
        if let parts = Self.slashed(cell) {
            switch (parts.first > 12, parts.second > 12) {
            case (true, false): dayFirst += 1
            case (false, true): monthFirst += 1
            case (false, false) where parts.first != parts.second: eitherFirst += 1
            default: break
            }
        }
        switch Self.decimalSign(of: cell) {
        case ",": decimalCommas += 1
        case ".": decimalPoints += 1
        default: break
        }
    }

    /// Whether both orders occur: then some dates of the column cannot be read.
    public var isMixed: Bool { dayFirst > 0 && monthFirst > 0 }
    /// Whether nothing in the column says which order it is.
    public var isOpen: Bool { dayFirst == 0 && monthFirst == 0 && eitherFirst > 0 }
    /// Whether there are dates with slashes.
    public var hasSlashes: Bool { dayFirst + monthFirst + eitherFirst > 0 }
    /// Whether a comma is the decimal sign.
    public var hasDecimalComma: Bool { decimalCommas > decimalPoints }

    /// What is said of dates before a column is looked at.
    public enum DateChoice: Sendable, Hashable {
        /// The order of columns that do not tell theirs.
        case usually(DateOrder)
        /// The order of all columns, whatever they seem to tell.
        case always(DateOrder)
    }

    /// The order of the column's dates.
    public func order(_ choice: DateChoice) -> DateOrder {
        switch choice {
        case .always(let order): order
        case .usually(let order):
            isOpen || !hasSlashes || dayFirst == monthFirst ? order : dayFirst > monthFirst ? .dayFirst : .monthFirst
        }
    }

    /// Where day and month may be either way round.
    static func slashed(_ cell: String) -> (first: Int, second: Int)? {
        let date = cell.prefix { $0 != " " && $0 != "T" }
        let parts = date.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].count == 4, let first = Int(parts[0]), let second = Int(parts[1]) else {
            return nil
        }
        return (first, second)
    }

    /// The sign that can only be the decimal one: the last of two, or the only one where it is not before three digits.
    static func decimalSign(of cell: String) -> Character? {
        guard cell.contains(where: \.isNumber), let last = cell.last(where: { $0 == "," || $0 == "." }) else {
            return nil
        }
        let places = cell.reversed().prefix { $0 != last }.count(where: \.isNumber)
        let others = cell.contains { ($0 == "," || $0 == ".") && $0 != last }
        return others || places != 3 ? last : nil
    }
}
