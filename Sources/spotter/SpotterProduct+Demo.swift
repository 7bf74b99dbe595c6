import Foundation
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
    /// Fills an organisation with an invented past, the same however often on a day.
    ///
    /// - Throws: `conflict` where it has members already: invented ones are never mixed with real ones, nor one past
    ///   with another.
    func invent(
        _ organization: Organization, members: Int, months: Int, seed: Int, classes: Int = 8,
        onProgress: @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Int {
        let scope = OrganizationScope(organization.id)
        let history = try DemoHistory(
            organization, members: members, months: months, seed: seed, classes: classes, now: clock.now())
        let count = try await stores.clients.count(in: scope)
        let start = try await began(history, in: scope)
        guard count == 0 || (start == history.start && count == members) else {
            throw SpotterError(
                .conflict,
                "\(organization.slug) has \(count) members already. A past is invented only for a gym without any: "
                    + "make one with a file of its own in tenants/, without `demo`.")
        }
        return try await load(history, in: scope, onProgress)
    }

    /// Gives a demonstration gym its past, and on later days the sessions of the days since. One that has members of its
    /// own is left alone.
    func demonstrate(_ organization: Organization, _ size: TenantDefinition.Demo) async throws {
        let scope = OrganizationScope(organization.id)
        let (now, seed, months) = (clock.now(), 7, 12)
        var history = try DemoHistory(
            organization, members: size.members, months: months, seed: seed, classes: size.classes, now: now)
        if let start = try await began(history, in: scope) {
            history = try DemoHistory(
                organization, members: size.members, months: months, seed: seed, classes: size.classes, now: now,
                anchor: start)
        } else if try await stores.clients.count(in: scope) > 0 {
            return
        }
        _ = try await load(history, in: scope) { _, _ in }
    }

    /// When the same history began that was loaded before; nil if none was.
    private func began(_ history: DemoHistory, in scope: OrganizationScope) async throws -> Date? {
        guard let mark = history.mark else { return nil }
        return try await stores.gymHistory.staffEntered(mark, in: scope)
    }

    private func load(
        _ history: DemoHistory, in scope: OrganizationScope, _ onProgress: @Sendable (Int, Int) -> Void
    ) async throws -> Int {
        var added = 0
        let needed = history.needed
        for number in needed {
            added += try await stores.gymHistory.load(history.batch(number), in: scope)
            onProgress(number - needed.lowerBound + 1, needed.count)
        }
        return added
    }
}
