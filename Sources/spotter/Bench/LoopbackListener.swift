import EventLoopKit
import Foundation
import Glibc
import SpotterDomain

/// Accepts connections on a port of 127.0.0.1 that the system chooses. Belongs to its loop's thread.
final class LoopbackListener {
    private let loop: EventLoop
    private let onAccept: (Int32) -> Void
    private var descriptor: Int32 = -1
    private var watcher: FileDescriptorWatcher?

    /// - Parameter onAccept: gets each connection's descriptor, which does not block and is to be closed.
    init(loop: EventLoop, onAccept: @escaping (Int32) -> Void) {
        self.loop = loop
        self.onAccept = onAccept
    }

    /// Begins to accept; returns the port.
    func bind() throws -> Int {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, length) + listen(descriptor, 4_096) + getsockname(descriptor, $0, &length)
            }
        }
        guard descriptor >= 0, failed == 0 else {
            throw SpotterError(.unavailable, "The benchmark's model cannot listen on 127.0.0.1.")
        }
        watcher = FileDescriptorWatcher(loop: loop, fileDescriptor: descriptor) { [unowned self] _ in accept() }
        watcher?.watch(for: .read)
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    func close() {
        watcher?.cancel()
        watcher = nil
        Foundation.close(descriptor)
    }

    private func accept() {
        while true {
            let accepted = Glibc.accept(descriptor, nil, nil)
            guard accepted >= 0 else { return }
            _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
            var yes: Int32 = 1
            setsockopt(accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
            onAccept(accepted)
        }
    }
}
