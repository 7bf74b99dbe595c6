public import Foundation

/// What an expression means on a zone's clocks from a moment on: for those who try one before they use it.
public struct SchedulePreview: Sendable, Hashable {
    /// The expression as it was understood.
    public let expression: CronExpression
    /// Whose clock.
    public let zone: TimeZone
    /// What it means, in words, with the zone.
    public let description: String
    /// The first fires after the moment, in order.
    public let nextFires: [Date]
    /// What its writer may not have meant.
    public let notes: [CronNote]

    /// What is wrong with the input.
    public struct Problem: Error, Sendable, Hashable, Codable {
        /// The field of the expression such as `day_of_month`, `timezone`, or `cron` for the expression as a whole.
        public let field: String
        /// Where in the expression, from 1; nil for the time zone and for the expression as a whole.
        public let column: Int?
        /// How many characters are wrong; nil where there is no column.
        public let length: Int?
        /// What is wrong and what was expected.
        public let message: String
    }

    /// Reads the expression and looks ahead.
    ///
    /// - Parameters:
    ///   - timezone: an IANA name.
    ///   - count: how many fires, at most 100.
    /// - Throws: `Problem`; the expression is looked at first.
    public init(
        cron: String, timezone: String, gap: DaylightSavingGap = .shift, count: Int, after date: Date
    ) throws(Problem) {
        do {
            expression = try CronExpression(cron)
        } catch {
            throw Problem(
                field: error.field?.rawValue ?? "cron", column: error.column, length: error.length,
                message: error.message)
        }
        guard let zone = ZoneName.zone(timezone) else {
            throw Problem(field: "timezone", column: nil, length: nil, message: ZoneName.problem(with: timezone))
        }
        self.zone = zone
        description = expression.words(in: timezone)
        nextFires = expression.fires(after: date, in: zone, gap: gap, count: min(count, 100))
        notes = expression.notes(in: zone, gap: gap, after: date)
    }

    /// Why nothing can be scheduled by it although it can be read: it means no date that ever comes. Nil where it can.
    public var problem: Problem? {
        guard let note = notes.first(where: { $0.code == .neverFires }) else { return nil }
        return Problem(field: "cron", column: nil, length: nil, message: note.message)
    }
}
