import Foundation

/// The server process that `postmaster.pid` names.
struct Postmaster {
    let processID: pid_t
    let socketDirectory: String
    private let data: String

    /// Nil when there is no such file, or none that makes sense.
    ///
    /// The file's lines: process id, data folder, start time, port, socket folder, … (`pidfile.h`).
    init?(folders: ClusterFolders) {
        guard let text = try? String(contentsOfFile: folders.processIDFile, encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let processID = pid_t(first), processID > 1 else { return nil }
        self.processID = processID
        socketDirectory = lines.count > 4 && !lines[4].isEmpty ? String(lines[4]) : folders.socketDirectory
        data = folders.data
    }

    /// Whether that process still is this cluster's server, and not another that was given its number later.
    var isAlive: Bool {
        guard kill(processID, 0) == 0 || errno == EPERM else { return false }
        // A server works in its data folder.
        guard let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(processID)/cwd")
        else { return false }
        let resolved = URL(filePath: data).resolvingSymlinksInPath().path(percentEncoded: false)
        return directory == data || directory == resolved
    }
}

/// An advisory lock on a file, let go of when the process ends however it ends.
struct FileLock {
    private let fileDescriptor: Int32

    /// Waits until the lock is free.
    init(path: String) throws {
        fileDescriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard fileDescriptor >= 0 else { throw ClusterError("\(path) cannot be opened") }
        while flock(fileDescriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    /// Takes the lock if nobody has it; nil where somebody does, or it cannot be taken at all.
    init?(ifFree path: String) {
        fileDescriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard fileDescriptor >= 0 else { return nil }
        guard flock(fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(fileDescriptor)
            return nil
        }
    }

    func unlock() { close(fileDescriptor) }
}
