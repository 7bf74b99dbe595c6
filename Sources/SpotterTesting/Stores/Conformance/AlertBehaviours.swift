import Foundation
public import SpotterDomain

extension StoreConformance {
    static let alerts: [StoreBehaviour] = [
        StoreBehaviour("an alert comes back as it was written, and nobody has looked at it") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let alert = try await gym.alert("Errors \"x\"")
            let stored = try await stores.alerts.alert(alert.id, in: gym.scope)
            try requireEqual(stored.settings, alert.settings)
            try requireEqual(stored.standing, Alert.Standing())
            try requireEqual(stored.source, .api)
            try requireEqual(try await stores.alerts.list(AlertFilter(), PageRequest(), in: gym.scope).items, [stored])
            let firing = AlertFilter(state: .firing)
            try requireEqual(try await stores.alerts.list(firing, PageRequest(), in: gym.scope).items.count, 0)
            let due = try await stores.alerts.organizationsWithDueAlerts()
            try require(due.contains(gym.scope.organization))
        },
        StoreBehaviour("a name is there once, whatever its case, until its alert is deleted") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let alert = try await gym.alert("Errors")
            try await requireError(.conflict) { try await gym.alert("ERRORS") }
            try await requireError(.preconditionFailed) {
                try await stores.alerts.delete(alert.id, version: 2, in: gym.scope)
            }
            try await stores.alerts.delete(alert.id, version: 1, in: gym.scope)
            try await requireError(.notFound) { try await stores.alerts.alert(alert.id, in: gym.scope) }
            try await requireError(.notFound) {
                try await stores.alerts.delete(alert.id, version: nil, in: gym.scope)
            }
            try await gym.alert("errors")
        },
        StoreBehaviour("of several who take alerts at once each alert has one, until its time has come") { stores in
            let gym = try await TestOrganization.make(in: stores)
            for name in ["a", "b", "c"] { try await gym.alert(name) }
            let claims = try await withThrowingTaskGroup(of: [AlertID].self) { group in
                for _ in 0..<4 { group.addTask { try await gym.claimAlerts().map(\.id) } }
                return try await group.reduce(into: [AlertID]()) { $0 += $1 }
            }
            try requireEqual(claims.count, 3)
            try requireEqual(Set(claims).count, 3)
            try requireEqual(try await gym.claimAlerts(every: .zero).count, 0)
        },
        StoreBehaviour("what fires is told once, with everything that belongs to it, and is over once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await gym.alert("Errors")
            let claimed = try unwrap(try await gym.claimAlerts(every: .zero).first)
            let passes = (0..<4).map { _ in gym.pass(of: claimed, 50) }
            let written = try await withThrowingTaskGroup(of: Bool.self) { group in
                for pass in passes { group.addTask { try await stores.alerts.advance(pass, in: gym.scope) } }
                return try await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            try requireEqual(written.count { $0 }, 1)
            let again = try unwrap(try await gym.claimAlerts(every: .zero).first)
            try requireEqual(again.standing.state, .firing)
            try requireEqual(try await stores.alerts.advance(gym.pass(of: claimed, 50), in: gym.scope), false)
            let over = gym.pass(of: again, 0)
            try requireEqual(try await stores.alerts.advance(over, in: gym.scope), true)
            let stored = try await stores.alerts.alert(again.id, in: gym.scope)
            try requireEqual(stored.standing.state, .resolved)
            try requireEqual(stored.standing.incident, nil)
            let told = try await stores.events.events(after: 0, execution: nil, limit: 10, in: gym.scope)
            try requireEqual(told.last?.type, "alert.resolved")
        },
        StoreBehaviour("an alert that fires has a notice, a message, an event and an incident") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let alert = try await gym.firingAlert("Errors")
            let history = try await stores.alerts.incidents(of: alert.id, PageRequest(), in: gym.scope).items
            try requireEqual(history.map(\.value), [50])
            try requireEqual(history.first?.resolvedAt, nil)
            let notices = try await stores.desk.notices(for: nil, unreadOnly: true, PageRequest(), in: gym.scope)
            try requireEqual(notices.items.map(\.title), ["Errors"])
            let messages = try await stores.outbox.list(OutboxFilter(), PageRequest(), in: gym.scope).items
            try requireEqual(messages.map(\.recipient), ["ops@gym.test"])
            let told = try await stores.events.events(after: 0, execution: nil, limit: 10, in: gym.scope)
            try requireEqual(told.map(\.type), ["alert.firing"])
            let listed = try await stores.alerts.list(AlertFilter(state: .firing), PageRequest(), in: gym.scope)
            try requireEqual(listed.items.map(\.id), [alert.id])
        },
        StoreBehaviour("a look from before a change or a newer look writes nothing") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var alert = try await gym.alert("Errors")
            let old = try unwrap(try await gym.claimAlerts(every: .zero).first)
            alert.version = 2
            alert.settings.threshold = 60
            try await stores.alerts.update(alert, in: gym.scope)
            try requireEqual(try await stores.alerts.advance(gym.pass(of: old, 50), in: gym.scope), false)
            try await requireError(.preconditionFailed) { try await stores.alerts.update(alert, in: gym.scope) }
            let next = try unwrap(try await gym.claimAlerts(every: .zero).first)
            try requireEqual(next.settings.threshold, 60)
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 0)
        },
        StoreBehaviour("what an alert told of is over when it is changed, and it begins anew") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var alert = try await gym.firingAlert("Errors")
            alert.version += 1
            alert.settings.enabled = false
            try await stores.alerts.update(alert, in: gym.scope)
            let stored = try await stores.alerts.alert(alert.id, in: gym.scope)
            try requireEqual(stored.standing, Alert.Standing())
            let history = try await stores.alerts.incidents(of: alert.id, PageRequest(), in: gym.scope).items
            try require(history.first?.resolvedAt != nil)
            try requireEqual(try await gym.claimAlerts(every: .zero).count, 0)
        },
        StoreBehaviour("alerts that come with Spotter come once, and one that was deleted does not come again") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            for _ in 0..<2 { try await stores.alerts.keepDefaults(gym.defaults, in: gym.scope) }
            let alerts = try await stores.alerts.list(AlertFilter(), PageRequest(), in: gym.scope).items
            try requireEqual(Set(alerts.map(\.settings.name)), ["One", "Two"])
            try requireEqual(Set(alerts.map(\.source)), [.default])
            try await stores.alerts.delete(alerts[0].id, version: nil, in: gym.scope)
            try await stores.alerts.keepDefaults(gym.defaults, in: gym.scope)
            try requireEqual(
                try await stores.alerts.list(AlertFilter(), PageRequest(), in: gym.scope).items.map(\.id),
                [alerts[1].id])
        },
        StoreBehaviour("the alerts of a file are those that are kept, beside others") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (own, now) = (try await gym.alert("Mine"), TestOrganization.start)
            let file = { (names: [String], threshold: Double) in
                names.map { gym.draftAlert($0, threshold: threshold, source: .file) }
            }
            try requireEqual(try await stores.alerts.keepFile(file(["A", "B"], 1), at: now, in: gym.scope), [])
            let first = try await gym.alerts(.file)
            try requireEqual(try await stores.alerts.keepFile(file(["A", "B"], 1), at: now, in: gym.scope), [])
            try requireEqual(try await gym.alerts(.file), first)
            let refused = try await stores.alerts.keepFile(file(["B", "mine"], 2), at: now, in: gym.scope)
            try requireEqual(refused, ["Mine"])
            let second = try await gym.alerts(.file)
            try requireEqual(second.map(\.settings.name), ["B"])
            try requireEqual(second.first?.version, 2)
            try requireEqual(second.first?.settings.threshold, 2)
            try requireEqual(try await stores.alerts.alert(own.id, in: gym.scope).settings, own.settings)
        },
        StoreBehaviour("whoever takes alerts is told how many e-mails they wrote within a day") { stores in
            let (mine, theirs) = (
                try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)
            )
            for (name, at) in [("New", Date()), ("Old", Date() - 90_000)] {
                let alert = try await mine.alert(name)
                let claimed = try unwrap(try await mine.claimAlerts(every: .zero).first { $0.id == alert.id })
                try requireEqual(
                    try await stores.alerts.advance(mine.pass(of: claimed, 50, at: at), in: mine.scope), true)
            }
            for (gym, mails) in [(mine, 1), (theirs, 0)] {
                let claim = try await stores.alerts.claimDue(limit: 10, interval: .zero, in: gym.scope)
                try requireEqual(claim.mailsOfDay, mails)
            }
        },
        StoreBehaviour("another organisation's alerts are not there") { stores in
            let (mine, theirs) = (
                try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)
            )
            let alert = try await mine.firingAlert("Errors")
            try await requireError(.notFound) { try await stores.alerts.alert(alert.id, in: theirs.scope) }
            try await requireError(.notFound) {
                try await stores.alerts.incidents(of: alert.id, PageRequest(), in: theirs.scope)
            }
            try requireEqual(try await stores.alerts.advance(mine.pass(of: alert, 0), in: theirs.scope), false)
            try requireEqual(try await theirs.claimAlerts(every: .zero).count, 0)
        },
    ]
}

extension TestOrganization {
    /// An alert on the share of runs that fail, not stored yet.
    public func draftAlert(_ name: String, threshold: Double = 10, source: Alert.Source = .api) -> Alert {
        let settings = AlertSettings(
            name: name, metric: "error_rate", operator: .gt, threshold: threshold, durationSeconds: 0,
            aggregation: .avg, severity: .critical, emails: ["ops@gym.test"])
        return Alert(
            id: id(), version: 1, settings: settings, source: source, createdAt: Self.start, updatedAt: Self.start)
    }

    /// Stores one.
    @discardableResult
    public func alert(_ name: String) async throws -> Alert {
        let alert = draftAlert(name)
        try await stores.alerts.create(alert, receipt: nil, in: scope)
        return alert
    }

    /// Stores one that fires, and has told of it.
    @discardableResult
    public func firingAlert(_ name: String) async throws -> Alert {
        let alert = try await alert(name)
        let claimed = try unwrap(try await claimAlerts(every: .zero).first { $0.id == alert.id })
        try requireEqual(try await stores.alerts.advance(pass(of: claimed, 50), in: scope), true)
        return try await stores.alerts.alert(alert.id, in: scope)
    }

    fileprivate var defaults: [Alert] { ["One", "Two"].map { draftAlert($0, source: .default) } }

    fileprivate func alerts(_ source: Alert.Source) async throws -> [Alert] {
        try await stores.alerts.list(AlertFilter(), PageRequest(), in: scope).items.filter { $0.source == source }
    }

    fileprivate func claimAlerts(every interval: Duration = .seconds(3_600)) async throws -> [Alert] {
        try await stores.alerts.claimDue(limit: 10, interval: interval, in: scope).alerts
    }

    /// What a look that has measured `value` comes to.
    fileprivate func pass(of alert: Alert, _ value: Double, at now: Date = TestOrganization.start) -> AlertPass {
        var pass = AlertPass(alert, alert.judged(by: value, at: now, incident: id()))
        switch pass.verdict.news {
        case .nothing: break
        case .resolved: pass.events = [EventDraft(.alertResolved)]
        case .firing(let incident):
            pass.events = [EventDraft(.alertFiring)]
            pass.notices = [
                StaffNotice(
                    id: id(), staffId: nil, role: nil, title: alert.settings.name, body: incident.message,
                    level: .urgent, sentBy: "alerts", createdAt: now)
            ]
            pass.messages = [
                OutboxDraft(
                    OutboxMessage(
                        id: id(), channel: .email, purpose: .transactional, recipient: "ops@gym.test", person: nil,
                        subject: alert.settings.name, body: incident.message, html: nil, attachments: [],
                        status: .held, reason: "No way out.", sentBy: AlertLimits.sender, conversationId: nil,
                        dueAt: now,
                        attempt: 0, providerId: nil, createdAt: now, sentAt: nil), key: "\(incident.id)")
            ]
        }
        return pass
    }
}
