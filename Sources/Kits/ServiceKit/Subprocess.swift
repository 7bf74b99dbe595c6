public import Foundation

/// A program run as a child, in a session of its own so that the terminal's Ctrl-C does not reach it.
///
/// Not Foundation's `Process`: on Linux that reads behind its buffer, and now and then crashes, where more than a
/// thousand files are open.
public struct Subprocess: Sendable {
    /// Where what the child writes goes.
    public enum Output: Sendable {
        /// Nowhere.
        case discarded
        /// Appended to a file, made with mode 0600.
        case file(String)
        /// To a file that is open here; it stays open.
        case descriptor(Int32)
    }

    /// A child could not be started.
    public struct Failure: Error {
        /// Its path.
        public let program: String
        /// The system's words.
        public let reason: String
    }

    /// The child's number, which is its own until `wait` or `poll` has given its end.
    public let processID: pid_t

    /// Starts `arguments[0]`, which is a path.
    ///
    /// - Parameters:
    ///   - environment: the child's whole environment.
    ///   - input: what the child reads; nothing by default.
    ///   - output: where its standard output goes.
    ///   - errors: where its standard error goes; with the output by default.
    ///   - passed: files that are open here, under numbers above those that they get: the child finds them as its 3, 4 and
    ///     so on, and no others.
    /// - Throws: `Failure`.
    public init(
        _ arguments: [String], environment: [String: String] = Subprocess.inherited, input: Int32? = nil,
        output: Output = .discarded, errors: Output? = nil, passed: [Int32] = []
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        Self.add(output, as: STDOUT_FILENO, to: &actions)
        if let errors {
            Self.add(errors, as: STDERR_FILENO, to: &actions)
        } else {
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }
        let places = STDERR_FILENO + 1..<STDERR_FILENO + 1 + Int32(passed.count)
        for (file, place) in zip(passed, places) { posix_spawn_file_actions_adddup2(&actions, file, place) }
        // What this process has open (sockets, locks) is not the child's.
        for descriptor in Self.openDescriptors where !places.contains(descriptor) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
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
        posix_spawnattr_setflags(
            &attributes, Int16(Self.ownSession | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)))

        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, arguments[0], &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw Failure(program: arguments[0], reason: String(cString: strerror(code))) }
        processID = child
    }

    /// `POSIX_SPAWN_SETSID` of glibc's `<spawn.h>`, which Swift's view of the header leaves out.
    private static let ownSession: Int32 = 0x80

    /// All above standard error. By the size of the kernel's table, for reading folders is what `Process` does wrong.
    private static var openDescriptors: [Int32] {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("FDSize:") }
        let size = line.flatMap { Int32($0.dropFirst(7).trimmingCharacters(in: .whitespaces)) } ?? 65_536
        return (STDERR_FILENO + 1..<max(size, 4)).filter { fcntl($0, F_GETFD) >= 0 }
    }

    private static func add(_ output: Output, as descriptor: Int32, to actions: inout posix_spawn_file_actions_t) {
        switch output {
        case .discarded: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        case .descriptor(let open): posix_spawn_file_actions_adddup2(&actions, open, descriptor)
        }
    }

    /// Waits for the end, for which it blocks; returns the exit status, or 128 plus the signal that ended it. Once.
    public func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        return Self.exitCode(status)
    }

    /// The exit status if the child has ended. Once.
    public func poll() -> Int32? {
        var status: Int32 = 0
        return waitpid(processID, &status, WNOHANG) == processID ? Self.exitCode(status) : nil
    }

    private static func exitCode(_ status: Int32) -> Int32 {
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    /// What children may know of this process's environment by default: no secrets, no settings of clients.
    public static var inherited: [String: String] {
        let names: Set<String> = ["PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH"]
        return ProcessInfo.processInfo.environment.filter { names.contains($0.key) }.merging(["LC_ALL": "C.UTF-8"]) {
            _, new in new
        }
    }
}
