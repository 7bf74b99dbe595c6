import Foundation

/// A folder whose files people edit, read with distrust: what is read is what stands inside the folder, is of bounded
/// size, and did not change meanwhile.
struct ConfigurationFolder: Sendable {
    static let maximumBytes = 1 << 20
    static let maximumFiles = 10_000
    static let maximumTotal = 64 << 20

    /// As the operator gave it: messages are built on it.
    let path: String
    /// Such as `.yaml`.
    let ending: String
    /// Called between reading a file and making sure that it is still the same; tests meddle here.
    var afterReading: @Sendable (String) -> Void = { _ in }

    /// Reads every file of the folder with the ending, in the order of their names.
    ///
    /// Hidden files, which editors leave behind, and folders inside are passed over.
    ///
    /// - Returns: what was read, and what was wrong with the others.
    func read() throws(ConfigurationError) -> (texts: [SourceText], issues: [ConfigurationIssue]) {
        let root = try resolvedRoot()
        let all = try listing()
        let names = all.filter { $0.hasSuffix(ending) && $0 != "README\(ending)" }
        guard names.count <= Self.maximumFiles else {
            throw ConfigurationError(folder: path, "must not hold more than \(Self.maximumFiles) \(ending) files")
        }
        var texts: [SourceText] = []
        var issues: [ConfigurationIssue] = []
        var total = 0
        for name in all where isMisnamed(name) {
            issues.append(.init(file: display(name), place: .start, message: "must be named \(ending) to be read"))
        }
        for name in names {
            do throws(ConfigurationError) {
                let bytes = try bytes(of: name, inside: root)
                total += bytes.count
                guard total <= Self.maximumTotal else {
                    throw ConfigurationError(folder: path, "must not hold more than 64 MiB of \(ending) files")
                }
                texts.append(SourceText(file: display(name), bytes: bytes))
            } catch {
                issues += error.issues
                if total > Self.maximumTotal { break }
            }
        }
        return (texts, issues)
    }

    /// Reads one file of the folder.
    func read(_ name: String) throws(ConfigurationError) -> SourceText {
        SourceText(file: display(name), bytes: try bytes(of: name, inside: try resolvedRoot()))
    }

    /// Whether there is anything by the folder's name.
    var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    private func display(_ name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

    private func resolvedRoot() throws(ConfigurationError) -> String {
        guard let root = Self.resolve(path) else {
            throw ConfigurationError(folder: path, "cannot be read: \(Self.reason())")
        }
        return root
    }

    /// The names of everything in the folder that is not hidden.
    private func listing() throws(ConfigurationError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            throw ConfigurationError(folder: path, "must be a folder that can be read")
        }
    }

    /// Whether somebody meant a file of this folder, which would go unread without a word.
    private func isMisnamed(_ name: String) -> Bool {
        let endings = [".yaml": [".yml"], ".md": [".markdown"]][ending] ?? []
        let lowercased = name.lowercased()
        return endings.contains(where: lowercased.hasSuffix) || lowercased.hasSuffix(ending) && !name.hasSuffix(ending)
    }

    private func bytes(of name: String, inside root: String) throws(ConfigurationError) -> [UInt8] {
        let file = display(name)
        let fault = { (message: String) in ConfigurationError([.init(file: file, place: .start, message: message)]) }
        guard let resolved = Self.resolve(file) else { throw fault("cannot be read: \(Self.reason())") }
        guard resolved.hasPrefix(root == "/" ? root : root + "/") else {
            throw fault("is a symbolic link that leads outside the folder")
        }
        // Neither waits for a pipe's writer nor follows a link put there since.
        let descriptor = open(resolved, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { throw fault("cannot be read: \(Self.reason())") }
        defer { close(descriptor) }
        guard let before = FileIdentity(descriptor: descriptor), before.isRegular else {
            throw fault("must be a regular file")
        }
        guard before.size <= Self.maximumBytes else { throw fault("must not be larger than 1 MiB") }
        guard let bytes = Self.contents(of: descriptor, expecting: before.size) else {
            throw fault("cannot be read: \(Self.reason())")
        }
        afterReading(file)
        let isSame = FileIdentity(descriptor: descriptor) == before && FileIdentity(path: file) == before
        guard isSame, bytes.count == before.size else {
            throw fault("was changed while it was being read; nothing of it is used, try again")
        }
        return bytes
    }

    /// Reads one byte more than expected at most, which shows that the file has grown.
    private static func contents(of descriptor: Int32, expecting size: Int) -> [UInt8]? {
        var isFailed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
            while count < buffer.count {
                let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                let received = Foundation.read(descriptor, room.baseAddress, room.count)
                if received < 0, errno == EINTR { continue }
                isFailed = received < 0
                if received <= 0 { break }
                count += received
            }
        }
        return isFailed ? nil : bytes
    }

    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
