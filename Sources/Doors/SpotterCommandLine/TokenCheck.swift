/// What can be said of a token.
public struct TokenCheck: Sendable {
    /// How far it could be looked at, and what came of it.
    public enum State: String, Sendable {
        /// Its signature is ours, and its organisation knows it.
        case good
        /// Its time is over.
        case expired
        /// Its organisation has revoked it.
        case revoked
        /// It is signed by nobody we know, or its organisation does not know it.
        case foreign
        /// Its form is right; the database, which knows the rest, was not asked or could not be.
        case unverified
    }

    /// What came of it.
    public let state: State
    /// Why, in a sentence.
    public let reason: String
    /// Names and values, in the order in which they are shown; of an unverified token what it says of itself.
    public let facts: [(name: String, value: String)]

    /// Puts a check together.
    public init(state: State, reason: String, facts: [(name: String, value: String)]) {
        self.state = state
        self.reason = reason
        self.facts = facts
    }
}

/// A secret that stands where it should not.
public struct SecretFinding: Sendable {
    /// The file; `-` for standard input.
    public let path: String
    /// From 1 on.
    public let line: Int
    /// The byte in the line, from 1 on.
    public let column: Int
    /// `token`, `signing_key` or `hook_secret`.
    public let kind: String
    /// What may be shown of it.
    public let masked: String

    /// Puts a finding together.
    public init(path: String, line: Int, column: Int, kind: String, masked: String) {
        self.path = path
        self.line = line
        self.column = column
        self.kind = kind
        self.masked = masked
    }
}

/// What a scan has been through.
public struct SecretScan: Sendable {
    /// How many files were read.
    public let files: Int
    /// How many secrets were found.
    public let findings: Int
    /// Files that could not be read.
    public let unreadable: [String]

    /// Puts a report together.
    public init(files: Int, findings: Int, unreadable: [String]) {
        self.files = files
        self.findings = findings
        self.unreadable = unreadable
    }
}
