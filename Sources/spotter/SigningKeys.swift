import Foundation
import SigningKit
import SpotterDomain

/// The file with the keys that sign tokens.
struct SigningKeys: Sendable {
    let path: String

    /// Reads the ring; makes one with a new key where there is none yet and `makingIfMissing` says so.
    ///
    /// - Throws: `SpotterError` naming the file and what to do.
    func load(makingIfMissing: Bool) throws -> KeyRing {
        guard FileManager.default.fileExists(atPath: path) else {
            guard makingIfMissing else {
                throw SpotterError(
                    .invalid, "There is no key file at \(path). `spotter token rotate-key` makes one.")
            }
            return try make()
        }
        do {
            return try KeyRing(parsing: String(contentsOfFile: path, encoding: .utf8))
        } catch let error as SigningError {
            throw SpotterError(.invalid, "\(path): \(error)", cause: error)
        }
    }

    /// Puts a new signing key before the others, which go on verifying.
    func rotate() throws -> KeyRing {
        guard FileManager.default.fileExists(atPath: path) else { return try make() }
        let rotated = try KeyRing(parsing: try load(makingIfMissing: false).rotate(by: .generate()))
        try save(rotated)
        return rotated
    }

    private func make() throws -> KeyRing {
        let ring = try KeyRing(signingWith: .generate())
        try save(ring)
        return ring
    }

    // Written beside and renamed, so that nobody reads half a file; readable by its owner only.
    private func save(_ ring: KeyRing) throws {
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let draft = path + ".new"
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        let text = Data(try ring.text().utf8)
        guard FileManager.default.createFile(atPath: draft, contents: text, attributes: attributes) else {
            throw SpotterError(.unavailable, "The key file \(draft) cannot be written.")
        }
        guard rename(draft, path) == 0 else {
            throw SpotterError(.unavailable, "The key file \(path) cannot be written.")
        }
    }
}
