import Foundation
import SpotterDomain

/// An alert, and when it is looked at next.
struct StoredAlert: Sendable {
    var alert: Alert
    var nextLook: Date
    var isDeleted = false
}

/// Alerts in memory.
struct MemoryAlertStore: AlertStore {
    let database: MemoryDatabase

    func create(_ alert: Alert, receipt: Receipt?, in scope: OrganizationScope) async throws {
        let now = database.clock.now()
        try database.write(scope) { records in
            try records.insert(receipt)
            guard records.liveAlerts.count < AlertLimits.mostAlerts else { throw AlertLimits.tooMany }
            try records.requireFree(alert.settings.name, besides: nil)
            records.alerts[alert.id] = StoredAlert(alert: alert, nextLook: now)
        }
    }

    func alert(_ id: AlertID, in scope: OrganizationScope) async throws -> Alert {
        try database.read(scope) { try $0.alert(id) }
    }

    func list(_ filter: AlertFilter, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Alert> {
        database.read(scope) { records in
            newestFirst(
                records.liveAlerts.filter { alert in filter.state.map { $0 == alert.standing.state } ?? true }, page,
                id: \.id)
        }
    }

    func update(_ alert: Alert, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.alert(alert.id) }
        let now = database.clock.now()
        try database.write(scope) { records in
            guard try records.alert(alert.id).version == alert.version - 1 else { throw SpotterError.stale("alert") }
            try records.requireFree(alert.settings.name, besides: alert.id)
            records.begin(alert, at: now)
        }
    }

    func delete(_ id: AlertID, version: Int?, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.alert(id) }
        let now = database.clock.now()
        try database.write(scope) { records in
            let current = try records.alert(id).version
            guard version == nil || version == current else { throw SpotterError.stale("alert") }
            records.end(id, at: now)
        }
    }

    func incidents(
        of id: AlertID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Incident> {
        try database.read(scope) { records in
            _ = try records.alert(id)
            return newestFirst(records.incidents.filter { $0.alert == id }, page, id: \.id)
        }
    }

    func keepDefaults(_ alerts: [Alert], in scope: OrganizationScope) async throws {
        let now = database.clock.now()
        try database.write(scope) { records in
            for alert in alerts {
                let name = FoldedText.fold(alert.settings.name)
                let isKnown = records.alerts.values.contains { stored in
                    FoldedText.fold(stored.alert.settings.name) == name
                        && (!stored.isDeleted || stored.alert.source == .default)
                }
                if !isKnown { records.alerts[alert.id] = StoredAlert(alert: alert, nextLook: now) }
            }
        }
    }

    func keepFile(_ alerts: [Alert], at now: Date, in scope: OrganizationScope) async throws -> [String] {
        let clock = database.clock.now()
        return try database.write(scope) { records in
            var refused: [String] = []
            for alert in alerts {
                let name = FoldedText.fold(alert.settings.name)
                switch records.liveAlerts.first(where: { FoldedText.fold($0.settings.name) == name }) {
                case nil: records.alerts[alert.id] = StoredAlert(alert: alert, nextLook: clock)
                case let old? where old.source != .file: refused.append(old.settings.name)
                case let old? where old.settings != alert.settings:
                    var changed = old
                    changed.version += 1
                    changed.settings = alert.settings
                    changed.updatedAt = now
                    records.begin(changed, at: clock)
                default: break
                }
            }
            let names = Set(alerts.map { FoldedText.fold($0.settings.name) })
            for alert in records.liveAlerts
            where alert.source == .file && !names.contains(FoldedText.fold(alert.settings.name)) {
                records.end(alert.id, at: clock)
            }
            return refused
        }
    }

    func organizationsWithDueAlerts() async throws -> [OrganizationID] {
        let now = database.clock.now()
        return database.directory { organizations in
            organizations.filter { !$0.value.dueAlerts(at: now).isEmpty }.map(\.key)
        }
    }

    func claimDue(limit: Int, interval: Duration, in scope: OrganizationScope) async throws -> AlertClaim {
        let now = database.clock.now()
        return try database.write(scope) { records in
            let due = records.dueAlerts(at: now).prefix(limit).map(\.id)
            for id in due {
                records.alerts[id]?.alert.looks += 1
                records.alerts[id]?.nextLook = now + interval / .seconds(1)
            }
            let mails = records.outbox.values.count { stored in
                stored.message.sentBy == AlertLimits.sender && stored.message.createdAt > now - 86_400
            }
            return AlertClaim(alerts: due.compactMap { records.alerts[$0]?.alert }, now: now, mailsOfDay: mails)
        }
    }

    func advance(_ pass: AlertPass, in scope: OrganizationScope) async throws -> Bool {
        let now = pass.verdict.standing.evaluatedAt ?? database.clock.now()
        return try database.write(scope) { records in
            guard let stored = records.alerts[pass.alert.id], !stored.isDeleted, stored.alert.isEnabled,
                stored.alert.version == pass.alert.version, stored.alert.looks == pass.alert.looks
            else { return false }
            records.alerts[pass.alert.id]?.alert.standing = pass.verdict.standing
            records.alerts[pass.alert.id]?.alert.looks += 1
            switch pass.verdict.news {
            case .nothing: break
            case .firing(let incident): records.incidents.append(incident)
            case .resolved(let id):
                if let place = records.incidents.firstIndex(where: { $0.id == id }) {
                    records.incidents[place].resolvedAt = now
                }
            }
            for draft in pass.messages {
                records.outbox[draft.message.id] = StoredOutboxMessage(
                    message: draft.message, key: draft.key, content: draft.content)
            }
            for notice in pass.notices { records.notices[notice.id] = notice }
            _ = records.append(pass.events, at: now)
            return true
        }
    }
}

extension OrganizationRecords {
    fileprivate var liveAlerts: [Alert] { alerts.values.filter { !$0.isDeleted }.map(\.alert) }

    fileprivate func alert(_ id: AlertID) throws -> Alert {
        guard let stored = alerts[id], !stored.isDeleted else { throw SpotterError.notFound("alert") }
        return stored.alert
    }

    fileprivate func dueAlerts(at now: Date) -> [Alert] {
        alerts.values.filter { !$0.isDeleted && $0.alert.isEnabled && $0.nextLook <= now }
            .sorted { ($0.nextLook, $0.alert.id) < ($1.nextLook, $1.alert.id) }.map(\.alert)
    }

    fileprivate func requireFree(_ name: String, besides id: AlertID?) throws {
        let folded = FoldedText.fold(name)
        guard !liveAlerts.contains(where: { $0.id != id && FoldedText.fold($0.settings.name) == folded }) else {
            throw AlertLimits.nameIsTaken
        }
    }

    /// Lets an alert begin anew with other settings; what it told of is over.
    fileprivate mutating func begin(_ alert: Alert, at now: Date) {
        var fresh = alert
        fresh.standing = Alert.Standing()
        fresh.looks = (alerts[alert.id]?.alert.looks ?? 0) + 1
        alerts[alert.id] = StoredAlert(alert: fresh, nextLook: now)
        resolve(alert.id, at: now)
    }

    fileprivate mutating func end(_ id: AlertID, at now: Date) {
        alerts[id]?.isDeleted = true
        alerts[id]?.alert.looks += 1
        resolve(id, at: now)
    }

    private mutating func resolve(_ id: AlertID, at now: Date) {
        for place in incidents.indices where incidents[place].alert == id && incidents[place].resolvedAt == nil {
            incidents[place].resolvedAt = now
        }
    }
}
