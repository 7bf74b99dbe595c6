import Foundation
public import ServiceKit
public import SpotterDomain

/// Brings the gym's records and a CRM's together.
///
/// One process at a time does for each connector: it holds a lease and keeps its place after each page. Who takes over
/// after it has died goes on from there and makes nobody twice.
public struct ConnectorSync: Sendable {
    /// How a run works.
    public struct Options: Sendable {
        /// Contacts, or changes here, at one time.
        public var page = 100
        /// Seconds for which a connector is a process's: more than a page takes.
        public var lease = 120
        /// How far before the last run the next begins, in seconds.
        public var overlap = 600.0
        /// The most differences that a dry run shows.
        public var mostDifferences = 1_000

        /// The defaults.
        public init() {}
    }

    /// What came of a try.
    public enum Outcome: Sendable, Hashable {
        /// Both sides agree.
        case completed(SyncCounts)
        /// It goes on later; why it does not now.
        case postponed(SyncCounts, reason: String)
        /// Another process is at it, or nothing is due.
        case left
    }

    private let records: any RecordStore
    private let contacts: any ContactStore
    private let store: any ConnectorStore
    private let organizations: any OrganizationStore
    private let options: Options
    private let clock: any WallClock
    private let ids: any IDGenerator
    private let log: Log

    /// Over the gym's records and the connectors' own.
    public init(
        records: any RecordStore, contacts: any ContactStore, store: any ConnectorStore,
        organizations: any OrganizationStore, options: Options = Options(), clock: any WallClock,
        ids: any IDGenerator, log: Log
    ) {
        self.records = records
        self.contacts = contacts
        self.store = store
        self.organizations = organizations
        self.options = options
        self.clock = clock
        self.ids = ids
        self.log = log
    }

    /// Runs a connector, or goes on with a run that was broken off.
    ///
    /// - Parameters:
    ///   - onlyIfDue: leaves it where nothing is due.
    ///   - isStopping: asked between pages; what is left is done by whoever takes it up next.
    public func run(
        _ connector: ConfiguredConnector, onlyIfDue: Bool, in scope: OrganizationScope,
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) async throws -> Outcome {
        guard let crm = connector.crm else {
            return .postponed(SyncCounts(), reason: "Its token is not set.")
        }
        guard
            let state = try await store.claim(connector.id, for: options.lease, onlyIfDue: onlyIfDue, in: scope)
        else { return .left }
        let setting = try await setting(connector, crm, in: scope, isDryRun: false, isStopping)
        var pass = SyncPass(setting, state)
        do {
            let isOver = try await pass.run()
            pass.state.failure = nil
            try await store.release(pass.state, pause: isOver ? connector.settings.interval : 0, in: scope)
            return isOver ? .completed(pass.state.counts) : .postponed(pass.state.counts, reason: "It was stopped.")
        } catch let error as CRMError {
            return try await postpone(pass, error.description, after: error.pause, connector, in: scope)
        } catch let error as LeaseLost {
            throw error
        } catch let error as SpotterError {
            return try await postpone(pass, error.message, after: 60, connector, in: scope)
        }
    }

    private func postpone(
        _ pass: SyncPass, _ reason: String, after seconds: Int, _ connector: ConfiguredConnector,
        in scope: OrganizationScope
    ) async throws -> Outcome {
        log.warning(
            "a connector's run was broken off; it goes on later",
            ["organization": "\(scope.organization)", "connector": connector.id, "reason": reason])
        var state = pass.state
        state.failure = reason
        try await store.note(pass.notes, of: connector.id, in: scope)
        try await store.release(state, pause: seconds, in: scope)
        return .postponed(state.counts, reason: reason)
    }

    /// What a run would do, without doing any of it.
    ///
    /// - Parameter isFull: looks at everything, and not only at what has changed.
    public func preview(
        _ connector: ConfiguredConnector, isFull: Bool, in scope: OrganizationScope
    ) async throws -> (differences: [SyncDifference], counts: SyncCounts, notes: [ConnectorNote]) {
        guard let crm = connector.crm else {
            throw SpotterError(.unavailable, "The token of the connector \(connector.id) is not set.")
        }
        var state = try await store.state(of: connector.id, in: scope)
        var cursor = ConnectorCursor()
        cursor.remoteSince = state.cursor.remoteSince
        cursor.localSince = state.cursor.localSince
        state.cursor = cursor
        state.wantsFull = isFull
        state.wanted = []
        var pass = SyncPass(try await setting(connector, crm, in: scope, isDryRun: true), state)
        _ = try await pass.run()
        return (pass.differences, pass.state.counts, pass.notes)
    }

    private func setting(
        _ connector: ConfiguredConnector, _ crm: any CRMConnector, in scope: OrganizationScope, isDryRun: Bool,
        _ isStopping: @escaping @Sendable () -> Bool = { false }
    ) async throws -> SyncPass.Setting {
        let organization = try await organizations.organization(in: scope)
        let setting = RecordSetting(
            now: clock.now(), organization: organization, actor: "connector:\(connector.id)")
        return SyncPass.Setting(
            connector: connector, crm: crm, store: store,
            people: PeopleFile(records: records, contacts: contacts, ids: ids, setting: setting, scope: scope),
            clock: clock, options: options, isDryRun: isDryRun, isStopping: isStopping)
    }
}

extension CRMError {
    /// Seconds after which it is tried again.
    fileprivate var pause: Int {
        switch self {
        case .rateLimited(let seconds): min(max(seconds ?? 60, 1), 86_400)
        case .unauthorized: 900
        default: 60
        }
    }
}
