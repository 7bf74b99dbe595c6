import Foundation
public import SpotterDomain

extension SecretReference {
    /// What to do where the variable or the file is not there, or is empty.
    public enum Absence: Sendable {
        /// The secret is needed: throw an error that says what to set.
        case fails
        /// The secret is optional: answer nil.
        case isNil
    }

    /// Far more than any key; a longer file is something else.
    private static let maximumBytes = 64 << 10

    /// Finds the secret.
    ///
    /// - Parameters:
    ///   - environment: the process's variables, given so that nothing is read behind the caller's back.
    ///   - folder: what a relative path starts from; nil means the working folder.
    ///   - absence: what a missing or empty variable or file means.
    /// - Returns: the secret without the line break at its end.
    /// - Throws: `SpotterError` with code `.invalid`; it names the variable or file and never its content.
    public func resolve(
        environment: [String: String], relativeTo folder: String? = nil, whenAbsent absence: Absence = .fails
    ) throws -> Secret? {
        switch self {
        case .environment(let name):
            guard let text = environment[name], !text.isEmpty else {
                return try absent(absence, "The environment variable \(name) is not set; \(self) refers to it.")
            }
            return try secret(text)
        case .file(let path):
            return try read(path, relativeTo: folder, absence)
        }
    }

    private func read(_ path: String, relativeTo folder: String?, _ absence: Absence) throws -> Secret? {
        let full = path.hasPrefix("/") || folder == nil ? path : "\(folder ?? "")/\(path)"
        let descriptor = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0, errno == ENOENT {
            return try absent(absence, "The file \(full) does not exist; \(self) refers to it.")
        }
        guard descriptor >= 0 else {
            throw SpotterError(.invalid, "The file \(full) cannot be read: \(String(cString: strerror(errno))).")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard let identity = FileIdentity(descriptor: descriptor), identity.isRegular else {
            throw SpotterError(.invalid, "\(full) is not a regular file; \(self) refers to it.")
        }
        guard identity.size <= Self.maximumBytes else {
            throw SpotterError(.invalid, "The file \(full) is too large to be a secret (over 64 KiB).")
        }
        guard let bytes = try handle.read(upToCount: Self.maximumBytes), !bytes.isEmpty else {
            return try absent(absence, "The file \(full) is empty; \(self) refers to it.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SpotterError(.invalid, "The file \(full) does not hold UTF-8 text.")
        }
        return try secret(text, warning: Self.warning(about: full, mode: identity.mode))
    }

    private func absent(_ absence: Absence, _ message: String) throws -> Secret? {
        switch absence {
        case .isNil: nil
        case .fails: throw SpotterError(.invalid, message)
        }
    }

    private func secret(_ text: String, warning: String? = nil) throws -> Secret {
        let value = text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
        // A line break inside would let a key write headers of its own.
        guard !value.isEmpty, !value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw SpotterError(.invalid, "What \(self) refers to must be one line of printable text.")
        }
        return Secret(value: value, warning: warning)
    }

    private static func warning(about path: String, mode: UInt32) -> String? {
        guard mode & 0o077 != 0 else { return nil }
        let bits = String(mode, radix: 8)
        return "The file \(path) can be reached by others than its owner (mode \(bits)); chmod 600 it."
    }
}
