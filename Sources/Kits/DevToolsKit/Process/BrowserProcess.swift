import Foundation
import ServiceKit

/// A headless Chromium as a child, spoken to over two sockets that it finds as its file descriptors 3 and 4
/// (`--remote-debugging-pipe`): no port is opened that others could use.
///
/// It is the head of a session of its own, knows nothing of this process's environment and files, and ends by itself when
/// this process does, because its end of the sockets then closes.
struct BrowserProcess: Sendable {
    private let child: Subprocess
    var processID: pid_t { child.processID }
    /// This side's ends.
    let reading: Int32
    let writing: Int32

    /// - Parameters:
    ///   - program: a path.
    ///   - home: an empty folder that the child may fill.
    init(program: String, arguments: [String], home: String) throws(DevToolsError) {
        let toChild = try Self.pair()
        let fromChild: (own: Int32, other: Int32)
        do throws(DevToolsError) { fromChild = try Self.pair() } catch {
            close(toChild.own)
            close(toChild.other)
            throw error
        }
        defer {
            close(toChild.other)
            close(fromChild.other)
        }
        do throws(DevToolsError) {
            child = try Self.start(
                [program] + arguments, home: home, commands: toChild.other, answers: fromChild.other)
        } catch {
            close(toChild.own)
            close(fromChild.own)
            throw error
        }
        reading = fromChild.own
        writing = toChild.own
    }

    /// Ends the browser and everything that it has started. Its profile is thrown away, so nothing is lost.
    func end() {
        kill(-child.processID, SIGKILL)
        kill(child.processID, SIGKILL)
    }

    /// Waits for the end: to be called once, on a thread that may wait.
    func reap() { _ = child.wait() }

    /// A pair of connected sockets with numbers above those that the child wants.
    private static func pair() throws(DevToolsError) -> (own: Int32, other: Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .notStarted("no socket could be made: \(String(cString: strerror(errno)))")
        }
        let moved = ends.map { fcntl($0, F_DUPFD_CLOEXEC, 16) }
        for end in ends { close(end) }
        guard moved.allSatisfy({ $0 >= 0 }) else {
            for end in moved where end >= 0 { close(end) }
            throw .notStarted("too many files are open")
        }
        return (moved[0], moved[1])
    }

    private static func start(
        _ arguments: [String], home: String, commands: Int32, answers: Int32
    ) throws(DevToolsError) -> Subprocess {
        let environment = [
            "HOME": home, "TMPDIR": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home, "LC_ALL": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        ]
        do {
            return try Subprocess(arguments, environment: environment, passed: [commands, answers])
        } catch {
            throw .notStarted("\(arguments[0]): \((error as? Subprocess.Failure)?.reason ?? "\(error)")")
        }
    }
}
