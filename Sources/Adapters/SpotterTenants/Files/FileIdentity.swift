import Foundation

/// What tells that a file is still the same and untouched: which one it is, its size, and when it last changed.
struct FileIdentity: Equatable {
    let isRegular: Bool
    /// In bytes.
    let size: Int
    /// Permission bits.
    let mode: UInt32
    private let device: UInt64
    private let inode: UInt64
    private let modified: [Int]

    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Follows symbolic links.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        isRegular = status.st_mode & S_IFMT == S_IFREG
        size = Int(status.st_size)
        mode = UInt32(status.st_mode & 0o7777)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        // The time of the last change of status, too: writing cannot set it back.
        modified = [
            Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec), Int(status.st_ctim.tv_sec),
            Int(status.st_ctim.tv_nsec),
        ]
    }
}
