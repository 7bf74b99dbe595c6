public import Foundation

/// A month of UTC, such as `2026-11`.
public struct BillingMonth: Sendable, Hashable, Comparable {
    /// 1970 to 9999.
    public let year: Int
    /// 1 to 12.
    public let month: Int

    /// The month in which a moment is.
    public init(of moment: Date) {
        let day = CivilDate(days: Int((moment.timeIntervalSince1970 / 86_400).rounded(.down)))
        (year, month) = (day.year, day.month)
    }

    /// Reads `2026-11`, from the year 1970 to 9998; nil for anything else.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isWritten = parts.count == 2 && parts.allSatisfy { part in part.allSatisfy { (48...57).contains($0) } }
        guard isWritten, parts[0].count == 4, parts[1].count == 2, let year = Int(Substring(parts[0])),
            let month = Int(Substring(parts[1])), (1970...9998).contains(year), (1...12).contains(month)
        else { return nil }
        (self.year, self.month) = (year, month)
    }

    /// The first moment.
    public var start: Date { Self.midnight(year, month) }
    /// The first moment of the next month.
    public var end: Date { month == 12 ? Self.midnight(year + 1, 1) : Self.midnight(year, month + 1) }

    private static func midnight(_ year: Int, _ month: Int) -> Date {
        Date(timeIntervalSince1970: Double(CivilDate(year: year, month: month, day: 1).days) * 86_400)
    }

    /// By time.
    public static func < (left: BillingMonth, right: BillingMonth) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }
}

extension BillingMonth: CustomStringConvertible {
    /// Such as `2026-11`.
    public var description: String {
        let digits = String(10_000 + year).dropFirst()
        return "\(digits)-\(String(100 + month).dropFirst())"
    }
}

/// A month that is closed, with what it came to. It stays so: a line that comes later counts from the end of the last
/// closed month on.
public struct ClosedMonth: Sendable, Hashable {
    /// Which one.
    public let month: BillingMonth
    /// When it was closed.
    public let closedAt: Date
    /// What its lines add up to.
    public let total: UsageSum

    /// A month that is closed.
    public init(month: BillingMonth, closedAt: Date, total: UsageSum) {
        self.month = month
        self.closedAt = closedAt
        self.total = total
    }
}

extension BillingMonth {
    /// Throws `conflict` unless the month may be closed: when it is over, and no later one is closed.
    public func requireClosable(at now: Date, after last: BillingMonth?) throws {
        guard now >= end else {
            throw SpotterError(
                .conflict, "The month \(self) is not over yet. It can be closed from \(Timestamp.string(from: end)) on."
            )
        }
        if let last, last > self {
            throw SpotterError(.conflict, "The month \(self) is closed already, with \(last).")
        }
    }
}
