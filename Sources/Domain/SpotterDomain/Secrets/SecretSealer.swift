/// Seals secrets and opens them, with the keys of an installation.
///
/// What was sealed opens only as the secret of the same name of the same organisation: a row that was copied to another
/// one does not open there.
public protocol SecretSealer: Sendable {
    /// The id of the key that seals.
    var keyID: String { get }

    /// Seals with that key.
    func seal(_ value: SecretValue, as name: SecretName, in scope: OrganizationScope) throws -> SealedBytes

    /// Opens with the key that the bytes name.
    /// - Throws: `SecretFault`.
    func open(_ sealed: SealedBytes, as name: SecretName, in scope: OrganizationScope) throws -> SecretValue
}

/// Where the keys are that seal and open.
public protocol SecretKeys: Sendable {
    /// The keys as they are now; nil where there are none yet.
    /// - Throws: `SpotterError` that names the place and what is wrong with it.
    func sealer() throws -> (any SecretSealer)?
}

/// Why a stored secret cannot be opened. Says nothing of the secret.
public enum SecretFault: Error, Sendable, Hashable {
    /// It is sealed with a key that is not there.
    case unknownKey(id: String)
    /// It was changed, or belongs to another organisation or name.
    case altered
}

extension SecretFault: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknownKey(let id):
            "It is sealed with the key \(id), which is not in the ring of sealing keys. Put that key back into the "
                + "ring, or store the secret anew."
        case .altered:
            "What is stored was changed, or was sealed for another organisation or name. Store the secret anew."
        }
    }
}
