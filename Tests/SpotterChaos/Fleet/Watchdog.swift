import Foundation
import SpotterDomain

/// A small shell that outlives this process and ends by their numbers what it has started, should it be gone before.
///
/// It waits for the end of its input, which even SIGKILL of this process brings about.
final class Watchdog: Sendable {
    private static let script = """
        trap '' INT TERM HUP
        read -r _
        while read -r process; do
            if [ "$(readlink "/proc/$process/exe")" = "$2" ]; then kill -KILL "$process"; fi
        done < "$1"
        """

    private let list: String
    private let lifeline: FileHandle

    /// - Parameters:
    ///   - list: the file of numbers, made anew.
    ///   - binary: what those that are ended must be running, for numbers are given again.
    init(list: String, binary: String) throws {
        self.list = list
        guard FileManager.default.createFile(atPath: list, contents: nil) else {
            throw SpotterError(.unavailable, "\(list) cannot be written.")
        }
        let pipe = Pipe()
        // Inherited by another child, this end would outlive the process.
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", Self.script, "sh", list, binary]
        shell.standardInput = pipe
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        lifeline = pipe.fileHandleForWriting
    }

    /// Puts a process into its care.
    func add(_ process: Int32) throws {
        guard let file = FileHandle(forWritingAtPath: list) else { return }
        try file.seekToEnd()
        try file.write(contentsOf: Data("\(process)\n".utf8))
        try file.close()
    }
}
