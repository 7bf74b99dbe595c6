import Foundation
import SigningKit
import SpotterDomain

/// The file with the keys that sign tokens.
struct SigningKeys: Sendable {
    let path: String

    private var file: KeyFile { KeyFile(path: path) }

    /// Reads the ring; makes one with a new key where there is none yet and `makingIfMissing` says so.
    ///
    /// - Throws: `SpotterError` naming the file and what to do.
    func load(makingIfMissing: Bool) throws -> KeyRing {
        guard file.exists else {
            guard makingIfMissing else {
                throw SpotterError(
                    .invalid, "There is no key file at \(path). `spotter token rotate-key` makes one.")
            }
            let lock = try file.lock(isExclusive: true)
            return try withExtendedLifetime(lock) { try file.exists ? read() : make() }
        }
        return try read()
    }

    /// Puts a new signing key before the others, which go on verifying.
    func rotate() throws -> KeyRing {
        let lock = try file.lock(isExclusive: true)
        return try withExtendedLifetime(lock) {
            guard file.exists else { return try make() }
            let rotated = try KeyRing(parsing: read().rotate(by: .generate()))
            try file.write(rotated.text())
            return rotated
        }
    }

    private func read() throws -> KeyRing {
        do {
            return try KeyRing(parsing: file.read())
        } catch let error as SigningError {
            throw SpotterError(.invalid, "\(path): \(error)", cause: error)
        }
    }

    private func make() throws -> KeyRing {
        let ring = try KeyRing(signingWith: .generate())
        try file.write(ring.text())
        return ring
    }
}
