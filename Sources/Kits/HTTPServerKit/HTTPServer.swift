public import EventLoopKit
import Foundation
public import ServiceKit
import Synchronization

/// An HTTP/1.1 server: on every loop a listening socket of its own, with the connections accepted from it.
///
/// What: parses strictly, answers by way of an `HTTPResponder` whose calls run on the connection's loop, so that a
/// database connection of the same loop needs no lock. Stops gracefully: `shutDown()` takes nothing new, lets requests
/// end within `drainGrace`, then cancels them.
public final class HTTPServer: Service {
    private struct State {
        var servers: [LoopServer] = []
        var port = 0
        var isBound = false
        var isStopping = false
        var undrained = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// How the service is called in logs.
    public let serviceName = "http"

    private let configuration: HTTPServerConfiguration
    private let loops: EventLoopGroup
    private let responder: any HTTPResponder
    private let log: Log
    private let state = Mutex(State())

    /// - Parameters:
    ///   - loops: each gets a listening socket of its own; they must outlive the server.
    ///   - responder: answers the requests.
    public init(
        configuration: HTTPServerConfiguration, loops: EventLoopGroup, responder: any HTTPResponder, log: Log
    ) {
        self.configuration = configuration
        self.loops = loops
        self.responder = responder
        self.log = log
    }

    /// Opens the listening sockets; clients can connect from here on and are answered once `run()` is called.
    ///
    /// - Returns: the port, also where the configuration leaves the choice to the system.
    /// - Throws: `HTTPServerError` when the address, the port or the TLS files cannot be used.
    @discardableResult
    public func bind() throws -> Int {
        try state.withLock { state in
            guard !state.isBound else { return state.port }
            let tls = try configuration.tls.map(TLSContext.init)
            var sockets: [Int32] = []
            var port = configuration.port
            do {
                for _ in loops.loops {
                    let socket = try SocketAddress.listen(
                        host: configuration.host, port: port, isFirst: sockets.isEmpty)
                    sockets.append(socket.fileDescriptor)
                    port = socket.port
                }
            } catch {
                for socket in sockets { close(socket) }
                throw error
            }
            let census = LoopServer.Census()
            state.servers = zip(loops.loops, sockets).map { loop, socket in
                LoopServer(
                    loop: loop, listeningSocket: socket, share: loops.loops.count, census: census, tls: tls,
                    configuration: configuration, responder: responder, log: log)
            }
            state.port = port
            state.isBound = true
            return port
        }
    }

    /// Serves until `shutDown()` is called and the last request has ended. Cancelling the task cancels the requests.
    public func run() async throws {
        let port = try bind()
        let servers = state.withLock { state in
            state.undrained = state.servers.count
            return state.servers
        }
        for server in servers { server.loop.execute { server.start() } }
        log.info("listening", ["host": configuration.host, "port": "\(port)"])
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isStopping = state.withLock { state in
                    state.waiter = continuation
                    return state.isStopping
                }
                if isStopping { drain(grace: configuration.drainGrace) }
            }
        } onCancel: {
            state.withLock { $0.isStopping = true }
            drain(grace: .zero)
        }
    }

    /// Takes nothing new and lets requests end; `run()` returns when the last one has.
    public func shutDown() {
        let isRunning = state.withLock { state in
            state.isStopping = true
            return state.waiter != nil
        }
        if isRunning { drain(grace: configuration.drainGrace) }
    }

    private func drain(grace: Duration) {
        for server in state.withLock(\.servers) {
            server.loop.execute { server.drain(grace: grace) { self.serverDrained() } }
        }
    }

    private func serverDrained() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.undrained -= 1
            guard state.undrained == 0 else { return nil }
            state.servers = []
            return state.waiter.take()
        }
        waiter?.resume()
    }
}
