public import Foundation
public import SpotterDomain

extension StoreConformance {
    static let hooks: [StoreBehaviour] = [
        StoreBehaviour("a hook comes back as it was written, and its id says whose it is") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.hook(named: "Überraschung \"x\"")
            try requireEqual(try await stores.hooks.hook(hook.id, in: gym.scope), hook)
            try requireEqual(try await stores.hooks.list(PageRequest(), in: gym.scope).items, [hook])
            try requireEqual(try await stores.hooks.organization(ofHook: hook.id), gym.scope.organization)
            try requireEqual(try await stores.hooks.organization(ofHook: gym.id()), nil)
        },
        StoreBehaviour("hooks change by version, and their names are unique") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var hook = try await gym.hook(named: "Straße")
            let other = try await gym.hook(named: "Other")
            try await requireError(.conflict) { _ = try await gym.hook(named: "STRASSE") }
            hook.version = 2
            hook.settings.enabled = false
            let second = hook
            try await stores.hooks.update(second, in: gym.scope)
            try requireEqual(try await stores.hooks.hook(hook.id, in: gym.scope), second)
            try await requireError(.preconditionFailed) { try await stores.hooks.update(second, in: gym.scope) }
            hook.version = 3
            hook.settings.name = "other"
            let third = hook
            try await requireError(.conflict) { try await stores.hooks.update(third, in: gym.scope) }
            try await requireError(.preconditionFailed) {
                try await stores.hooks.delete(other.id, version: 7, in: gym.scope)
            }
            try await stores.hooks.delete(other.id, version: 1, in: gym.scope)
            try await stores.hooks.update(third, in: gym.scope)
            try await requireError(.notFound) { try await stores.hooks.hook(other.id, in: gym.scope) }
        },
        StoreBehaviour("of a hundred copies of a message one is taken, and one execution starts") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.hook(named: "Leads")
            let taken = try await withThrowingTaskGroup(of: HookAcceptance.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        let run = gym.hookRun()
                        return try await stores.hooks.accept(
                            gym.delivery(to: hook, key: "id:1", run: run.id), starting: run, receipt: nil,
                            in: gym.scope)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try requireEqual(taken.filter { $0 == .taken }.count, 1)
            let log = try await stores.hooks.deliveries(of: hook.id, PageRequest(), in: gym.scope).items
            try requireEqual(log.count, 1)
            let known = taken.compactMap { acceptance -> HookDelivery? in
                guard case .known(let delivery) = acceptance else { return nil }
                return delivery
            }
            try requireEqual(Set(known), Set(log))
            let runs = try await stores.executions.list(ExecutionFilter(), PageRequest(), in: gym.scope).items
            try requireEqual(runs.map(\.id), log.compactMap(\.executionId))
            let events = try await stores.events.events(after: 0, execution: nil, limit: 100, in: gym.scope)
            try requireEqual(events.filter { $0.type == EventType.hookReceived.rawValue }.count, 1)
            try requireEqual(events.filter { $0.type == EventType.executionQueued.rawValue }.count, 1)
        },
        StoreBehaviour("what is noted with a message is noted once, with its events") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let hook = try await gym.hook(named: "SMS")
            for round in 0..<2 {
                let consent = Consent(
                    id: gym.id(), clientId: ana.id, leadId: nil, channel: .sms, purpose: .transactional,
                    isGranted: round == 1, source: .stopMessage, recordedAt: TestOrganization.start + Double(round))
                let notice = StaffNotice(
                    id: gym.id(), staffId: nil, role: nil, title: "SMS", body: "Hi", level: .info, sentBy: "sms",
                    createdAt: TestOrganization.start)
                let notes = HookNotes(
                    consents: [consent], notice: notice, noticeKey: "sms:1",
                    events: [EventDraft(.messageReceived, data: ["round": .int(Int64(round))])])
                _ = try await stores.hooks.accept(
                    gym.delivery(to: hook, key: "id:1"), starting: nil, noting: notes, receipt: nil, in: gym.scope)
            }
            let said = try await stores.contacts.consents(of: .client(ana.id), in: gym.scope)
            try requireEqual(said.map(\.isGranted), [false])
            let events = try await stores.events.events(after: 0, execution: nil, limit: 100, in: gym.scope)
            try requireEqual(
                Set(events.suffix(3).map(\.type)), ["hook.received", "consent.changed", "message.received"])
            try requireEqual(events.filter { $0.type == "consent.changed" }.count, 1)
            try requireEqual(events.last { $0.type == "consent.changed" }?.data, said.first?.event.data)
            let notices = try await stores.desk.notices(for: nil, unreadOnly: true, PageRequest(), in: gym.scope)
            try requireEqual(notices.items.map(\.title), ["SMS"])
        },
        StoreBehaviour("the same key is another delivery at another hook, and in another organisation") { stores in
            for _ in 0..<2 {
                let gym = try await TestOrganization.make(in: stores)
                for name in ["One", "Two"] {
                    let delivery = gym.delivery(to: try await gym.hook(named: name), key: "id:1")
                    try requireEqual(
                        try await stores.hooks.accept(delivery, starting: nil, receipt: nil, in: gym.scope), .taken)
                    try requireEqual(
                        try await stores.hooks.delivery(delivery.id, of: delivery.hookId, in: gym.scope), delivery)
                }
            }
        },
        StoreBehaviour("a message that starts a task begins a run of it, or nothing where the task is gone") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.hook(named: "Leads")
            let agent = try await gym.agent(named: "Desk")
            let task = try await gym.task("Call", for: agent)
            let run = try task.execution(gym.id(), by: agent, at: TestOrganization.start)
            let delivery = gym.delivery(to: hook, key: "id:1", run: run.id)
            _ = try await stores.hooks.accept(delivery, starting: run, receipt: nil, in: gym.scope)
            try requireEqual(try await stores.tasks.status(of: task.id, in: gym.scope).executionsCount, 1)
            let gone = try gym.draftTask("Gone", for: agent).execution(gym.id(), by: agent, at: TestOrganization.start)
            try await requireError(.notFound) {
                _ = try await stores.hooks.accept(
                    gym.delivery(to: hook, key: "id:2", run: gone.id), starting: gone, receipt: nil, in: gym.scope)
            }
            try requireEqual(
                try await stores.hooks.deliveries(of: hook.id, PageRequest(), in: gym.scope).items.count, 1)
        },
        StoreBehaviour("old deliveries are forgotten, oldest first, and their keys are free again") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.hook(named: "Leads")
            for number in 0..<3 {
                let delivery = gym.delivery(to: hook, key: "id:\(number)", at: TestOrganization.start + Double(number))
                _ = try await stores.hooks.accept(delivery, starting: nil, receipt: nil, in: gym.scope)
            }
            let end = TestOrganization.start + 2
            try requireEqual(try await stores.hooks.forgetDeliveries(before: end, limit: 1, in: gym.scope), 1)
            try requireEqual(try await stores.hooks.forgetDeliveries(before: end, limit: 5, in: gym.scope), 1)
            let left = try await stores.hooks.deliveries(of: hook.id, PageRequest(), in: gym.scope).items
            try requireEqual(left.map(\.key), ["id:2"])
            try requireEqual(
                try await stores.hooks.accept(
                    gym.delivery(to: hook, key: "id:0"), starting: nil, receipt: nil, in: gym.scope), .taken)
        },
        StoreBehaviour("another organisation's hooks and deliveries are not there") { stores in
            let (mine, theirs) = (
                try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)
            )
            let hook = try await mine.hook(named: "Leads")
            let delivery = mine.delivery(to: hook, key: "id:1")
            _ = try await stores.hooks.accept(delivery, starting: nil, receipt: nil, in: mine.scope)
            try await requireError(.notFound) { try await stores.hooks.hook(hook.id, in: theirs.scope) }
            try await requireError(.notFound) {
                try await stores.hooks.deliveries(of: hook.id, PageRequest(), in: theirs.scope)
            }
            try await requireError(.notFound) {
                try await stores.hooks.delivery(delivery.id, of: hook.id, in: theirs.scope)
            }
            try await requireError(.notFound) {
                try await stores.hooks.delete(hook.id, version: nil, in: theirs.scope)
            }
            try await requireError(.notFound) {
                _ = try await stores.hooks.accept(
                    theirs.delivery(to: hook, key: "id:2"), starting: nil, receipt: nil, in: theirs.scope)
            }
            try requireEqual(try await stores.hooks.list(PageRequest(), in: theirs.scope).items, [])
            _ = try await theirs.hook(named: "Leads")
        },
    ]
}

extension TestOrganization {
    /// A hook that tells whoever can help.
    @discardableResult
    public func hook(
        named name: String,
        _ action: HookAction = HookAction(kind: .agentMessage, capability: "support", content: "{{ payload.text }}")
    ) async throws -> Hook {
        let hook = Hook(
            id: id(), version: 1, settings: HookSettings(name: name, style: .standard, action: action),
            createdAt: Self.start, updatedAt: Self.start)
        try await stores.hooks.create(hook, receipt: nil, in: scope)
        return hook
    }

    /// A delivery that is not stored yet.
    public func delivery(
        to hook: Hook, key: String, payload: JSONValue = ["text": "Hi"], run: ExecutionID? = nil,
        at now: Date = TestOrganization.start
    ) -> HookDelivery {
        HookDelivery(
            id: id(), hookId: hook.id, key: key, externalId: nil, state: .accepted, reason: nil, executionId: run,
            replayOf: nil, payload: payload, headers: ["content_type": "application/json"], receivedAt: now)
    }

    fileprivate func hookRun() -> Execution {
        Execution(
            id: id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil, agentVersion: nil,
            input: [:], createdAt: Self.start)
    }
}
