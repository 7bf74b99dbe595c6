public import Foundation

/// How far a connector's run has come. A run that was broken off goes on from here, in whatever process.
public struct ConnectorCursor: Sendable, Hashable, Codable {
    /// What a run does, in this order.
    public enum Phase: String, Sendable, Codable, CaseIterable {
        case pull, opportunities, push, deletions
    }

    /// What it is doing; nil between two runs.
    public var phase: Phase?
    /// Whether it looks at everything, and not only at what has changed.
    public var isFull = false
    /// When this run began.
    public var startedAt: Date?
    /// Where the CRM's list goes on.
    public var page: String?
    /// The CRM's changes are known up to here.
    public var remoteSince: Date?
    /// Changes here are known up to here.
    public var localSince: Date?
    /// Who is looked at now, of changes here.
    public var records: TenantConnector.Records?
    /// The last change here that was looked at, in this run.
    public var localAt: Date?
    /// And whose it was.
    public var localId: UUID?
    /// The last link that was looked at, for deletions.
    public var link: String?

    /// The beginning.
    public init() {}
}

/// What a run has done.
public struct SyncCounts: Sendable, Hashable, Codable, FieldsDescribed {
    /// Contacts and opportunities that were looked at.
    public var seen = 0
    /// Changes here that were looked at.
    public var looked = 0
    /// Records made here.
    public var createdHere = 0
    /// Records changed here.
    public var updatedHere = 0
    /// Contacts and opportunities made there.
    public var createdThere = 0
    /// Contacts and opportunities changed there.
    public var updatedThere = 0
    /// Deleted on either side.
    public var deleted = 0
    /// Conflicts that were decided.
    public var conflicts = 0
    /// Rows that could not be brought over.
    public var failures = 0

    /// Nothing yet.
    public init() {}

    /// How much was written.
    public var writes: Int { createdHere + updatedHere + createdThere + updatedThere + deleted }

    /// Meaning of the members.
    public static let fields: [String: Field] = [
        "seen": Field("Contacts and opportunities that were looked at."),
        "looked": Field("Changes here that were looked at."),
        "created_here": Field("Members and leads that were made."),
        "updated_here": Field("Members and leads that were changed."),
        "created_there": Field("Contacts and opportunities that were made in the CRM."),
        "updated_there": Field("Contacts and opportunities that were changed in the CRM."),
        "deleted": Field("Deleted on either side."),
        "conflicts": Field("Conflicts that were decided by the policy."),
        "failures": Field("Rows that could not be brought over; the notes say why."),
    ]
}

/// How a connector stands.
public struct ConnectorState: Sendable, Hashable {
    /// Which one.
    public let connector: String
    /// How far it is.
    public var cursor = ConnectorCursor()
    /// What this run has done, or the last one.
    public var counts = SyncCounts()
    /// When the last run ended that came to its end.
    public var completedAt: Date?
    /// Why the last try did not; nil where it did.
    public var failure: String?
    /// When the next run begins.
    public var nextRunAt: Date?
    /// Contacts that somebody asks to look at now.
    public var wanted: [String] = []
    /// Whether somebody asks for a run that looks at everything.
    public var wantsFull = false
    /// Said by the process that begins such a run: it was asked for, and is no more.
    public var takesFull = false
    /// Raised whenever a process takes it up: the fence of late writes.
    public var turn: Int64 = 0
    /// Whether a process works on it now.
    public var isRunning = false

    /// The most contacts that wait to be looked at.
    public static let mostWanted = 1_000

    /// One that has never run.
    public init(connector: String) { self.connector = connector }
}

/// Where connectors' states and links are kept.
///
/// One process at a time works on a connector: it holds a lease, and every write of the state says which turn it belongs
/// to. Who takes over goes on from the cursor.
public protocol ConnectorStore: Sendable {
    /// How a connector stands; a new one where nothing is known of it.
    func state(of connector: String, in scope: OrganizationScope) async throws -> ConnectorState
    /// Asks for a run as soon as may be.
    ///
    /// - Parameters:
    ///   - isFull: lets the next run look at everything.
    ///   - contact: one contact that is to be looked at; of more than 1,000 that wait, a full run takes the place.
    func request(_ connector: String, isFull: Bool, contact: String?, in scope: OrganizationScope) async throws
    /// Takes a connector up, unless another process has it. `wanted` is what was asked for until now.
    ///
    /// - Parameters:
    ///   - seconds: for how long it is this process's.
    ///   - onlyIfDue: leaves it where its next run is not due yet. One that never ran is due.
    /// - Returns: nil where it is not to be had.
    func claim(
        _ connector: String, for seconds: Int, onlyIfDue: Bool, in scope: OrganizationScope
    ) async throws -> ConnectorState?
    /// Notes how far a run is, and holds it for longer. What of `wanted` was done is taken off. Throws `LeaseLost`.
    func advance(_ state: ConnectorState, done: [String], for seconds: Int, in scope: OrganizationScope) async throws
    /// Ends a turn. Throws `LeaseLost`.
    ///
    /// - Parameter pause: seconds until the next run; nil where it runs only when asked.
    func release(_ state: ConnectorState, pause: Int?, in scope: OrganizationScope) async throws
    /// The links of what the CRM calls these.
    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, remote ids: [String], in scope: OrganizationScope
    ) async throws -> [ConnectorLink]
    /// The links of members and leads.
    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, people: [MessagePerson], in scope: OrganizationScope
    ) async throws -> [ConnectorLink]
    /// Links in the order of the CRM's ids, behind one of them.
    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, after remote: String?, limit: Int, in scope: OrganizationScope
    ) async throws -> [ConnectorLink]
    /// Links whose member or lead is gone, and which do not say so yet.
    func orphans(_ connector: String, limit: Int, in scope: OrganizationScope) async throws -> [ConnectorLink]
    /// Keeps a link in the place of the one of the same contact, and of the same record.
    func save(_ link: ConnectorLink, in scope: OrganizationScope) async throws
    /// Members or leads that changed, or of whom something was said about messages, at or after a moment: in the order of
    /// the changes, behind the last one that was looked at.
    func changes(
        of records: TenantConnector.Records, since: Date, after last: (at: Date, id: UUID)?, limit: Int,
        in scope: OrganizationScope
    ) async throws -> [(id: UUID, at: Date)]
    /// Keeps notes; of each connector the newest 500.
    func note(_ notes: [ConnectorNote], of connector: String, in scope: OrganizationScope) async throws
    /// The newest notes first.
    func notes(of connector: String, limit: Int, in scope: OrganizationScope) async throws -> [ConnectorNote]
}
