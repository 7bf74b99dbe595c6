import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Takes messages out of the outbox and hands them to the ways out.
///
/// What: claims messages that are due, of all organisations in turn, asks the rules once more (somebody may have said
/// STOP since), hands each over once, and writes down what became of it. Any number of processes do.
/// When: about every second; after a failure it waits longer and longer, up to half a minute.
/// Promises: a message that was not taken is tried again by `OutboxRetry`; one whose outcome nobody knows, because its
/// connection or its process ended in between, comes to `needs_review` and is never repeated by itself. A stop lets
/// what is on its way come to its end, within the service group's grace; what is broken off before it was sent goes
/// back and does not use up a try.
public final class OutboxCourier: Service {
    /// How a courier works.
    public struct Options: Sendable {
        /// Messages on their way at one time.
        public var width: Int
        /// The wait between two looks that found nothing.
        public var interval: Duration
        /// For how long a message is the courier's: longer than any hand-over takes.
        public var lease: Duration

        /// By default eight at a time, a look a second, five minutes.
        public init(width: Int = 8, interval: Duration = .seconds(1), lease: Duration = .seconds(300)) {
            self.width = width
            self.interval = interval
            self.lease = lease
        }
    }

    /// Puts into a message what is not kept in the outbox, before it goes; nil where it has become pointless.
    public typealias Finishing = @Sendable (OutboxMessage, OrganizationScope) async throws -> OutboxMessage?

    /// The name in logs.
    public let serviceName = "courier"
    private let outbox: any OutboxStore
    private let desk: MessageDesk
    private let directory: any MessagingDirectory
    private let organizations: any OrganizationStore
    private let options: Options
    private let clock: any WallClock
    private let log: Log
    private let finishing: Finishing
    private let bell = Bell()
    private let isStopping = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        /// Behind which organisation the next look begins.
        var place: OrganizationID?
        /// Whether what was held has been looked at since the start.
        var isReleased = false
        /// Looks that failed, one after another, and how many rings are passed over because of it.
        var failures = 0
        var skips = 0

        mutating func fail() {
            failures += 1
            skips = min(1 << min(failures - 1, 5), 30) - 1
        }

        mutating func isToSkip() -> Bool {
            guard skips > 0 else { return false }
            skips -= 1
            return true
        }
    }

    /// - Parameters:
    ///   - desk: asks the rules.
    ///   - directory: the present ways out.
    ///   - organizations: tell the time zone of people without one of their own.
    ///   - finishing: asked of each message that is about to go.
    public init(
        outbox: any OutboxStore, desk: MessageDesk, directory: any MessagingDirectory,
        organizations: any OrganizationStore, options: Options = Options(), clock: any WallClock, log: Log,
        finishing: @escaping Finishing = { message, _ in message }
    ) {
        self.outbox = outbox
        self.desk = desk
        self.directory = directory
        self.organizations = organizations
        self.options = options
        self.clock = clock
        self.log = log
        self.finishing = finishing
    }

    /// Works until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [bell, options] in
                while (try? await Task.sleep(for: options.interval * Double.random(in: 0.9...1.1))) != nil {
                    bell.ring()
                }
            }
            bell.ring()
            for await _ in bell.rings {
                if isStopping.load(ordering: .relaxed) { break }
                await look()
            }
            group.cancelAll()
        }
    }

    /// Looks at once: something is due, or a way out is new.
    public func wake() { bell.ring() }

    /// Takes nothing more; what is on its way is ended.
    public func shutDown() {
        isStopping.store(true, ordering: .relaxed)
        bell.close()
    }

    /// Queues what was held for want of a way out that is there now: for the start, and after a reload.
    public func release() async throws {
        for organization in directory.configured {
            let scope = OrganizationScope(organization)
            let channels = directory.settings(in: scope).channels
            let count = try await outbox.release(Array(channels), in: scope)
            if count > 0 { log.info("messages released", ["organization": "\(organization)", "count": "\(count)"]) }
        }
    }

    /// Hands over until nothing is due.
    private func look() async {
        if state.withLock({ $0.isToSkip() }) { return }
        do {
            if !state.withLock(\.isReleased) {
                try await release()
                state.withLock { $0.isReleased = true }
            }
            while try await runOnce() > 0 {
                if isStopping.load(ordering: .relaxed) || Task.isCancelled { return }
            }
            state.withLock { $0.failures = 0 }
        } catch {
            state.withLock { $0.fail() }
            log.warning("the outbox was not looked at; a later look tries again", ["error": "\(error)"])
        }
    }

    /// Takes what is due, as many as go at one time, and hands all of it over. Returns how many.
    @discardableResult
    public func runOnce() async throws -> Int {
        let claims = try await outbox.claim(
            limit: options.width, lease: options.lease, after: state.withLock(\.place))
        if let last = claims.last { state.withLock { $0.place = last.organization } }
        await withTaskGroup(of: Void.self) { group in
            for claim in claims { group.addTask { [self] in await deliver(claim) } }
        }
        return claims.count
    }

    // MARK: One message

    private func deliver(_ claim: OutboxClaim) async {
        let outcome: OutboxOutcome
        do {
            outcome = try await attempt(claim)
        } catch {
            log.warning("a message was not tried", ["message": "\(claim.id)", "error": "\(error)"])
            outcome = .handedBack(until: clock.now() + 5, reason: nil)
        }
        do {
            // What became of it is written also where the process stops.
            try await withoutCancellation { [outbox] in try await outbox.record(outcome, of: claim) }
        } catch {
            // Its lease will end, and then a person looks at it: that is the truth where nothing can be written.
            log.error("what became of a message was not written", ["message": "\(claim.id)", "error": "\(error)"])
        }
    }

    private func attempt(_ claim: OutboxClaim) async throws -> OutboxOutcome {
        let scope = OrganizationScope(claim.organization)
        let message = try await outbox.message(claim.id, in: scope)
        let zone = try await organizations.organization(in: scope).timezone
        switch try await desk.verdict(on: message, zone: zone, at: clock.now(), in: scope) {
        case .go: break
        case .wait(let until, let reason): return .handedBack(until: until, reason: reason)
        case .hold(let reason): return .ended(.held, reason: reason)
        case .suppress(let reason): return .ended(.suppressed, reason: reason)
        }
        guard let transport = directory.transport(for: message.channel, in: scope) else {
            return .ended(.held, reason: "No way out is configured for \(message.channel.noun).")
        }
        guard let finished = try await finishing(message, scope) else {
            return .ended(.cancelled, reason: "It has become pointless: nobody can decide by it any more.")
        }
        FaultPoint.beforeDelivery.pass()
        let delivery = await transport.deliver(finished)
        FaultPoint.afterDelivery.pass()
        if case .refused(_, isOptOut: true) = delivery, let person = message.person {
            await note(optOut: person, of: message.channel, in: scope)
        }
        return OutboxRetry.outcome(of: delivery, attempt: claim.attempt, draw: Double.random(in: 0..<1))
    }

    /// The message is refused either way, so nothing is made of a failure but a line in the log.
    private func note(optOut person: MessagePerson, of channel: MessageChannel, in scope: OrganizationScope) async {
        do {
            try await desk.optOut([person], of: channel, at: clock.now(), in: scope)
        } catch {
            log.error("an opt-out was not noted", ["person": person.id, "error": "\(error)"])
        }
    }
}
