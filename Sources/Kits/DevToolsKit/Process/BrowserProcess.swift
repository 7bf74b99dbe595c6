import Foundation

/// A headless Chromium as a child, spoken to over two sockets that it finds as its file descriptors 3 and 4
/// (`--remote-debugging-pipe`): no port is opened that others could use.
///
/// It is the head of a session of its own, knows nothing of this process's environment and files, and ends by itself when
/// this process does, because its end of the sockets then closes.
struct BrowserProcess: Sendable {
    let processID: pid_t
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
            processID = try Self.spawn(
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
        kill(-processID, SIGKILL)
        kill(processID, SIGKILL)
    }

    /// Waits for the end: to be called once, on a thread that may wait.
    func reap() {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
    }

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

    private static func spawn(
        _ arguments: [String], home: String, commands: Int32, answers: Int32
    ) throws(DevToolsError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, commands, 3)
        posix_spawn_file_actions_adddup2(&actions, answers, 4)
        // What this process has open (sockets, locks) is not the child's.
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for number in open.compactMap({ Int32($0) }) where number > 4 {
            posix_spawn_file_actions_addclose(&actions, number)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        var allSignals = sigset_t()
        sigfillset(&allSignals)
        posix_spawnattr_setsigdefault(&attributes, &allSignals)
        // 0x80 is `POSIX_SPAWN_SETSID` of glibc's `<spawn.h>`, which Swift's view of the header leaves out.
        posix_spawnattr_setflags(
            &attributes, Int16(0x80 | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)))

        let environment = [
            "HOME=\(home)", "TMPDIR=\(home)", "XDG_CONFIG_HOME=\(home)", "XDG_CACHE_HOME=\(home)", "LC_ALL=C.UTF-8",
            "PATH=/usr/local/bin:/usr/bin:/bin",
        ]
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, arguments[0], &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw .notStarted("\(arguments[0]): \(String(cString: strerror(code)))") }
        return child
    }
}
