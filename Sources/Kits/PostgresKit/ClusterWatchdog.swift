import Foundation
import ServiceKit

/// A small shell that outlives this process to stop a temporary cluster and remove its folders.
///
/// It reads from a socket that nobody writes to: the end of this process, even by SIGKILL, closes it.
struct ClusterWatchdog {
    private static let script = """
        read -r _
        if read -r server < "$1/data/postmaster.pid"; then
            kill -QUIT "$server"
            for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                kill -0 "$server" || break
                sleep 0.1
            done
        fi
        rm -rf -- "$1" "$2"
        """

    /// What keeps the watchdog waiting: it acts when this is closed.
    let lifeline: Int32

    init(folders: ClusterFolders) throws {
        var ends: [Int32] = [-1, -1]
        // Made close-on-exec at once: inherited by another child, the end that stays here would outlive this process.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw ClusterError("no file descriptor is left") }
        lifeline = ends[1]
        defer { close(ends[0]) }
        _ = try Subprocess(
            ["/bin/sh", "-c", Self.script, "sh", folders.root, folders.socketDirectory], input: ends[0])
    }
}
