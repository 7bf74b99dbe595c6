public import Foundation

/// Something that a run would change.
public struct SyncDifference: Sendable, Hashable, Codable {
    /// `here` or `crm`: where.
    public let side: String
    /// `create`, `update` or `delete`.
    public let action: String
    /// The member or lead.
    public let localId: String?
    /// What the CRM calls it.
    public let remoteId: String?
    /// What would be different, and what it would be.
    public let values: [String: String]

    /// A difference.
    public init(
        _ side: String, _ action: String, _ person: MessagePerson?, _ remote: String?, _ values: SyncValues = [:]
    ) {
        self.side = side
        self.action = action
        localId = person?.id
        remoteId = remote
        self.values = Dictionary(values.map { ($0.key.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}

/// What came of a run that somebody asked for by hand.
public struct SyncReport: Sendable {
    /// What was done, or would be.
    public let counts: SyncCounts
    /// What would be done, of a dry run.
    public let differences: [SyncDifference]
    /// What people should know of it.
    public let notes: [ConnectorNote]
    /// Why it did not come to its end; nil where it did.
    public let postponed: String?

    /// A report.
    public init(
        counts: SyncCounts, differences: [SyncDifference] = [], notes: [ConnectorNote] = [], postponed: String? = nil
    ) {
        self.counts = counts
        self.differences = differences
        self.notes = notes
        self.postponed = postponed
    }
}

/// A connector and how it stands, for people.
public struct ConnectorReport: Sendable, Codable, Hashable, FieldsDescribed {
    /// How it stands.
    public enum Status: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// Its token is not there.
        case off
        case waiting, running
        /// The last try was broken off; `failure` says why.
        case failing
    }

    /// What people call it.
    public var id: String
    /// Which CRM.
    public var kind: TenantConnector.Kind
    /// The account there.
    public var locationId: String
    /// Which way records go.
    public var direction: SyncDirection
    /// How it stands.
    public var status: Status
    /// What a run is doing that is under way or was broken off.
    public var phase: String?
    /// The CRM's changes are known up to here.
    public var remoteSince: Date?
    /// Changes here are known up to here.
    public var localSince: Date?
    /// When the last run ended that came to its end.
    public var completedAt: Date?
    /// When the next run begins.
    public var nextRunAt: Date?
    /// Why the last try was broken off.
    public var failure: String?
    /// What this run has done, or the last one.
    public var counts: SyncCounts
    /// The newest conflicts, failures and deletions; only where one connector is asked for.
    public var notes: [ConnectorNote]?

    /// A connector with its state.
    public init(_ connector: ConfiguredConnector, _ state: ConnectorState, notes: [ConnectorNote]? = nil) {
        id = connector.id
        kind = connector.settings.kind
        locationId = connector.settings.locationId
        direction = connector.settings.way
        status =
            connector.crm == nil
            ? .off : state.isRunning ? .running : state.failure == nil ? .waiting : .failing
        phase = state.cursor.phase?.rawValue
        remoteSince = state.cursor.remoteSince
        localSince = state.cursor.localSince
        completedAt = state.completedAt
        nextRunAt = state.nextRunAt
        failure = state.failure
        counts = state.counts
        self.notes = notes
    }

    /// Meaning of the members.
    public static let fields: [String: Field] = [
        "id": Field("What the organisation's file calls it."), "kind": Field("Which CRM."),
        "location_id": Field("The account there."), "direction": Field("Which way records go."),
        "status": Field("`off` where its token is not set; `failing` where the last try was broken off."),
        "phase": Field("What a run is doing that is under way or was broken off."),
        "remote_since": Field("The CRM's changes are known up to here."),
        "local_since": Field("Changes here are known up to here."),
        "completed_at": Field("When the last run ended that came to its end."),
        "next_run_at": Field("When the next run begins."),
        "failure": Field("Why the last try was broken off."),
        "counts": Field("What this run has done, or the last one."),
        "notes": Field("The newest conflicts, failures and deletions; only where one connector is asked for."),
    ]
}
