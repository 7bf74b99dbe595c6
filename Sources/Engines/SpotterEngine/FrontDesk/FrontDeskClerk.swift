import Foundation
public import ServiceKit
public import SpotterDomain

/// Does at the front desk what was planned for later:
/// - posts whose time has come go to the publisher;
/// - members of campaigns whose next step is due get their message, or are stopped by the campaign's rule.
///
/// It looks every 30 seconds, give or take a tenth, organisation by organisation; any number of processes may. What one
/// has taken is its own for five minutes, and then somebody else's: what goes out carries a key, so that taking it twice
/// is not doing it twice. A post that could not be published within a day of its time has failed.
public final class FrontDeskClerk: Service {
    /// The name in logs.
    public let serviceName = "front desk"
    private let organizations: any OrganizationStore
    private let posts: any SocialDesk
    private let publisher: any PostPublisher
    private let campaigns: any CampaignDesk
    private let messenger: (any CampaignMessenger)?
    private let clock: any WallClock
    private let log: Log
    private let interval: Duration
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    /// How much is taken at one time, for how long, and how late a post may be.
    private static let batch = 20
    private static let lease: TimeInterval = 300
    private static let latest: TimeInterval = 86_400

    /// - Parameters:
    ///   - messenger: takes the messages of campaigns; without one their steps wait.
    ///   - interval: between two rounds.
    public init(
        organizations: any OrganizationStore, posts: any SocialDesk, publisher: any PostPublisher,
        campaigns: any CampaignDesk, messenger: (any CampaignMessenger)?, clock: any WallClock, log: Log,
        interval: Duration = .seconds(30)
    ) {
        self.organizations = organizations
        self.posts = posts
        self.publisher = publisher
        self.campaigns = campaigns
        self.messenger = messenger
        self.clock = clock
        self.log = log
        self.interval = interval
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// Works until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await work() }
            group.addTask { [stopped] in for await _ in stopped {} }
            // A stop, or the cancellation of both, ends the other.
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the work after what is under way.
    public func shutDown() { stop.finish() }

    private func work() async {
        while (try? await Task.sleep(for: interval * Double.random(in: 0.9...1.1))) != nil {
            do { try await runOnce() } catch  where !(error is CancellationError) {
                log.warning(
                    "the front desk's round failed; the next one tries again", ["error": String(reflecting: error)])
            } catch {}
        }
    }

    /// What one round did.
    public struct Done: Sendable, Hashable {
        /// Posts that appeared.
        public var published = 0
        /// Posts that did not and will not.
        public var failedPosts = 0
        /// Messages of campaigns that were handed over.
        public var messages = 0

        /// Nothing unless said otherwise.
        public init(published: Int = 0, failedPosts: Int = 0, messages: Int = 0) {
            self.published = published
            self.failedPosts = failedPosts
            self.messages = messages
        }
    }

    /// One round over all organisations, a batch each.
    ///
    /// - Throws: the first failure, after every organisation had its turn; `CancellationError` at once.
    @discardableResult
    public func runOnce() async throws -> Done {
        var done = Done()
        var failure: (any Error)?
        for organization in try await organizations.ids() {
            try Task.checkCancellation()
            do {
                try await look(in: OrganizationScope(organization), &done)
            } catch let error as CancellationError { throw error } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return done
    }

    /// A round of one organisation.
    public func look(in scope: OrganizationScope, _ done: inout Done) async throws {
        try await publish(in: scope, &done)
        try await send(in: scope, &done)
    }

    private func publish(in scope: OrganizationScope, _ done: inout Done) async throws {
        let now = clock.now()
        let due = try await posts.claimDue(
            at: now, until: now.addingTimeInterval(Self.lease), limit: Self.batch, in: scope)
        for post in due {
            var outcome = await publisher.publish(post, key: "post:\(post.id)", in: scope)
            try Task.checkCancellation()
            if case .postponed(_, let reason) = outcome, let planned = post.scheduledAt,
                now.timeIntervalSince(planned) > Self.latest
            {
                outcome = .failed(reason)
            }
            switch outcome {
            case .published: done.published += 1
            case .failed(let reason):
                done.failedPosts += 1
                log.warning("a post was not published", ["post": post.id.description, "reason": reason])
            case .postponed: break
            }
            try await posts.record(outcome, of: post.id, at: clock.now(), in: scope)
        }
    }

    private func send(in scope: OrganizationScope, _ done: inout Done) async throws {
        guard let messenger else { return }
        let now = clock.now()
        let due = try await campaigns.claimDue(
            at: now, until: now.addingTimeInterval(Self.lease), limit: Self.batch, in: scope)
        for turn in due {
            try Task.checkCancellation()
            let outcome = try await messenger.send(turn, in: scope, at: now)
            if outcome == .sent { done.messages += 1 }
            try await campaigns.record(outcome, of: turn, at: clock.now(), in: scope)
        }
    }
}
