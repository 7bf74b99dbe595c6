import EventLoopKit
import Foundation
import ServiceKit
import Synchronization

/// One loop's share of a server: its listening socket and the connections accepted from it.
///
/// `@unchecked Sendable`: everything mutable is touched on the loop's own thread alone.
final class LoopServer: @unchecked Sendable {
    let loop: EventLoop
    let configuration: HTTPServerConfiguration
    let responder: any HTTPResponder
    /// Bytes are read into it and parsed at once; all connections of the loop share it.
    let readBuffer: UnsafeMutableRawBufferPointer
    var dateLine = DateLine()
    var heldBodyBytes = 0
    private(set) var isDraining = false

    /// Connections of this loop, those included that are on their way to it.
    fileprivate let population = Atomic<Int>(0)
    private let maximumHeldBodyBytes: Int
    private let census: Census
    private let tls: TLSContext?
    private let log: Log
    private var listener: Listener?
    private var connections: [HTTPConnection] = []
    private var dirty: [HTTPConnection] = []
    private var sweepTimer: LoopTimer?
    private var graceTimer: LoopTimer?
    private var onDrained: (@Sendable () -> Void)?

    /// How many connections all loops together have, and which loop has the fewest.
    final class Census: Sendable {
        let count = Atomic<Int>(0)
        private let servers = Mutex<[Weak]>([])

        private struct Weak { weak var server: LoopServer? }

        func enter(_ server: LoopServer) { servers.withLock { $0.append(Weak(server: server)) } }

        /// Whoever has at least two connections less than `server` has, else `server` itself.
        func leastBusy(besides server: LoopServer) -> LoopServer {
            let own = server.population.load(ordering: .relaxed)
            let others = servers.withLock { $0.compactMap(\.server) }
            let least = others.min { $0.population.load(ordering: .relaxed) < $1.population.load(ordering: .relaxed) }
            guard let least, least.population.load(ordering: .relaxed) + 1 < own else { return server }
            return least
        }
    }

    init(
        loop: EventLoop, listeningSocket: Int32, share: Int, census: Census, tls: TLSContext?,
        configuration: HTTPServerConfiguration, responder: any HTTPResponder, log: Log
    ) {
        self.loop = loop
        self.configuration = configuration
        self.responder = responder
        self.census = census
        self.tls = tls
        self.log = log
        maximumHeldBodyBytes = configuration.maximumHeldBodyBytes / max(share, 1)
        readBuffer = .allocate(byteCount: 65536, alignment: 16)
        listener = Listener(loop: loop, fileDescriptor: listeningSocket, log: log)
        census.enter(self)
    }

    deinit { readBuffer.deallocate() }

    var holdsTooMuch: Bool { heldBodyBytes > maximumHeldBodyBytes }

    /// Milliseconds of a clock that never goes back.
    func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Runs `work` at once on the loop's thread, or has it run there.
    func onLoop(_ work: @escaping @Sendable () -> Void) {
        if loop.isCurrent { work() } else { loop.execute(work) }
    }

    // MARK: Connections

    /// Begins to accept.
    func start() {
        listener?.start { [unowned self] accepted in place(accepted) }
    }

    /// The kernel deals connections out by a hash of their addresses, and so unevenly: one too many here goes to where
    /// there are fewer.
    private func place(_ accepted: Listener.Accepted) {
        guard census.count.add(1, ordering: .relaxed).newValue <= configuration.maximumConnections else {
            census.count.subtract(1, ordering: .relaxed)
            refuse(accepted)
            return
        }
        population.add(1, ordering: .relaxed)
        let server = census.leastBusy(besides: self)
        guard server !== self, !isDraining else { return add(accepted) }
        population.subtract(1, ordering: .relaxed)
        server.population.add(1, ordering: .relaxed)
        server.loop.execute { server.add(accepted) }
    }

    private func add(_ accepted: Listener.Accepted) {
        var session: OpaquePointer?
        if let tls { session = tls.session(fileDescriptor: accepted.fileDescriptor) }
        // One that was handed over may come after everything here has ended.
        guard tls == nil || session != nil, !isDraining || listener != nil else {
            leave()
            close(accepted.fileDescriptor)
            return
        }
        let socket = ConnectionSocket(fileDescriptor: accepted.fileDescriptor, tls: session)
        let connection = HTTPConnection(server: self, socket: socket, remoteAddress: accepted.address)
        connection.place = connections.count
        connections.append(connection)
        if connections.count == 1 { scheduleSweep() }
    }

    private func leave() {
        census.count.subtract(1, ordering: .relaxed)
        population.subtract(1, ordering: .relaxed)
    }

    /// Says why, if it can be said in the clear, and closes.
    private func refuse(_ accepted: Listener.Accepted) {
        let socket = ConnectionSocket(fileDescriptor: accepted.fileDescriptor)
        guard tls == nil else { return socket.close() }
        let response = responder.errorResponse(
            status: 503, detail: "The server has as many connections as it takes.", remoteAddress: accepted.address)
        guard case .bytes(let body) = response.body else { return socket.close() }
        var bytes: [UInt8] = []
        ResponseHead.append(
            response, framing: .length(body.count), persistence: .close, date: dateLine.current(), to: &bytes)
        bytes += body
        _ = bytes.withUnsafeBytes { socket.write($0, moreFollows: false) }
        socket.finishWriting()
        socket.close()
    }

    func remove(_ connection: HTTPConnection) {
        leave()
        let last = connections.removeLast()
        if last !== connection {
            last.place = connection.place
            connections[connection.place] = last
        }
        finishIfDrained()
    }

    // MARK: Once a turn

    func flushLater(_ connection: HTTPConnection) {
        dirty.append(connection)
        if dirty.count == 1 { loop.atEndOfTurn { [unowned self] in flushDirty() } }
    }

    private func flushDirty() {
        var batch: [HTTPConnection] = []
        swap(&batch, &dirty)
        for connection in batch { connection.flush() }
    }

    // MARK: Now and then

    private func scheduleSweep() {
        if let sweepTimer { return sweepTimer.restart(after: configuration.sweepInterval) }
        sweepTimer = loop.schedule(after: configuration.sweepInterval) { [unowned self] in sweep() }
    }

    private func sweep() {
        let now = now()
        for connection in connections { connection.sweep(now: now) }
        if !connections.isEmpty { scheduleSweep() }
    }

    // MARK: The end

    /// Takes nothing new, lets requests end, cancels them after `grace`; then calls `onDrained`, once.
    func drain(grace: Duration, onDrained: @escaping @Sendable () -> Void) {
        if isDraining {
            if grace == .zero { cancelHandlers() }
            return
        }
        isDraining = true
        self.onDrained = onDrained
        listener?.stop()
        listener = nil
        for connection in connections { connection.drain() }
        if connections.isEmpty { return finishIfDrained() }
        if grace == .zero { return cancelHandlers() }
        graceTimer = loop.schedule(after: grace) { [unowned self] in cancelHandlers() }
    }

    private func cancelHandlers() {
        if !connections.isEmpty {
            log.warning("cancelling requests that outlast the grace time", ["count": "\(connections.count)"])
        }
        graceTimer = loop.schedule(after: configuration.cancelGrace) { [unowned self] in
            for connection in connections { connection.close() }
        }
        for connection in connections { connection.cancelHandler() }
        finishIfDrained()
    }

    private func finishIfDrained() {
        guard isDraining, connections.isEmpty, let onDrained else { return }
        self.onDrained = nil
        graceTimer?.cancel()
        sweepTimer?.cancel()
        // Not inline: whoever hears of it may let go of this object.
        loop.execute { [self] in
            _ = self
            onDrained()
        }
    }
}

extension HTTPConnection {
    /// Looks at the deadlines.
    func sweep(now: Int64) {
        switch deadlines.verdict(now: now, bodyCount: parser.bodyCount, server.configuration) {
        case .fine: break
        case .close: return close()
        case .reset:
            socket.reset()
            return close()
        case .requestIsLate: return fail(HTTPParseError(408, "The request came too slowly."))
        }
        if phase == .webSocket { return sweepWebSocket(now: now) }
        if output.isEmpty, let due = stream.dueKeepAlive(now: now, since: deadlines.streamedAt) {
            _ = try? put(due.bytes, stream: due.stream)
        }
    }
}
