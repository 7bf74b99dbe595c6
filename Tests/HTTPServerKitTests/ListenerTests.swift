import EventLoopKit
import Foundation
import ServiceKit
import Synchronization
import Testing

@testable import HTTPServerKit

/// A socket that listens and is shared with nobody.
final class ListeningSocket {
    let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) + listen(descriptor, 16) + getsockname(descriptor, $0, &length)
            }
        }
        guard code == 0 else { throw RawClient.Failure.noConnection }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}

@Suite(.timeLimit(.minutes(5))) struct ListenerTests {
    @Test func `a server's loops share its port, and another server does not get in`() throws {
        let first = try SocketAddress.listen(host: "127.0.0.1", port: 0, isFirst: true)
        defer { close(first.fileDescriptor) }
        let second = try SocketAddress.listen(host: "127.0.0.1", port: first.port, isFirst: false)
        defer { close(second.fileDescriptor) }
        #expect(second.port == first.port)
        let error = #expect(throws: HTTPServerError.self) {
            try SocketAddress.listen(host: "127.0.0.1", port: first.port, isFirst: true)
        }
        #expect(error.map { "\($0)" }?.contains("\(first.port)") == true)
    }

    @Test func `without a descriptor left, accepting waits instead of spinning, and goes on later`() async throws {
        let loop = EventLoop()
        let calls = Counter()
        let accepted = Signal()
        let lines = Mutex<[String]>([])
        let log = Log(level: .warning) { line in lines.withLock { $0.append(line) } }
        let socket = try ListeningSocket()
        let listener = Listener(loop: loop, fileDescriptor: dup(socket.descriptor), log: log) { descriptor in
            calls.add() <= 3 ? .failure(.init(code: EMFILE)) : Listener.systemAccept(descriptor)
        }
        let start = ContinuousClock.now
        nonisolated(unsafe) let owned = listener
        loop.execute {
            owned.start { connection in
                close(connection.fileDescriptor)
                accepted.fire()
            }
        }
        let client = try await onThread { [port = socket.port] in Held(try RawClient(port: port)) }
        #expect(await accepted.wait())
        // Three pauses: 50, 100 and 200 ms. A spinning listener would be through at once.
        #expect(ContinuousClock.now - start >= .milliseconds(300))
        #expect(calls.value <= 5)
        #expect(lines.withLock(\.count) == 1, "told once, not at every try")
        withExtendedLifetime(client) {}
        await withCheckedContinuation { done in
            loop.execute {
                owned.stop()
                done.resume()
            }
        }
        loop.stop()
    }
}
