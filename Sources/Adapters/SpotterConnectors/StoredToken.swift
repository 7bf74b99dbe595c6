import SpotterDomain

/// A token that the organisation's file refers to, or that is sealed in the database: looked up with every request, so
/// that a new one counts at once.
public struct StoredToken: ConnectorToken {
    private let look: @Sendable () throws -> String?

    /// - Parameter look: finds the token; nil where it is not set.
    public init(_ look: @escaping @Sendable () throws -> String?) { self.look = look }

    /// The token as it is now.
    public func current() throws -> String {
        guard let token = try look(), !token.isEmpty else { throw CRMError.unauthorized("it is not set") }
        return token
    }

    /// Somebody may have replaced it meanwhile.
    public func renewed(after refused: String) throws -> String? {
        let token = try current()
        return token == refused ? nil : token
    }
}
