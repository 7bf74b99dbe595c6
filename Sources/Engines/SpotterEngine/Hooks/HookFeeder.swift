import Foundation
import ServiceKit
import SpotterDomain

/// Looks for events that hooks send, and queues them.
///
/// Each hook has its own place in its organisation's log, which moves in the transaction that queues: of several processes
/// that look at once one succeeds, and after a kill the look begins where the last one ended.
struct HookFeeder: Sendable {
    let store: any OutboundStore
    let events: any EventStore
    let ids: any IDGenerator
    let clock: any WallClock
    let log: Log

    /// How many hooks of an organisation have their turn in a round.
    private static let turns = 50
    /// How many events for a hook are taken at a time.
    private static let batch = 200

    /// One round over all organisations in which something has happened.
    ///
    /// - Returns: those organisations, and whether there is more to look at already.
    /// - Throws: when it could not be asked which those are; an organisation that fails is logged, and looked at again in
    ///   the next round.
    func feedOnce() async throws -> (organizations: [OrganizationID], isBehind: Bool) {
        let organizations = try await store.organizationsWithNews()
        var isBehind = false
        // Processes that look at once begin with different ones.
        for organization in organizations.shuffled() {
            do {
                let scope = OrganizationScope(organization)
                for feed in try await store.feeds(limit: Self.turns, in: scope) {
                    try Task.checkCancellation()
                    isBehind = try await turn(of: feed, in: scope) || isBehind
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                log.warning(
                    "a hook's events could not be looked at; the next round tries again",
                    ["organization": organization.description, "error": String(reflecting: error)])
            }
        }
        return (organizations, isBehind)
    }

    /// Returns whether there is more.
    private func turn(of feed: OutboundFeed, in scope: OrganizationScope) async throws -> Bool {
        var pass = OutboundPass(feed.hook, from: feed.position)
        // Patterns that a later version has written and this one does not know are passed over by `wants`.
        let filter = (try? feed.target.filter()) ?? .all
        let slice = try await events.events(
            after: feed.position, execution: nil, types: filter, limit: Self.batch, in: scope)
        let now = clock.now()
        pass.deliveries = slice.events.filter { feed.target.wants($0.type) }.map {
            OutboundDelivery(
                id: ids.id(at: now), hookId: feed.hook, position: $0.position, eventType: $0.type,
                resource: feed.target.resource(of: $0), dueAt: now, createdAt: now)
        }
        pass.position = slice.position
        FaultPoint.beforeFeed.pass()
        let hasMoved = try await store.advance(pass, in: scope)
        FaultPoint.afterFeed.pass()
        return hasMoved && slice.hasMore
    }
}
