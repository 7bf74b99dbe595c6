public import Foundation

/// What a CRM can be asked for. Every CRM is reached through this and through nothing else.
///
/// Whoever implements it keeps the CRM's rate limits by themselves, before the CRM has to say so, tries again what may be
/// repeated, and throws `CRMError` for everything else. Writes answer what the CRM has afterwards, which need not be what
/// was asked for: CRMs bring names and numbers into a form of their own.
public protocol CRMConnector: Sendable {
    /// Makes sure that the CRM can be reached and the token holds.
    ///
    /// - Returns: what the CRM says the account is called.
    func check() async throws -> String
    /// Contacts that changed at or after a moment, or all; oldest changes first.
    func contacts(changedSince: Date?, page: String?, limit: Int) async throws -> CRMPage<CRMContact>
    /// One contact. Throws `notFound`.
    func contact(_ id: String) async throws -> CRMContact
    /// The contact of an e-mail address, or else of a phone number; nil where there is none.
    func findContact(email: String?, phone: String?) async throws -> CRMContact?
    /// Contacts that match words: parts of names, addresses and numbers.
    func searchContacts(_ words: String, limit: Int) async throws -> [CRMContact]
    /// Makes a contact. Throws `duplicate` with the id of the one that there is.
    func createContact(_ change: CRMContactChange) async throws -> CRMContact
    /// Changes a contact. Throws `notFound`.
    func updateContact(_ id: String, _ change: CRMContactChange) async throws -> CRMContact
    /// Deletes a contact; one that is gone already is no error.
    func deleteContact(_ id: String) async throws
    /// Opportunities, of one contact if it is given.
    func opportunities(ofContact contact: String?, page: String?, limit: Int) async throws -> CRMPage<CRMOpportunity>
    /// One opportunity. Throws `notFound`.
    func opportunity(_ id: String) async throws -> CRMOpportunity
    /// Makes an opportunity for a contact; pipeline, stage and name are needed.
    func createOpportunity(ofContact contact: String, _ change: CRMOpportunityChange) async throws -> CRMOpportunity
    /// Changes an opportunity. Throws `notFound`.
    func updateOpportunity(_ id: String, _ change: CRMOpportunityChange) async throws -> CRMOpportunity
    /// The newest messages of somebody's conversations, newest first.
    func messages(ofContact contact: String, limit: Int) async throws -> [CRMMessage]
    /// Hands a message over; it is never sent again by itself.
    ///
    /// - Returns: what the CRM calls it.
    func send(_ message: CRMOutgoingMessage) async throws -> String
}

/// Why a CRM did not do what it was asked for. No case holds a token, nor more of an answer than a sentence.
public enum CRMError: Error, Sendable, Hashable {
    /// The token is not accepted, or may not do this.
    case unauthorized(String)
    /// There were too many requests; after so many seconds there may be more.
    case rateLimited(retryAfter: Int?)
    /// There is no such thing.
    case notFound(String)
    /// There is such a contact already.
    case duplicate(existing: String?)
    /// A value is refused; the field where the CRM names it.
    case invalid(field: String?, message: String)
    /// The CRM cannot be reached or does not work; nothing was done.
    case unavailable(String)
    /// Whether it was done is not known: the request was sent, and no answer came.
    case unknownOutcome(String)
    /// The answer is nothing that the CRM's documentation knows.
    case malformed(String)

    /// Whether the same may succeed later without anybody doing something about it.
    public var isPassing: Bool {
        switch self {
        case .rateLimited, .unavailable, .unknownOutcome, .malformed: true
        case .unauthorized, .notFound, .duplicate, .invalid: false
        }
    }

    /// Whether what follows would fail alike, so that a run ends here.
    public var endsRun: Bool {
        switch self {
        case .unauthorized, .rateLimited, .unavailable, .unknownOutcome: true
        case .notFound, .duplicate, .invalid, .malformed: false
        }
    }
}

extension CRMError: CustomStringConvertible {
    /// In words, for logs and people.
    public var description: String {
        switch self {
        case .unauthorized(let reason): "The CRM does not accept the token: \(reason)"
        case .rateLimited(let seconds):
            "The CRM asks for fewer requests\(seconds.map { "; it may be asked again in \($0) s" } ?? "")."
        case .notFound(let noun): "The CRM has no such \(noun)."
        case .duplicate(let id): "The CRM has this contact already\(id.map { " (\($0))" } ?? "")."
        case .invalid(let field, let message): "The CRM refuses \(field.map { "`\($0)`" } ?? "this"): \(message)"
        case .unavailable(let reason): "The CRM cannot be reached: \(reason)"
        case .unknownOutcome(let reason): "Whether the CRM did it is not known: \(reason)"
        case .malformed(let reason): "The CRM's answer cannot be read: \(reason)"
        }
    }
}

/// A connector as an organisation's file sets it up.
public struct ConfiguredConnector: Sendable {
    /// What the file says.
    public let settings: TenantConnector
    /// The way to the CRM; nil where its token is not there.
    public let crm: (any CRMConnector)?
    /// What numbers without a country begin with, such as `+44`.
    public let countryCode: String?

    /// A connector.
    public init(settings: TenantConnector, crm: (any CRMConnector)?, countryCode: String? = nil) {
        self.settings = settings
        self.crm = crm
        self.countryCode = countryCode
    }

    /// What people call it.
    public var id: String { settings.name }
}

/// The present connectors of every organisation.
public protocol ConnectorDirectory: Sendable {
    /// Those of an organisation, in the order of its file.
    func connectors(in scope: OrganizationScope) -> [ConfiguredConnector]
    /// The organisations that have any.
    var organizations: [OrganizationID] { get }
}

extension ConnectorDirectory {
    /// The connector of an id.
    ///
    /// - Throws: `notFound`, with the nearest id there is.
    public func connector(_ id: String, in scope: OrganizationScope) throws -> ConfiguredConnector {
        let known = connectors(in: scope)
        if let connector = known.first(where: { $0.id == id }) { return connector }
        let hint = DidYouMean.hint(for: id, among: known.map(\.id))
        throw SpotterError(.notFound, DidYouMean.sentence("There is no connector of this name\(hint)"))
    }
}
