import Foundation
public import SpotterDomain

extension StoreConformance {
    static let triggers: [StoreBehaviour] = [
        StoreBehaviour("a trigger comes back as it was written, at the end of the log") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await gym.publish("custom.before")
            let trigger = try await gym.trigger("Leads \"x\"")
            let stored = try await stores.triggers.trigger(trigger.id, in: gym.scope)
            try requireEqual(stored.settings, trigger.settings)
            try requireEqual(stored.version, 1)
            try requireEqual(stored.position, try await stores.events.lastPosition(in: gym.scope))
            try requireEqual(try await stores.triggers.behind(limit: 9, in: gym.scope).count, 0)
            try await gym.publish("custom.after")
            try requireEqual(try await stores.triggers.behind(limit: 9, in: gym.scope).map(\.id), [trigger.id])
            let organizations = try await stores.triggers.organizationsWithNews()
            try require(organizations.contains(gym.scope.organization))
        },
        StoreBehaviour("a trigger moves on once from each place, with what it starts and tells") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let id = try await gym.trigger("Leads").id
            try await gym.publish("custom.lead")
            let trigger = try await stores.triggers.trigger(id, in: gym.scope)
            let passes = (0..<4).map { _ in gym.pass(of: trigger, to: trigger.position + 1) }
            let now = TestOrganization.start
            let moved = try await withThrowingTaskGroup(of: Bool.self) { group in
                for pass in passes {
                    group.addTask { try await stores.triggers.advance(pass, at: now, in: gym.scope) }
                }
                return try await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            try requireEqual(moved.count { $0 }, 1)
            let runs = try await stores.executions.list(ExecutionFilter(), PageRequest(), in: gym.scope).items
            try requireEqual(runs.count, 1)
            let told = try await stores.events.events(
                after: trigger.position + 1, execution: nil, limit: 10, in: gym.scope)
            try requireEqual(told.map(\.type), ["execution.queued", "trigger.fired"])
            let stored = try await stores.triggers.trigger(id, in: gym.scope)
            try requireEqual(stored.position, trigger.position + 1)
            try requireEqual(stored.version, 1)
        },
        StoreBehaviour("a trigger that was changed or deleted does not move by an old look") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let id = try await gym.trigger("Leads").id
            try await gym.publish("custom.lead")
            let old = try await stores.triggers.trigger(id, in: gym.scope)
            let changed = try await gym.change(old) { $0.name = "Other" }
            try requireEqual(try await stores.triggers.trigger(id, in: gym.scope).position, old.position)
            let (pass, now) = (gym.pass(of: old, to: old.position + 1), TestOrganization.start)
            try requireEqual(try await stores.triggers.advance(pass, at: now, in: gym.scope), false)
            try await requireError(.preconditionFailed) { try await gym.change(old) { $0.name = "Third" } }
            try await requireError(.preconditionFailed) {
                try await stores.triggers.delete(id, version: 1, in: gym.scope)
            }
            try await stores.triggers.delete(id, version: 2, in: gym.scope)
            let late = gym.pass(of: changed, to: old.position + 1)
            try requireEqual(try await stores.triggers.advance(late, at: now, in: gym.scope), false)
            try await requireError(.notFound) { try await stores.triggers.trigger(id, in: gym.scope) }
            try await requireError(.notFound) { try await stores.triggers.delete(id, version: nil, in: gym.scope) }
            try requireEqual(try await stores.triggers.list(PageRequest(), in: gym.scope).items.count, 0)
        },
        StoreBehaviour("a trigger that is disabled does not look, and begins anew at the end of the log") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let id = try await gym.trigger("Leads").id
            try await gym.publish("custom.lead")
            let now = TestOrganization.start
            var pass = gym.pass(of: try await stores.triggers.trigger(id, in: gym.scope), to: 1)
            pass.executions = []
            pass.disables = true
            try requireEqual(try await stores.triggers.advance(pass, at: now, in: gym.scope), true)
            let disabled = try await stores.triggers.trigger(id, in: gym.scope)
            try requireEqual(disabled.isEnabled, false)
            try requireEqual(disabled.version, 2)
            try await gym.publish("custom.lead")
            try requireEqual(try await stores.triggers.behind(limit: 9, in: gym.scope).count, 0)
            try await gym.change(disabled) { $0.enabled = true }
            try requireEqual(
                try await stores.triggers.trigger(id, in: gym.scope).position,
                try await stores.events.lastPosition(in: gym.scope))
        },
        StoreBehaviour("triggers come and go with their workflow") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (mine, other) = (try await gym.trigger("Mine"), try await gym.trigger("Other"))
            let workflow = try unwrap(mine.settings.target.workflowId)
            try await stores.workflows.delete(workflow, version: nil, in: gym.scope)
            try requireEqual(
                try await stores.triggers.list(PageRequest(), in: gym.scope).items.map(\.id), [other.id])
        },
        StoreBehaviour("another organisation's triggers are not there, nor are targets of theirs") { stores in
            let (mine, theirs) = (
                try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)
            )
            let trigger = try await mine.trigger("Leads")
            try await requireError(.notFound) { try await stores.triggers.trigger(trigger.id, in: theirs.scope) }
            try await requireError(.notFound) {
                try await stores.triggers.create(trigger, receipt: nil, in: theirs.scope)
            }
            try await mine.publish("custom.lead")
            try requireEqual(try await stores.triggers.behind(limit: 9, in: theirs.scope).count, 0)
            let pass = mine.pass(of: trigger, to: 1)
            let isMoved = try await stores.triggers.advance(pass, at: TestOrganization.start, in: theirs.scope)
            try requireEqual(isMoved, false)
        },
    ]
}

extension TestOrganization {
    /// A trigger on `custom.*` that starts a workflow of its own.
    @discardableResult
    public func trigger(_ name: String) async throws -> Trigger {
        let workflow: WorkflowID = id()
        let settings = TriggerSettings(
            name: name, event: "custom.*", condition: "event.data.count > 0",
            input: ["count": "{{ event.data.count }}"],
            target: .workflow(workflow), enabled: true)
        let trigger = Trigger(
            id: id(), version: 1, settings: settings, createdAt: Self.start, updatedAt: Self.start)
        let definition = WorkflowDefinition(
            name: "\(name) workflow", nodes: [WorkflowNode(id: "first", type: .wait, config: ["duration_ms": 5])],
            edges: [])
        try await stores.workflows.create(
            Workflow(id: workflow, version: 1, definition: definition, createdAt: Self.start, updatedAt: Self.start),
            triggers: [trigger], receipt: nil, in: scope)
        return trigger
    }

    /// Adds an event to the log.
    @discardableResult
    public func publish(_ type: String, _ data: JSONValue = ["count": 1]) async throws -> Event? {
        let draft = try EventDraft(publishing: type, data: data)
        return try await stores.events.append([draft], at: Self.start, receipt: nil, in: scope).first
    }

    fileprivate func pass(of trigger: Trigger, to position: Int64) -> TriggerPass {
        var pass = TriggerPass(trigger)
        pass.position = position
        pass.executions = [
            Execution(
                id: id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
                agentVersion: nil, input: [:], createdAt: Self.start)
        ]
        pass.events = [EventDraft(.triggerFired, data: ["trigger_id": .string(trigger.id.description)])]
        return pass
    }

    @discardableResult
    fileprivate func change(
        _ trigger: Trigger, _ change: (inout TriggerSettings) -> Void
    ) async throws -> Trigger {
        var settings = trigger.settings
        change(&settings)
        let changed = Trigger(
            id: trigger.id, version: trigger.version + 1, settings: settings, position: trigger.position,
            createdAt: trigger.createdAt, updatedAt: trigger.updatedAt + 1)
        try await stores.triggers.update(changed, in: scope)
        return changed
    }
}
