import Foundation

/// A program run as a child, in a session of its own so that the terminal's Ctrl-C does not reach it.
struct Subprocess {
    /// Where the child's output goes.
    enum Output {
        case discarded
        /// Appended to a file, made with mode 0600.
        case file(String)
    }

    /// How a child came out.
    struct Failure: Error {
        let program: String
        let reason: String
    }

    let processID: pid_t

    /// Starts `arguments[0]`, which is a path.
    ///
    /// - Parameters:
    ///   - environment: the child's whole environment.
    ///   - input: what the child reads; nothing by default.
    init(
        _ arguments: [String], environment: [String: String] = Subprocess.inherited, input: Int32? = nil,
        output: Output = .discarded
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        switch output {
        case .discarded: posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // What this process has open (sockets, locks) is not the child's.
        for fileDescriptor in Self.openFileDescriptors where fileDescriptor > STDERR_FILENO {
            posix_spawn_file_actions_addclose(&actions, fileDescriptor)
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

    private static var openFileDescriptors: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) }
    }

    /// Waits for the end; returns the exit status, or 128 plus the signal that ended it.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        return Self.exitCode(status)
    }

    /// The exit status if the child has ended.
    func poll() -> Int32? {
        var status: Int32 = 0
        return waitpid(processID, &status, WNOHANG) == processID ? Self.exitCode(status) : nil
    }

    private static func exitCode(_ status: Int32) -> Int32 {
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    /// What the children of this kit may know of this process's environment: no secrets, no settings of clients.
    static var inherited: [String: String] {
        let names: Set<String> = ["PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH"]
        return ProcessInfo.processInfo.environment.filter { names.contains($0.key) }.merging(["LC_ALL": "C.UTF-8"]) {
            _, new in new
        }
    }
}
