public import Foundation

/// The bytes of a sealed secret, and the key that opens them.
public struct SealedBytes: Sendable, Hashable {
    /// What is stored.
    public let bytes: [UInt8]
    /// The id of the sealing key.
    public let keyID: String

    /// Puts the two together.
    public init(_ bytes: [UInt8], keyID: String) {
        self.bytes = bytes
        self.keyID = keyID
    }
}

/// A secret of an organisation as it is stored: nothing in it is in clear but its hint.
public struct SealedSecret: Sendable, Hashable {
    /// What it is for.
    public let name: SecretName
    /// The secret, sealed.
    public let sealed: SealedBytes
    /// See `SecretValue.hint`.
    public let hint: String?
    /// Counts the values that the name has had, from 1.
    public let version: Int
    /// When the name got its first value, or its first since it was deleted.
    public let createdAt: Date
    /// When it got this value; sealing it anew does not count.
    public let updatedAt: Date

    /// Puts the record together.
    public init(
        name: SecretName, sealed: SealedBytes, hint: String?, version: Int, createdAt: Date, updatedAt: Date
    ) {
        self.name = name
        self.sealed = sealed
        self.hint = hint
        self.version = version
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
