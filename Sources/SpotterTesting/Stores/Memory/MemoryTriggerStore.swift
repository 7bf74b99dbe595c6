import Foundation
import SpotterDomain

/// Triggers in memory.
struct MemoryTriggerStore: TriggerStore {
    let database: MemoryDatabase

    func create(_ trigger: Trigger, receipt: Receipt?, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            try records.insert(receipt)
            try records.insert(trigger)
        }
    }

    func trigger(_ id: TriggerID, in scope: OrganizationScope) async throws -> Trigger {
        try database.read(scope) { try $0.trigger(id) }
    }

    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Trigger> {
        database.read(scope) { newestFirst($0.liveTriggers, page, id: \.id) }
    }

    func update(_ trigger: Trigger, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.trigger(trigger.id) }
        try database.write(scope) { records in
            let old = try records.trigger(trigger.id)
            guard old.version == trigger.version - 1 else { throw SpotterError.stale("trigger") }
            let isNew = trigger.isEnabled && !old.isEnabled
            records.triggers[trigger.id]?.trigger = trigger.kept(
                at: isNew ? records.events.last?.position ?? 0 : old.position)
        }
    }

    func delete(_ id: TriggerID, version: Int?, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.trigger(id) }
        try database.write(scope) { records in
            let current = try records.trigger(id).version
            guard version == nil || version == current else { throw SpotterError.stale("trigger") }
            records.triggers[id]?.isDeleted = true
        }
    }

    func organizationsWithNews() async throws -> [OrganizationID] {
        database.directory { organizations in
            organizations.filter { !$0.value.triggersBehind.isEmpty }.map(\.key)
        }
    }

    func behind(limit: Int, in scope: OrganizationScope) async throws -> [Trigger] {
        database.read(scope) { records in
            Array(records.triggersBehind.sorted { ($0.position, $0.id) < ($1.position, $1.id) }.prefix(limit))
        }
    }

    func advance(_ pass: TriggerPass, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        let clock = database.clock.now()
        return try database.write(scope) { records in
            guard let stored = records.triggers[pass.trigger.id], !stored.isDeleted, stored.trigger.isEnabled,
                stored.trigger.version == pass.trigger.version, stored.trigger.position == pass.trigger.position
            else { return false }
            var trigger = stored.trigger
            if pass.disables {
                var settings = trigger.settings
                settings.enabled = false
                trigger = Trigger(
                    id: trigger.id, version: trigger.version + 1, settings: settings, createdAt: trigger.createdAt,
                    updatedAt: now)
            }
            records.triggers[trigger.id]?.trigger = trigger.kept(at: pass.position)
            for execution in pass.executions { try records.insert(execution, worker: nil, at: clock) }
            _ = records.append(pass.executions.map(\.queuedEvent) + pass.events, at: now)
            return true
        }
    }
}

extension OrganizationRecords {
    /// Keeps a new trigger, which begins at the end of the log.
    mutating func insert(_ trigger: Trigger) throws {
        guard liveTriggers.count < TriggerLimits.mostTriggers else { throw TriggerLimits.tooMany }
        if let id = trigger.settings.target.workflowId, workflows[id] == nil { throw SpotterError.notFound("workflow") }
        if let id = trigger.settings.target.taskId, tasks[id] == nil { throw SpotterError.notFound("task") }
        triggers[trigger.id] = StoredTrigger(trigger: trigger.kept(at: events.last?.position ?? 0))
    }

    fileprivate var liveTriggers: [Trigger] { triggers.values.filter { !$0.isDeleted }.map(\.trigger) }

    fileprivate var triggersBehind: [Trigger] {
        let last = events.last?.position ?? 0
        return liveTriggers.filter { $0.isEnabled && $0.position < last }
    }

    fileprivate func trigger(_ id: TriggerID) throws -> Trigger {
        guard let stored = triggers[id], !stored.isDeleted else { throw SpotterError.notFound("trigger") }
        return stored.trigger
    }
}

extension Trigger {
    /// As a store keeps it: with a place, and with what `enabled` means said.
    fileprivate func kept(at position: Int64) -> Trigger {
        var settings = settings
        settings.enabled = isEnabled
        return Trigger(
            id: id, version: version, settings: settings, position: position, createdAt: createdAt,
            updatedAt: updatedAt)
    }
}
