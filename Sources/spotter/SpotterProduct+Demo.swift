import SpotterCommandLine
import SpotterDomain
import SpotterPostgres
import SpotterTools

extension SpotterProduct {
    func demo(_ order: DemoOrder, onProgress: @escaping @Sendable (Int, Int) -> Void) async throws -> Int {
        try await withApplication(roles: []) { application, _, _ in
            let organization = try await self.organization(order.organization, in: application)
            return try await application.invent(
                organization, members: order.members, months: order.months, seed: order.seed, onProgress: onProgress)
        }
    }
}

extension Application {
    /// Fills an organisation with an invented past; one that has it already, with what the days since have added to its
    /// timetable.
    ///
    /// - Throws: `conflict` where it has members of its own: real records are never mixed with invented ones.
    func invent(
        _ organization: Organization, members: Int, months: Int, seed: Int, classes: Int = 8,
        onProgress: @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Int {
        let scope = OrganizationScope(organization.id)
        guard try await !stores.gymHistory.hasOwnMembers(in: scope) else {
            throw SpotterError(
                .conflict, "\(organization.slug) has members of its own. Invented ones are not mixed with them.")
        }
        let now = clock.now()
        // On an earlier day it may have been made already; what is there stays as it is.
        var history = try DemoHistory(
            organization, members: members, months: months, seed: seed, classes: classes, now: now)
        if let mark = history.mark, let start = try await stores.gymHistory.staffEntered(mark, in: scope) {
            history = try DemoHistory(
                organization, members: members, months: months, seed: seed, classes: classes, now: now, anchor: start)
        }
        var added = 0
        for number in history.needed {
            added += try await stores.gymHistory.load(history.batch(number), in: scope)
            onProgress(number - history.needed.lowerBound + 1, history.needed.count)
        }
        return added
    }
}
