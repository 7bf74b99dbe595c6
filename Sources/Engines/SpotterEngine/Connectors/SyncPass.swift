import Foundation
import ServiceKit
import SpotterDomain

/// One run over a connector, or what is left of one: pulls, pushes, and looks for what was deleted, page by page.
///
/// After each page the cursor is kept, so that any process goes on from there. Within a page everything may be done
/// twice: links tell what is done, a contact is looked for before one is made, and what both sides have alike is left.
struct SyncPass: Sendable {
    /// What a run needs to know.
    struct Setting: Sendable {
        let connector: ConfiguredConnector
        let crm: any CRMConnector
        let store: any ConnectorStore
        let people: PeopleFile
        let clock: any WallClock
        let options: ConnectorSync.Options
        /// Whether nothing is written, on neither side.
        let isDryRun: Bool
        /// Whether the process wants to stop.
        let isStopping: @Sendable () -> Bool

        var scope: OrganizationScope { people.scope }
        var settings: TenantConnector { connector.settings }
        var id: String { connector.id }
        var canon: SyncCanon { SyncCanon(countryCode: connector.countryCode) }
    }

    let setting: Setting
    var state: ConnectorState
    var notes: [ConnectorNote] = []
    /// What a dry run would do.
    var differences: [SyncDifference] = []

    init(_ setting: Setting, _ state: ConnectorState) {
        self.setting = setting
        self.state = state
    }

    /// Goes on until the run is over, or the process wants to stop.
    ///
    /// - Returns: whether it is over.
    mutating func run() async throws -> Bool {
        if state.cursor.phase == nil { begin() }
        try await lookAtWanted()
        while let phase = state.cursor.phase {
            if setting.isStopping() { return false }
            switch phase {
            case .pull: try await pullPage()
            case .opportunities: try await opportunitiesPage()
            case .push: try await pushPage()
            case .deletions: try await deletionsPage()
            }
            try await keep()
        }
        return true
    }

    private mutating func begin() {
        var cursor = state.cursor
        cursor.isFull = state.wantsFull || state.completedAt == nil || cursor.isFull
        state.takesFull = cursor.isFull
        cursor.phase = .pull
        cursor.startedAt = setting.clock.now()
        cursor.page = nil
        cursor.localAt = nil
        cursor.localId = nil
        cursor.records = nil
        cursor.link = nil
        state.cursor = cursor
        state.counts = SyncCounts()
    }

    /// Keeps how far it is, with what there is to tell.
    mutating func keep(done: [String] = []) async throws {
        guard !setting.isDryRun else { return }
        try await setting.store.note(notes, of: setting.id, in: setting.scope)
        notes = []
        try await setting.store.advance(state, done: done, for: setting.options.lease, in: setting.scope)
        state.takesFull = false
    }

    /// What follows a phase that is over.
    mutating func next(after phase: ConnectorCursor.Phase) {
        state.cursor.page = nil
        let subjects = setting.settings.subjects
        switch phase {
        case .pull: state.cursor.phase = subjects.contains(.opportunities) ? .opportunities : .push
        case .opportunities: state.cursor.phase = .push
        case .push: state.cursor.phase = .deletions
        case .deletions: end()
        }
    }

    private mutating func end() {
        var cursor = ConnectorCursor()
        // What changed while it ran is looked at by the next.
        cursor.remoteSince = state.cursor.startedAt
        cursor.localSince = state.cursor.startedAt
        state.cursor = cursor
        state.completedAt = setting.clock.now()
    }

    /// Looks at contacts that somebody asks for, before all others.
    private mutating func lookAtWanted() async throws {
        let wanted = state.wanted
        guard !wanted.isEmpty, setting.settings.subjects.contains(.contacts) else { return }
        for start in stride(from: 0, to: wanted.count, by: setting.options.page) {
            let ids = Array(wanted[start..<min(start + setting.options.page, wanted.count)])
            let links = try await links(.contact, ids)
            for id in ids {
                do {
                    try await take(try await setting.crm.contact(id), links[id])
                } catch CRMError.notFound {
                    if let link = links[id], link.state == .linked { try await remoteIsGone(link) }
                } catch let error as CRMError where !error.endsRun {
                    fail(remote: id, error.description)
                }
            }
            try await keep(done: ids)
        }
        state.wanted = []
    }

    func links(_ kind: ConnectorLink.Kind, _ remote: [String]) async throws -> [String: ConnectorLink] {
        let links = try await setting.store.links(setting.id, kind, remote: remote, in: setting.scope)
        return Dictionary(links.map { ($0.remoteId, $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Telling

    mutating func fail(_ person: MessagePerson? = nil, remote: String? = nil, _ message: String) {
        state.counts.failures += 1
        tell(.failure, person, remote, message)
    }

    mutating func tell(_ kind: ConnectorNote.Kind, _ person: MessagePerson?, _ remote: String?, _ message: String) {
        guard notes.count < 500 else { return }
        notes.append(
            ConnectorNote(kind, localId: person?.id, remoteId: remote, message, at: setting.clock.now()))
    }

    mutating func differ(_ difference: SyncDifference) {
        if differences.count < setting.options.mostDifferences { differences.append(difference) }
    }
}
