/// What became of all secrets when they were sealed anew.
public struct SecretRotationReport: Sendable, Hashable {
    /// The key that seals now.
    public let keyID: String
    /// Organisations that were looked at.
    public var organizations = 0
    /// Secrets that were sealed anew.
    public var resealed = 0
    /// Secrets that were sealed with the key already.
    public var current = 0
    /// Secrets that are as they were, and why.
    public var problems: [Problem] = []
    /// Keys that were taken out of the ring.
    public var dropped: [String] = []
    /// Keys that something is still sealed with, beside the one that seals.
    public var needed: [String] = []

    /// A secret, or all of an organisation's, that could not be sealed anew.
    public struct Problem: Sendable, Hashable {
        /// Whose.
        public let organization: OrganizationID
        /// Nil: none could be read.
        public let name: SecretName?
        /// What is wrong, and what to do.
        public let reason: String

        /// Puts the problem together.
        public init(_ organization: OrganizationID, _ name: SecretName?, _ reason: String) {
            self.organization = organization
            self.name = name
            self.reason = reason
        }
    }

    /// A report of nothing yet.
    public init(keyID: String) { self.keyID = keyID }
}
