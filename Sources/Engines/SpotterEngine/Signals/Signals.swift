import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Tells all processes on one database, within milliseconds, that something may have changed.
///
/// What: `send(_:)` is passed on to the subscribers of every process, to those of this one at once and without the
/// channel. When: at most one notification every `pause`, with all that came together since the last. A signal is a
/// hint and may be lost; after an interruption of the channel subscribers are told that everything may have changed.
/// Whoever subscribes still looks by itself now and then.
public final class Signals: Service {
    /// The name in logs.
    public let serviceName = "signals"
    private struct State {
        var unsent = SignalSet()
        var subscriptions: [Int: SignalMailbox] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())
    private let channel: any SignalChannel
    private let pause: Duration
    private let log: Log
    /// Tells one's own notifications, which need not be heeded, from those of others.
    private let sender = UUID().uuidString
    private let unsent: AsyncStream<Void>
    private let unsentIsThere: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - channel: to the other processes.
    ///   - pause: between two notifications.
    public init(channel: any SignalChannel, pause: Duration = .milliseconds(5), log: Log) {
        self.channel = channel
        self.pause = pause
        self.log = log
        (unsent, unsentIsThere) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Passes a signal on. Returns at once, and never fails.
    ///
    /// Called after the transaction that it tells of: whoever looks must see the change.
    public func send(_ signal: Signal) {
        var set = SignalSet()
        set.insert(signal)
        deliver(set, isOwn: true)
        state.withLock { $0.unsent.insert(signal) }
        unsentIsThere.yield()
    }

    /// The signals of one kind until the reader lets go. What comes while the reader is busy is one element.
    ///
    /// - Parameter onlyFromOthers: leaves out those that were sent in this process.
    public func subscribe(to kind: Signal.Kind, onlyFromOthers: Bool = false) -> SignalSubscription {
        let mailbox = SignalMailbox(kind, takesOwn: !onlyFromOthers)
        let number = state.withLock { state in
            state.lastNumber += 1
            state.subscriptions[state.lastNumber] = mailbox
            return state.lastNumber
        }
        mailbox.onEnd { [weak self] in self?.remove(number) }
        return SignalSubscription(mailbox)
    }

    /// Those who read now, in this process.
    public var subscribers: Int { state.withLock { $0.subscriptions.count } }

    /// Sends and listens until `shutDown()`; what was sent before it is still passed on.
    public func run() async throws {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { [self] in
                await passOn()
                return true
            }
            group.addTask { [self] in
                await listen()
                return false
            }
            // A channel that closes ends the listening alone.
            for await isOver in group where isOver { group.cancelAll() }
        }
    }

    /// Passes on what is there, and ends.
    public func shutDown() { unsentIsThere.finish() }

    // MARK: To the others

    private func passOn() async {
        var isFailing = false
        for await _ in unsent {
            await notify(&isFailing)
            try? await Task.sleep(for: pause)
        }
        await notify(&isFailing)
    }

    private func notify(_ isFailing: inout Bool) async {
        let set = state.withLock { state in
            defer { state.unsent = SignalSet() }
            return state.unsent
        }
        guard !set.isEmpty else { return }
        do {
            try await channel.notify(SignalPayload(sender: sender, signals: set).text)
            isFailing = false
        } catch {
            // Not sent again: everybody looks by itself before long. Told once, not with every attempt.
            if !isFailing, !(error is CancellationError) {
                log.warning("signals do not reach other processes", ["error": String(reflecting: error)])
            }
            isFailing = true
        }
    }

    // MARK: From the others

    private func listen() async {
        for await text in channel.listen() {
            guard !text.isEmpty else {
                deliver(.everything, isOwn: false)
                continue
            }
            let payload = SignalPayload(text)
            if payload.sender != sender { deliver(payload.signals, isOwn: false) }
        }
    }

    private func deliver(_ set: SignalSet, isOwn: Bool) {
        let mailboxes = state.withLock { Array($0.subscriptions.values) }
        for mailbox in mailboxes where mailbox.takesOwn || !isOwn { mailbox.put(set) }
    }

    private func remove(_ number: Int) {
        _ = state.withLock { $0.subscriptions.removeValue(forKey: number) }
    }
}
