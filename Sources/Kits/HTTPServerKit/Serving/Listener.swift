import EventLoopKit
import Foundation
import ServiceKit

/// A listening socket on a loop. It accepts what waits, and steps back when the process has no descriptor left.
final class Listener {
    struct Accepted {
        var fileDescriptor: Int32
        var address: String
    }

    /// The outcome of one `accept`: a connection, or `errno`.
    typealias Accept = @Sendable (_ fileDescriptor: Int32) -> Result<Accepted, Errno>

    struct Errno: Error { var code: Int32 }

    /// Connections taken in one turn, so that those already open get theirs.
    private static let batch = 64
    private static let firstPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(1)

    private let loop: EventLoop
    private let fileDescriptor: Int32
    private let accept: Accept
    private let log: Log
    private var watcher: FileDescriptorWatcher?
    private var onAccept: ((Accepted) -> Void)?
    private var pauseTimer: LoopTimer?
    private var pause = Listener.firstPause
    private var isOpen = true

    /// - Parameter accept: replaced by tests.
    init(
        loop: EventLoop, fileDescriptor: Int32, log: Log, accept: @escaping Accept = Listener.systemAccept
    ) {
        self.loop = loop
        self.fileDescriptor = fileDescriptor
        self.log = log
        self.accept = accept
    }

    deinit { closeSocket() }

    func start(_ onAccept: @escaping (Accepted) -> Void) {
        self.onAccept = onAccept
        watcher = FileDescriptorWatcher(loop: loop, fileDescriptor: fileDescriptor) { [unowned self] _ in
            acceptWaiting(atMost: Self.batch)
        }
        watcher?.watch(for: .read)
    }

    /// Takes what waits already, since closing would reset it, and closes.
    func stop() {
        if onAccept != nil { acceptWaiting(atMost: 4096) }
        watcher?.cancel()
        watcher = nil
        pauseTimer?.cancel()
        onAccept = nil
        closeSocket()
    }

    private func acceptWaiting(atMost count: Int) {
        for _ in 0..<count {
            switch accept(fileDescriptor) {
            case .success(let accepted):
                pause = Self.firstPause
                onAccept?(accepted)
            case .failure(let error):
                switch error.code {
                case EAGAIN: return
                case ECONNABORTED, EINTR, EPROTO, EPERM: continue
                default: return stepBack(error.code)
                }
            }
        }
    }

    /// Out of descriptors or memory: the socket stays readable, so watching on would spin.
    private func stepBack(_ code: Int32) {
        guard watcher != nil else { return }
        if pause == Self.firstPause {
            log.warning("cannot accept connections; waiting", ["reason": String(cString: strerror(code))])
        }
        watcher?.watch(for: [])
        let resume = { [unowned self] in
            watcher?.watch(for: .read)
            return
        }
        if let pauseTimer {
            pauseTimer.restart(after: pause)
        } else {
            pauseTimer = loop.schedule(after: pause, resume)
        }
        pause = min(pause * 2, Self.longestPause)
    }

    private func closeSocket() {
        guard isOpen else { return }
        isOpen = false
        close(fileDescriptor)
    }

    static let systemAccept: Accept = { listener in
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.accept(listener, $0, &length) }
        }
        guard descriptor >= 0 else { return .failure(Errno(code: errno)) }
        // accept4 would do it in one call, but the headers hide it from Swift.
        guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            let code = errno
            close(descriptor)
            return .failure(Errno(code: code))
        }
        return .success(Accepted(fileDescriptor: descriptor, address: SocketAddress.text(storage)))
    }
}
