import Foundation
import SigningKit
import SpotterDomain
import SpotterSecrets

/// The keys that seal organisations' secrets: a file, or a variable of the environment for a machine without a disk.
struct SealingKeys: SecretKeys {
    /// Names the ring: a path, `file:PATH` or `env:NAME`.
    static let setting = "SPOTTER_SEALING_KEYS"

    enum Place: Sendable {
        /// - isOwn: in the data folder, and made at first need; otherwise the operator's.
        case file(KeyFile, isOwn: Bool)
        case variable(name: String, text: String?)
    }

    let place: Place

    /// - Parameter data: the folder where the ring is unless the environment says otherwise.
    init(environment: [String: String], data: String) throws {
        guard let text = environment[Self.setting] else {
            place = .file(KeyFile(path: data + "/sealing-keys"), isOwn: true)
            return
        }
        switch SecretReference(text) {
        case .environment(let name): place = .variable(name: name, text: environment[name])
        case .file(let path): place = .file(KeyFile(path: path), isOwn: false)
        case nil where text.hasPrefix("env:") || text.hasPrefix("file:") || text.hasPrefix("a256gcm."):
            throw SpotterError(.invalid, "\(Self.setting) must be a path, file:PATH or env:NAME.")
        case nil: place = .file(KeyFile(path: text), isOwn: false)
        }
    }

    /// What the ring is called in messages.
    var description: String {
        switch place {
        case .file(let file, _): file.path
        case .variable(let name, _): "the environment variable \(name)"
        }
    }

    /// The keys as they are now; nil where there are none yet, nor need be.
    func ring() throws -> SealingRing? {
        switch place {
        case .file(let file, let isOwn):
            guard file.exists else {
                if isOwn { return nil }
                throw missing("There is no file of sealing keys at \(file.path).")
            }
            return try parse(file.read())
        case .variable(let name, let text):
            guard let text else { throw missing("The environment variable \(name) is not set.") }
            // A variable with line breaks is awkward to write: commas separate keys as well.
            return try parse(text.replacing(",", with: "\n"))
        }
    }

    func sealer() throws -> (any SecretSealer)? { try ring().map { RingSealer($0) } }

    /// What a caller holds who seals something: as long as it lives, no key is taken out of a file.
    func hold() throws -> (ring: SealingRing, lock: FolderLock?) {
        guard case .file(let file, let isOwn) = place else { return (try existing(), nil) }
        // The first key of all is made under the lock that lets nobody else make one.
        let isFirst = isOwn && !file.exists
        let lock = try file.lock(isExclusive: isFirst)
        if isFirst, !file.exists { return (try make(in: file), lock) }
        return (try existing(), lock)
    }

    /// Puts a new key before the others, which go on opening. A ring in a variable stays as its owner wrote it.
    func rotate() throws {
        guard case .file(let file, _) = place else { return }
        let lock = try file.lock(isExclusive: true)
        try withExtendedLifetime(lock) {
            guard file.exists else {
                _ = try make(in: file)
                return
            }
            do { try file.write(existing().rotated().text) } catch let error as SigningError {
                throw SpotterError(
                    .conflict,
                    "\(file.path): \(error). Take old keys out with: spotter secrets rotate --resume "
                        + "--drop-old", cause: error)
            }
        }
    }

    /// Takes out of the file all keys but the first and those that are in use, while nobody seals anything. Returns the
    /// ids of those that are gone.
    func drop(keeping used: () async throws -> Set<String>) async throws -> [String] {
        guard case .file(let file, _) = place else {
            throw SpotterError(
                .invalid,
                "The ring is in \(description): take old keys out of it yourself, those that --resume does "
                    + "not name as needed.")
        }
        let lock = try file.lock(isExclusive: true)
        defer { withExtendedLifetime(lock) {} }
        let ring = try existing()
        let kept = try await ring.keeping(used())
        let dropped = ring.keyIDs.filter { !kept.keyIDs.contains($0) }
        if !dropped.isEmpty { try file.write(kept.text) }
        return dropped
    }

    private func existing() throws -> SealingRing {
        guard let ring = try ring() else { throw missing("There are no sealing keys yet.") }
        return ring
    }

    private func make(in file: KeyFile) throws -> SealingRing {
        let ring = try SealingRing.generate()
        try file.write(ring.text)
        return ring
    }

    private func parse(_ text: String) throws -> SealingRing {
        do { return try SealingRing(parsing: text) } catch {
            throw SpotterError(.invalid, "\(description): \(error)", cause: error)
        }
    }

    private func missing(_ what: String) -> SpotterError {
        let help =
            if case .variable = place { "`spotter secrets new-key` prints a key for it." } else {
                "`spotter secrets rotate` makes one."
            }
        return SpotterError(.invalid, "\(what) \(help)")
    }
}
