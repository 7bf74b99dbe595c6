import Foundation
import ServiceKit

/// The operating system's user that a private cluster runs as: this process's own, but never root, which PostgreSQL
/// refuses.
struct ClusterAccount {
    let userID: uid_t
    let groupID: gid_t
    /// Nil when this process is that user already.
    private let switcher: String?

    init() throws {
        guard geteuid() == 0 else {
            userID = geteuid()
            groupID = getegid()
            switcher = nil
            return
        }
        guard let entry = getpwnam("postgres") ?? getpwnam("nobody") else {
            throw ClusterError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
        }
        userID = entry.pointee.pw_uid
        groupID = entry.pointee.pw_gid
        let paths: [String] = ["/usr/bin/setpriv", "/bin/setpriv"]
        guard let setpriv = paths.first(where: { access($0, X_OK) == 0 }) else {
            throw ClusterError("PostgreSQL does not run as root, and setpriv (package util-linux) is not installed")
        }
        switcher = setpriv
    }

    /// The arguments that run `command` as this user.
    func running(_ command: [String]) -> [String] {
        guard let switcher else { return command }
        return [switcher, "--reuid=\(userID)", "--regid=\(groupID)", "--clear-groups", "--"] + command
    }

    /// Whether this user can work inside `directory`, which needs every folder above it to let the user through.
    func canUse(_ directory: String) -> Bool {
        let command = running(["/usr/bin/test", "-w", directory, "-a", "-x", directory])
        return (try? Subprocess(command).wait()) == 0
    }

    /// Makes `directory`, and what is above it, and gives it to this user alone.
    ///
    /// - Throws: when it exists and belongs to somebody else.
    func makePrivate(_ directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var status = stat()
        guard lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw ClusterError("\(directory) is not a folder")
        }
        if status.st_uid != userID {
            // An empty folder that root has just made may be given away; one that another user made may not be taken.
            let isOurs = status.st_uid == geteuid()
            let isEmpty = (try? FileManager.default.contentsOfDirectory(atPath: directory))?.isEmpty ?? false
            guard isOurs, isEmpty, chown(directory, userID, groupID) == 0 else {
                throw ClusterError("\(directory) belongs to the user \(status.st_uid), not to \(userID)")
            }
        }
        guard chmod(directory, 0o700) == 0 else { throw ClusterError("the mode of \(directory) cannot be set") }
    }
}
