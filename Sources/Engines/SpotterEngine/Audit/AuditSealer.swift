public import ServiceKit
public import SpotterDomain

/// Gives entries of the audit log their places and hashes, some moments after they were written, and signs the heads of
/// chains from time to time.
///
/// Every process runs one. A chain is sealed by one at a time; who finds it taken goes on to the next. Writes never wait
/// for any of it.
public final class AuditSealer: Service {
    /// For logs.
    public let serviceName = "audit-sealer"
    private let chain: any AuditChainStore
    private let signer: any AuditCheckpointSigner
    private let clock: any WallClock
    private let log: Log
    private let options: Options
    private let other: @Sendable () async throws -> Void
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    /// How it works.
    public struct Options: Sendable {
        /// Between two rounds.
        public var interval: Duration = .seconds(2)
        /// How many entries are sealed in one transaction.
        public var batch = 500
        /// After so many further entries a checkpoint is signed.
        public var checkpointEvery: Int64 = 1_000

        /// The usual.
        public init() {}
    }

    /// - Parameter other: what else the log is to be told at each round.
    public init(
        chain: any AuditChainStore, signer: any AuditCheckpointSigner, options: Options = Options(),
        clock: any WallClock, log: Log, other: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.chain = chain
        self.signer = signer
        self.options = options
        self.clock = clock
        self.log = log
        self.other = other
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// Works until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await work() }
            group.addTask { [stopped] in for await _ in stopped {} }
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the work after the batch that is under way.
    public func shutDown() { stop.finish() }

    private func work() async {
        var pause = options.interval * Double.random(in: 0.1...1)
        while (try? await Task.sleep(for: pause)) != nil {
            do { try await runOnce() } catch  where !(error is CancellationError) {
                log.warning("sealing the audit log failed; it is tried again", ["error": String(reflecting: error)])
            } catch {}
            pause = options.interval * Double.random(in: 0.9...1.1)
        }
    }

    /// One round over the organisations that have something to seal. Returns how many entries were sealed.
    @discardableResult
    public func runOnce() async throws -> Int {
        try await other()
        var count = 0
        for organization in try await chain.organizationsToSeal() {
            count += try await seal(OrganizationScope(organization))
        }
        return count
    }

    /// Seals what one organisation has.
    @discardableResult
    public func seal(_ scope: OrganizationScope) async throws -> Int {
        let before = try await chain.head(in: scope).position
        var (count, sealed) = (0, 0)
        repeat {
            try Task.checkCancellation()
            sealed = try await chain.seal(limit: options.batch, in: scope)
            count += sealed
        } while sealed == options.batch
        let (every, after) = (options.checkpointEvery, before + Int64(count))
        // The first entries are worth one, too: from then on the beginning stands.
        if count > 0, before == 0 || before / every != after / every { _ = try await checkpoint(scope) }
        return count
    }

    /// Signs the head of the chain and keeps the checkpoint. Returns its text; nil where nothing is sealed yet.
    public func checkpoint(_ scope: OrganizationScope) async throws -> String? {
        let head = try await chain.head(in: scope)
        guard head.position > 0 else { return nil }
        let text = try signer.text(for: AuditCheckpoint(head, of: scope.organization, at: clock.now()))
        try await chain.keep(text, position: head.position, in: scope)
        return text
    }
}
