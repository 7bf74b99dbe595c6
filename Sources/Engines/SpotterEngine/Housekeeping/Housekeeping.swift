import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Throws away what has had its time: receipts of requests with an `Idempotency-Key`, a day after the request.
///
/// It looks every hour, give or take a tenth, and a few minutes after the start; each process does so for itself, and
/// those that meet do no harm. It goes round the organisations one batch each, so that none waits for another's
/// hundred thousand, and an organisation that fails is tried again the next hour.
public final class Housekeeping: Service {
    /// The name in logs.
    public let serviceName = "housekeeping"
    private let organizations: any OrganizationStore
    private let receipts: any ReceiptStore
    private let clock: any WallClock
    private let log: Log
    private let batch: Int
    private let interval: Duration
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - batch: how many receipts go in one transaction.
    ///   - interval: between two rounds.
    public init(
        organizations: any OrganizationStore, receipts: any ReceiptStore, clock: any WallClock, log: Log,
        batch: Int = 1_000, interval: Duration = .seconds(3_600)
    ) {
        self.organizations = organizations
        self.receipts = receipts
        self.clock = clock
        self.log = log
        self.batch = batch
        self.interval = interval
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// Works until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await keepHouse() }
            group.addTask { [stopped] in for await _ in stopped {} }
            // A stop, or the cancellation of both, ends the other.
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the work after the batch that is under way.
    public func shutDown() { stop.finish() }

    private func keepHouse() async {
        // Processes that were started together do not all come at once.
        var pause = interval * Double.random(in: 0.01...0.1)
        while (try? await Task.sleep(for: pause)) != nil {
            do {
                let count = try await runOnce()
                if count > 0 { log.info("forgot old receipts", ["count": "\(count)"]) }
            } catch  where !(error is CancellationError) {
                log.warning("housekeeping failed; the next round tries again", ["error": String(reflecting: error)])
            } catch {}
            pause = interval * Double.random(in: 0.9...1.1)
        }
    }

    /// One round over all organisations. Returns how many receipts are gone.
    ///
    /// - Throws: the first failure, after every other organisation had its turn; `CancellationError` at once.
    @discardableResult
    public func runOnce() async throws -> Int {
        let end = clock.now() - Receipt.lifetime
        var waiting = try await organizations.ids()
        var count = 0
        var failure: (any Error)?
        while !waiting.isEmpty {
            var unfinished: [OrganizationID] = []
            for organization in waiting {
                try Task.checkCancellation()
                do {
                    let forgotten = try await receipts.forget(
                        before: end, limit: batch, in: OrganizationScope(organization))
                    count += forgotten
                    if forgotten == batch { unfinished.append(organization) }
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    failure = failure ?? error
                }
            }
            waiting = unfinished
        }
        if let failure { throw failure }
        return count
    }
}
