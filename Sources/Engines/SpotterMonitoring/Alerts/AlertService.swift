public import Foundation
public import SpotterDomain

/// What people do with alerts.
public struct AlertService: Sendable {
    private let store: any AlertStore
    private let ids: any IDGenerator
    private let isMailbox: @Sendable (String) -> Bool

    /// - Parameter isMailbox: whether a text is an e-mail address.
    public init(
        store: any AlertStore, ids: any IDGenerator,
        isMailbox: @escaping @Sendable (String) -> Bool = { $0.contains("@") }
    ) {
        self.store = store
        self.ids = ids
        self.isMailbox = isMailbox
    }

    /// Makes an alert; nobody has looked at it yet.
    ///
    /// - Throws: `invalid` with each field's issue, `conflict` for a name that is taken, `limitReached`.
    public func create(
        _ settings: AlertSettings, at now: Date, in scope: OrganizationScope, receipt: (Alert) throws -> Receipt?
    ) async throws -> Alert {
        try check(settings)
        try await keepDefaults(at: now, in: scope)
        try await checkAddresses(settings, of: nil, in: scope)
        let alert = Alert(
            id: ids.id(at: now), version: 1, settings: settings, source: .api, createdAt: now, updatedAt: now)
        try await store.create(alert, receipt: try receipt(alert), in: scope)
        return alert
    }

    /// One of them. Throws `notFound`.
    public func alert(_ id: AlertID, in scope: OrganizationScope) async throws -> Alert {
        try await store.alert(id, in: scope)
    }

    /// Newest first, with those that come with Spotter.
    public func list(
        _ filter: AlertFilter, _ page: PageRequest, at now: Date, in scope: OrganizationScope
    ) async throws -> Page<Alert> {
        let alerts = try await store.list(filter, page, in: scope)
        // Nobody has looked yet at an organisation that is new.
        guard alerts.items.isEmpty, page.after == nil else { return alerts }
        try await keepDefaults(at: now, in: scope)
        return try await store.list(filter, page, in: scope)
    }

    /// Replaces the settings; the alert begins anew.
    ///
    /// - Throws: as `create`; `conflict` for what belongs to the organisation's file; `invalid` for what makes another
    ///   alert of one that comes with Spotter.
    public func update(
        _ alert: Alert, to settings: AlertSettings, at now: Date, in scope: OrganizationScope
    ) async throws -> Alert {
        try check(settings)
        switch alert.source {
        case .file: throw Self.belongsToFile
        case .default where !AlertDefaults.isAllowed(settings, of: alert.settings):
            throw SpotterError.invalid(
                "/metric",
                "must stay, as name, operator and aggregation must: this alert comes with Spotter. Make another one")
        case .default, .api: break
        }
        try await checkAddresses(settings, of: alert.id, in: scope)
        var changed = alert
        changed.version += 1
        changed.settings = settings
        changed.updatedAt = now
        changed.standing = Alert.Standing()
        try await store.update(changed, in: scope)
        return changed
    }

    /// Deletes one; one that comes with Spotter does not come again.
    ///
    /// - Throws: `notFound`, `preconditionFailed`, `conflict` for what belongs to the organisation's file.
    public func delete(_ id: AlertID, version: Int?, in scope: OrganizationScope) async throws {
        guard try await store.alert(id, in: scope).source != .file else { throw Self.belongsToFile }
        try await store.delete(id, version: version, in: scope)
    }

    /// What one has told of, newest first. Throws `notFound`.
    public func incidents(
        of id: AlertID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Incident> {
        try await store.incidents(of: id, page, in: scope)
    }

    /// Keeps the alerts of an organisation's file, and no others from there.
    ///
    /// - Returns: the names that other alerts of the organisation have.
    public func apply(
        _ settings: [AlertSettings], at now: Date, in scope: OrganizationScope
    ) async throws -> [String] {
        try await keepDefaults(at: now, in: scope)
        let alerts = settings.map { settings in
            Alert(id: ids.id(at: now), version: 1, settings: settings, source: .file, createdAt: now, updatedAt: now)
        }
        return try await store.keepFile(alerts, at: now, in: scope)
    }

    /// Keeps those that come with Spotter: nobody's act, whoever happens to be the first to ask.
    func keepDefaults(at now: Date, in scope: OrganizationScope) async throws {
        try await AuditSlip.$current.withValue(nil) {
            try await store.keepDefaults(
                AlertDefaults.settings.map { settings in
                    Alert(
                        id: ids.id(at: now), version: 1, settings: settings, source: .default, createdAt: now,
                        updatedAt: now)
                }, in: scope)
        }
    }

    private func check(_ settings: AlertSettings) throws {
        let issues = settings.issues(isMailbox: isMailbox)
        guard issues.isEmpty else {
            throw SpotterError(.invalid, "The alert cannot be kept as it is.", issues: issues)
        }
    }

    /// Whoever may set alerts cannot have the world written to: the addresses of all alerts together are few.
    private func checkAddresses(_ settings: AlertSettings, of id: AlertID?, in scope: OrganizationScope) async throws {
        guard let emails = settings.emails, !emails.isEmpty else { return }
        let page = try await store.list(AlertFilter(), PageRequest(limit: AlertLimits.mostAlerts), in: scope)
        let others = page.items.filter { $0.id != id && $0.source != .file }.flatMap { $0.settings.emails ?? [] }
        guard Set((others + emails).map(FoldedText.fold)).count <= AlertLimits.mostAddresses else {
            throw AlertLimits.tooManyAddresses
        }
    }

    private static let belongsToFile = SpotterError(
        .conflict, "This alert stands in the organisation's file in tenants/. Change it there.")
}
