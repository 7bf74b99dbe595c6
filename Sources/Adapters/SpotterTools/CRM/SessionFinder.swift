import Foundation
import SpotterDomain

/// Finds classes and sessions by what somebody called them, and says what there is instead.
struct SessionFinder {
    let schedule: any ScheduleStore
    let calendar: GymCalendar
    let context: ToolContext

    /// Checks that a class of such a name exists.
    ///
    /// - Returns: the part of the name to search by; the whole name when only one class is meant. nil for nil.
    /// - Throws: `ToolFailure` that names the classes there are.
    func className(matching wanted: String?) async throws -> String? {
        guard let wanted = wanted?.trimmingCharacters(in: .whitespacesAndNewlines), !wanted.isEmpty else { return nil }
        let classes = try await schedule.classes(in: context.scope).map(\.name)
        let folded = FoldedText.fold(wanted)
        if let exact = classes.first(where: { FoldedText.fold($0) == folded }) { return exact }
        let matches = classes.filter { FoldedText.fold($0).contains(folded) }
        guard matches.isEmpty else { return matches.count == 1 ? matches.first : wanted }
        guard !classes.isEmpty else { throw ToolFailure("This gym has no classes yet.") }
        let hint = DidYouMean.hint(for: wanted, among: classes)
        let problem = DidYouMean.sentence("There is no class \"\(wanted.prefix(60))\"\(hint)")
        let list = classes.prefix(40).joined(separator: ", ")
        throw ToolFailure("\(problem) The classes are: \(list).")
    }

    /// The first session that starts after now and not before `day`, within 14 days.
    func next(_ className: String?, after day: GymCalendar.Day) async throws -> SessionRow? {
        try await upcoming(className, from: day, days: 14, limit: 1).first
    }

    /// Sessions that are neither past nor cancelled, by start.
    func upcoming(
        _ className: String?, from day: GymCalendar.Day, days: Int, limit: Int
    ) async throws -> [SessionRow] {
        let range = calendar.range(from: day, days: days)
        let start = max(range.lowerBound, context.now)
        guard start < range.upperBound else { return [] }
        // Cancelled ones are sorted out here, so more are read than are wanted.
        let found = try await schedule.sessions(
            startingIn: start..<range.upperBound, className: className, limit: limit + 20, in: context.scope)
        return Array(found.map(row).filter { $0.state == .upcoming }.prefix(limit))
    }

    func row(_ session: ClassSession) -> SessionRow {
        SessionRow(session: session, calendar: calendar, now: context.now)
    }
}
