public import ServiceKit
public import SpotterDomain
import Synchronization

/// The secrets of all organisations, opened and at hand: whoever needs one asks without waiting.
///
/// What: keeps every stored secret in memory, and hides each from the log. When: reads all of them at the start and on
/// `load(requiringKeys:)`; about every two seconds it asks, in one question for all organisations, whose secrets have
/// changed, and reads those. That is the only way it learns of a change: a hint would have to be made good by looking
/// anyway, and two seconds are soon enough. The ring of keys is read again whenever a secret does not open with the keys
/// that are known, so that a new key need not be announced.
///
/// A secret that cannot be opened is told of in the log, and an error to whoever asks for it: a key that somebody stored
/// is not silently replaced by another one. All others are served as ever. While the database cannot be reached, what is
/// at hand stays so.
public final class SecretCabinet: Service {
    /// The name in logs.
    public let serviceName = "secrets"
    private let store: any SecretStore
    private let keys: any SecretKeys
    private let log: Log
    private let interval: Duration
    private let state = Mutex(State())
    /// One look at a time: an older one must not undo a newer.
    private let turnstile = Turnstile(places: 1)
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    private struct State {
        var drawers = SecretDrawers()
        var sealer: (any SecretSealer)?
        var mark: SecretMark?
        /// Those whose secrets have changed and could not be read.
        var unread: Set<OrganizationID> = []
    }

    /// Organisations that are read at one time.
    private static let width = 8

    /// - Parameter interval: between two looks.
    public init(
        store: any SecretStore, keys: any SecretKeys, log: Log, interval: Duration = .seconds(2)
    ) {
        self.store = store
        self.keys = keys
        self.log = log
        self.interval = interval
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// The secret, or nil where none is stored. Never waits.
    ///
    /// - Throws: `unavailable` where one is stored and cannot be opened or read now.
    public func value(of name: SecretName, in scope: OrganizationScope) throws -> SecretValue? {
        let (entry, isUnread) = state.withLock { state in
            (
                state.drawers.entry(name, of: scope.organization),
                state.unread.contains(scope.organization)
            )
        }
        switch entry?.content {
        case .open(let value): return value
        case .closed:
            throw SpotterError(
                .unavailable,
                "The secret \(name) that is stored for this organisation cannot be opened. The server's "
                    + "log says why.")
        case nil where isUnread:
            throw SpotterError(.unavailable, "The secrets of this organisation could not be read yet.", retryAfter: 5)
        case nil: return nil
        }
    }

    // MARK: Looking

    /// Looks until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await keepLooking() }
            group.addTask { [stopped] in for await _ in stopped {} }
            // A stop, or the cancellation of both, ends the other.
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the looking.
    public func shutDown() { stop.finish() }

    /// Reads the keys and all secrets anew.
    ///
    /// - Parameter requiringKeys: whether a ring that cannot be read is an error, and everything stays as it was.
    ///   Otherwise the log tells of it, and what cannot be opened waits for a better ring.
    public func load(requiringKeys: Bool) async throws {
        try await turnstile.enter()
        defer { turnstile.leave() }
        do {
            let sealer = try keys.sealer()
            state.withLock { $0.sealer = sealer }
        } catch  where !requiringKeys {
            log.error("the sealing keys cannot be read", ["error": "\(error)"])
        }
        try await look(since: nil)
    }

    /// Reads what has changed since the last look; a look that `run()` makes by itself.
    public func lookOnce() async throws {
        try await turnstile.enter()
        defer { turnstile.leave() }
        try await look(since: state.withLock(\.mark))
    }

    private func keepLooking() async {
        var isFailing = false
        while (try? await Task.sleep(for: interval * Double.random(in: 0.9...1.1))) != nil {
            do {
                try await lookOnce()
                isFailing = false
            } catch {
                // Told once, not with every attempt.
                if !isFailing, !(error is CancellationError) {
                    log.warning("changed secrets cannot be read", ["error": String(reflecting: error)])
                }
                isFailing = true
            }
        }
    }

    private func look(since mark: SecretMark?) async throws {
        let changes = try await store.changes(since: mark)
        let unread = state.withLock(\.unread)
        let (read, failed) = await read(Set(changes.organizations).union(unread))
        if mark == nil { state.withLock { $0.drawers.forget(allBut: Set(changes.organizations)) } }
        open(read)
        state.withLock { state in
            state.unread = failed
            state.mark = changes.mark
        }
        try Task.checkCancellation()
    }

    /// The secrets of each organisation, and those whose could not be read.
    private func read(
        _ wanted: Set<OrganizationID>
    ) async -> (read: [OrganizationID: [SealedSecret]], failed: Set<OrganizationID>) {
        var read: [OrganizationID: [SealedSecret]] = [:]
        await withTaskGroup(of: (OrganizationID, [SealedSecret])?.self) { group in
            var waiting = wanted.makeIterator()
            for _ in 0..<Self.width { if let id = waiting.next() { group.addTask { [self] in await fetch(id) } } }
            for await found in group {
                if let (id, secrets) = found { read[id] = secrets }
                if let id = waiting.next() { group.addTask { [self] in await fetch(id) } }
            }
        }
        return (read, wanted.subtracting(read.keys))
    }

    private func fetch(_ id: OrganizationID) async -> (OrganizationID, [SealedSecret])? {
        do {
            return (id, try await store.secrets(in: OrganizationScope(id)))
        } catch {
            if !(error is CancellationError) {
                log.warning("secrets not read", ["organization": "\(id)", "error": String(reflecting: error)])
            }
            return nil
        }
    }

    // MARK: Opening

    /// Opens what was read, and tries again what did not open before.
    private func open(_ read: [OrganizationID: [SealedSecret]]) {
        var (drawers, sealer) = state.withLock { ($0.drawers, $0.sealer) }
        let wanted = drawers.closed.merging(read) { _, read in read }
        guard !wanted.isEmpty else { return }
        var fresh = drawers
        fresh.fill(wanted, with: sealer)
        if fresh.lacksKeys(of: wanted.keys) {
            do {
                sealer = try keys.sealer() ?? sealer
                fresh = drawers
                fresh.fill(wanted, with: sealer)
            } catch {
                // While something does not open, this comes with every look; the log is told once of each secret.
                log.debug("the sealing keys cannot be read", ["error": "\(error)"])
            }
        }
        for id in wanted.keys { tell(of: id, before: drawers, now: fresh) }
        drawers = fresh
        state.withLock { state in
            state.drawers = drawers
            state.sealer = sealer
        }
    }

    /// Hides what is open from the log; says what is not, once.
    private func tell(of id: OrganizationID, before: SecretDrawers, now: SecretDrawers) {
        for (name, entry) in now.entries(of: id) {
            if case .open(let value) = entry.content { log.redact(value.text) }
            guard let fault = entry.fault, before.entry(name, of: id) != entry else { continue }
            let isServed = entry.isOpen
            log.warning(
                isServed ? "a secret would not open after a restart" : "a secret cannot be opened",
                ["organization": "\(id)", "secret": "\(name)", "problem": fault.description])
        }
    }
}
