import Foundation
import SpotterDomain

/// A file of keys that several processes share: readable by its owner only, and never seen half written.
struct KeyFile: Sendable {
    let path: String

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// - Throws: `SpotterError` that names the file.
    func read() throws -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw SpotterError(.invalid, "The key file \(path) cannot be read, or is not text.", cause: error)
        }
    }

    /// Puts `text` in the place of what was there. Written beside and renamed, and on the disk before this returns: a key
    /// that is lost takes with it what was done with it.
    func write(_ text: String) throws {
        let draft = path + ".new"
        try? FileManager.default.removeItem(atPath: draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.refusal(draft) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
        } catch {
            throw Self.refusal(draft)
        }
        guard rename(draft, path) == 0 else { throw Self.refusal(path) }
        FolderLock.synchronize(folder)
    }

    /// Keeps others from changing the file; readers do not ask for it. Makes the folder if there is none.
    ///
    /// - Parameter isExclusive: also keeps those away who only want it to stay as it is.
    func lock(isExclusive: Bool) throws -> FolderLock {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard let lock = FolderLock(folder, isExclusive: isExclusive) else { throw Self.refusal(folder) }
        return lock
    }

    private var folder: String {
        let folder = (path as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }

    private static func refusal(_ path: String) -> SpotterError {
        SpotterError(.unavailable, "The key file \(path) cannot be written: \(String(cString: strerror(errno))).")
    }
}

/// An advisory lock on a folder; it goes with the process, so that a crash leaves none behind.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Waits for the lock. Nil where the folder cannot be opened.
    init?(_ folder: String, isExclusive: Bool) {
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        while flock(descriptor, isExclusive ? LOCK_EX : LOCK_SH) != 0, errno == EINTR {}
    }

    deinit { close(descriptor) }

    /// Puts the folder's list of files on the disk.
    static func synchronize(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
