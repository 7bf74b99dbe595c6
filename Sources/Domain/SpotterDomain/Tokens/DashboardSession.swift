public import Foundation

/// Somebody's way into the dashboard: it stands for a token, so that the token itself need not stay in a browser.
///
/// The session has an id of its own, under which it is kept among the organisation's tokens, without any scope: there
/// it can be seen and revoked. It ends with its time, when it is revoked, and when the token is.
public struct DashboardSession: Sendable, Codable, Hashable {
    /// Its own id.
    public let id: TokenID
    /// The token that it stands for.
    public let token: TokenID
    /// Whose dashboard it is.
    public let organization: OrganizationID
    /// Until when it can be used.
    public let expiresAt: Date

    /// What a text of a session is for.
    public enum Form: String, Sendable, CaseIterable {
        /// What the browser's cookie holds.
        case session
        /// A link that signs in, once.
        case link
    }

    /// How long somebody stays signed in: a working day.
    public static let lifetime: TimeInterval = 12 * 3_600
    /// How long a link to sign in with can be opened.
    public static let linkLifetime: TimeInterval = 3_600

    /// Puts a session together.
    public init(id: TokenID, token: TokenID, organization: OrganizationID, expiresAt: Date) {
        self.id = id
        self.token = token
        self.organization = organization
        self.expiresAt = expiresAt
    }
}

/// Makes the text of a session, and reads it.
public protocol DashboardSigner: Sendable {
    /// The text, which nobody can make without our key.
    func text(for session: DashboardSession, as form: DashboardSession.Form) throws -> String
    /// What a text says, if its signature is ours, it is of this form, and it has not expired.
    ///
    /// That is not enough to let somebody in: the session, or its token, may have been revoked.
    /// - Throws: `SpotterError` with code `.unauthenticated`, always with the same message.
    func session(of text: String, as form: DashboardSession.Form) throws -> DashboardSession
}
