public import Foundation

/// Keeps organisations' secrets, sealed.
public protocol SecretStore: Sendable {
    /// Stores a secret in the place of the one with its name, if there is one.
    ///
    /// - Parameter hint: see `SecretValue.hint`.
    /// - Throws: `notFound` where there is no such organisation.
    func put(
        _ name: SecretName, _ sealed: SealedBytes, hint: String?, at now: Date, in scope: OrganizationScope
    ) async throws -> SealedSecret

    /// All secrets of the organisation, by name.
    func secrets(in scope: OrganizationScope) async throws -> [SealedSecret]

    /// Forgets a secret; false where there is none. What was sealed is gone.
    func delete(_ name: SecretName, at now: Date, in scope: OrganizationScope) async throws -> Bool

    /// Puts other bytes of the same secrets in the place of these, each only if it is still as it was read; all in one
    /// transaction. Returns how many.
    func reseal(_ secrets: [ResealedSecret], in scope: OrganizationScope) async throws -> Int

    /// The organisations whose secrets have changed since a look, with the mark of this one; without a mark all that
    /// have or had any. One may be named again though nothing has changed; none is ever left out.
    func changes(since mark: SecretMark?) async throws -> SecretChanges
}

/// A secret with the bytes that are to take its place.
public struct ResealedSecret: Sendable, Hashable {
    /// As it was read.
    public let secret: SealedSecret
    /// The same, sealed anew.
    public let sealed: SealedBytes

    /// Puts the two together.
    public init(_ secret: SealedSecret, as sealed: SealedBytes) {
        self.secret = secret
        self.sealed = sealed
    }
}

/// A moment in a store's life. Of no meaning to others, and not after the store's data were put elsewhere.
public struct SecretMark: Sendable, Hashable {
    /// As the store counts.
    public let value: Int64

    /// A mark of a store.
    public init(_ value: Int64) { self.value = value }
}

/// What a look for changed secrets has found.
public struct SecretChanges: Sendable, Hashable {
    /// Whose have changed.
    public let organizations: [OrganizationID]
    /// For the next look.
    public let mark: SecretMark

    /// Puts the two together.
    public init(_ organizations: [OrganizationID], mark: SecretMark) {
        self.organizations = organizations
        self.mark = mark
    }
}
