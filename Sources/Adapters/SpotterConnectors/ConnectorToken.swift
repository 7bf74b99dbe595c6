/// The token that a connector shows to its CRM. Prints and dumps nothing of it.
public protocol ConnectorToken: Sendable {
    /// The token as it is now. Throws `CRMError.unauthorized` where there is none.
    func current() async throws -> String
    /// Another one in the place of one that the CRM does not take any more; nil where there is none to be had.
    func renewed(after refused: String) async throws -> String?
}
