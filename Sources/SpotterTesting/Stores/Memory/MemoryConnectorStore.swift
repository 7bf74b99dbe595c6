import Foundation
import SpotterDomain

/// Connectors' states, links and notes in memory.
struct MemoryConnectorStore: ConnectorStore {
    let database: MemoryDatabase

    func state(of connector: String, in scope: OrganizationScope) async throws -> ConnectorState {
        let now = database.clock.now()
        return database.read(scope) { records in
            records.connectors[connector]?.shown(at: now) ?? ConnectorState(connector: connector)
        }
    }

    func request(_ connector: String, isFull: Bool, contact: String?, in scope: OrganizationScope) async throws {
        let now = database.clock.now()
        try database.write(scope) { records in
            records.connectors[connector, default: StoredConnector(connector, at: now)].request(
                isFull, contact, at: now)
        }
    }

    func claim(
        _ connector: String, for seconds: Int, onlyIfDue: Bool, in scope: OrganizationScope
    ) async throws -> ConnectorState? {
        let now = database.clock.now()
        return try database.write(scope) { records in
            var stored = records.connectors[connector] ?? StoredConnector(connector, at: now)
            defer { records.connectors[connector] = stored }
            guard (stored.leaseUntil ?? now) <= now, !onlyIfDue || stored.state.nextRunAt.map({ $0 <= now }) == true
            else {
                return nil
            }
            stored.state.turn += 1
            stored.leaseUntil = now + Double(seconds)
            stored.isRequested = false
            return stored.shown(at: now)
        }
    }

    func advance(
        _ state: ConnectorState, done: [String], for seconds: Int, in scope: OrganizationScope
    ) async throws {
        let now = database.clock.now()
        try database.write(scope) { records in
            guard var stored = records.connectors[state.connector], stored.state.turn == state.turn else {
                throw LeaseLost()
            }
            stored.state.cursor = state.cursor
            stored.state.counts = state.counts
            stored.leaseUntil = now + Double(seconds)
            stored.state.wanted.removeAll(where: done.contains)
            if state.takesFull { stored.state.wantsFull = false }
            records.connectors[state.connector] = stored
        }
    }

    func release(_ state: ConnectorState, pause: Int?, in scope: OrganizationScope) async throws {
        let now = database.clock.now()
        try database.write(scope) { records in
            guard var stored = records.connectors[state.connector], stored.state.turn == state.turn else {
                throw LeaseLost()
            }
            stored.state.cursor = state.cursor
            stored.state.counts = state.counts
            stored.state.completedAt = state.completedAt
            stored.state.failure = state.failure
            stored.leaseUntil = nil
            stored.state.nextRunAt = stored.isRequested ? now : pause.map { now + Double($0) }
            records.connectors[state.connector] = stored
        }
    }

    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, remote ids: [String], in scope: OrganizationScope
    ) async throws -> [ConnectorLink] {
        sorted(connector, kind, scope) { ids.contains($0.remoteId) }
    }

    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, people: [MessagePerson], in scope: OrganizationScope
    ) async throws -> [ConnectorLink] {
        sorted(connector, kind, scope) { people.contains($0.person) }
    }

    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, after remote: String?, limit: Int, in scope: OrganizationScope
    ) async throws -> [ConnectorLink] {
        Array(sorted(connector, kind, scope) { $0.remoteId > (remote ?? "") }.prefix(limit))
    }

    private func sorted(
        _ connector: String, _ kind: ConnectorLink.Kind, _ scope: OrganizationScope,
        where passes: (ConnectorLink) -> Bool
    ) -> [ConnectorLink] {
        database.read(scope) { records in
            records.connectorLinks.filter { $0.connector == connector && $0.kind == kind && passes($0) }
                .sorted { $0.remoteId < $1.remoteId }
        }
    }

    func orphans(_ connector: String, limit: Int, in scope: OrganizationScope) async throws -> [ConnectorLink] {
        database.read(scope) { records in
            let gone = records.connectorLinks.filter { link in
                link.connector == connector && link.state == .linked
                    && (link.person.clientID.map { records.gym[$0] == nil } ?? true)
                    && (link.person.leadID.map { records.gym[$0] == nil } ?? true)
            }
            return Array(
                gone.sorted { ($0.kind.rawValue, $0.remoteId) < ($1.kind.rawValue, $1.remoteId) }.prefix(limit))
        }
    }

    func save(_ link: ConnectorLink, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            records.connectorLinks.removeAll {
                $0.connector == link.connector && $0.kind == link.kind
                    && ($0.remoteId == link.remoteId || $0.person == link.person)
            }
            records.connectorLinks.append(link)
        }
    }

    func changes(
        of records: TenantConnector.Records, since: Date, after last: (at: Date, id: UUID)?, limit: Int,
        in scope: OrganizationScope
    ) async throws -> [(id: UUID, at: Date)] {
        database.read(scope) { stored in
            var changes: [(id: UUID, at: Date)] = []
            switch records {
            case .clients:
                changes = stored.gym.all(ClientKind.self).map { ($0.id.uuid, $0.updatedAt) }
                changes += stored.consents.compactMap { consent in
                    consent.clientId.map { ($0.uuid, consent.recordedAt) }
                }
            case .leads:
                changes = stored.gym.all(LeadKind.self).map { ($0.id.uuid, $0.updatedAt) }
                changes += stored.consents.compactMap { consent in consent.leadId.map { ($0.uuid, consent.recordedAt) }
                }
            }
            let following = changes.filter { change in
                change.at >= since
                    && (last.map { (change.at, change.id.uuidString) > ($0.at, $0.id.uuidString) } ?? true)
            }
            var seen: Set<String> = []
            let distinct = following.filter { seen.insert("\($0.id) \($0.at.timeIntervalSince1970)").inserted }
            return Array(distinct.sorted { ($0.at, $0.id.uuidString) < ($1.at, $1.id.uuidString) }.prefix(limit))
        }
    }

    func note(_ notes: [ConnectorNote], of connector: String, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            let all = notes.reversed() + (records.connectorNotes[connector] ?? [])
            records.connectorNotes[connector] = Array(all.sorted { $0.at > $1.at }.prefix(500))
        }
    }

    func notes(of connector: String, limit: Int, in scope: OrganizationScope) async throws -> [ConnectorNote] {
        database.read(scope) { Array(($0.connectorNotes[connector] ?? []).prefix(limit)) }
    }
}

/// A connector as it is kept.
struct StoredConnector: Sendable {
    var state: ConnectorState
    var leaseUntil: Date?
    var isRequested = false

    init(_ connector: String, at now: Date) {
        state = ConnectorState(connector: connector)
        state.nextRunAt = now
    }

    func shown(at now: Date) -> ConnectorState {
        var shown = state
        shown.isRunning = leaseUntil.map { $0 > now } ?? false
        return shown
    }

    mutating func request(_ isFull: Bool, _ contact: String?, at now: Date) {
        state.nextRunAt = now
        isRequested = true
        if isFull { state.wantsFull = true }
        guard let contact else { return }
        if state.wanted.count >= ConnectorState.mostWanted {
            state.wantsFull = true
        } else if !state.wanted.contains(contact) {
            state.wanted.append(contact)
        }
    }
}
