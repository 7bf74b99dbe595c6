import Foundation
import SpotterDomain

/// Hooks and their deliveries in memory.
struct MemoryHookStore: HookStore {
    let database: MemoryDatabase

    func create(_ hook: Hook, receipt: Receipt?, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            try records.insert(receipt)
            guard records.hooks.count < HookLimits.mostHooks else { throw HookLimits.tooMany }
            try records.requireFreeName(for: hook)
            records.hooks[hook.id] = .init(hook: hook)
            guard hook.settings.target != nil else { return }
            records.hooks[hook.id]?.endpoint = HookEndpoint(
                isActive: hook.settings.isEnabled, position: records.events.last?.position ?? 0)
        }
    }

    func hook(_ id: HookID, in scope: OrganizationScope) async throws -> Hook {
        try database.read(scope) { try $0.storedHook(id).hook }
    }

    func organization(ofHook id: HookID) async throws -> OrganizationID? {
        database.directory { all in all.first { $0.value.hooks[id] != nil }?.key }
    }

    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Hook> {
        database.read(scope) { newestFirst($0.hooks.values.map(\.hook), page, id: \.id) }
    }

    func update(_ hook: Hook, in scope: OrganizationScope) async throws {
        let clock = database.clock.now()
        _ = try database.read(scope) { try $0.storedHook(hook.id) }
        try database.write(scope) { records in
            guard try records.storedHook(hook.id).hook.version == hook.version - 1 else {
                throw SpotterError.stale("hook")
            }
            try records.requireFreeName(for: hook)
            records.hooks[hook.id]?.hook = hook
            records.follow(hook, at: clock)
        }
    }

    func delete(_ id: HookID, version: Int?, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.storedHook(id) }
        try database.write(scope) { records in
            let current = try records.storedHook(id).hook.version
            guard version == nil || version == current else { throw SpotterError.stale("hook") }
            records.hooks[id] = nil
        }
    }

    func accept(
        _ delivery: HookDelivery, starting execution: Execution?, noting notes: HookNotes?, receipt: Receipt?,
        in scope: OrganizationScope
    ) async throws -> HookAcceptance {
        let clock = database.clock.now()
        guard database.read(scope, { $0.hooks[delivery.hookId] }) != nil else { throw SpotterError.notFound("hook") }
        return try database.write(scope) { records in
            try records.insert(receipt)
            if let known = try records.storedHook(delivery.hookId).deliveries.first(where: { $0.key == delivery.key }) {
                return .known(known)
            }
            records.hooks[delivery.hookId]?.deliveries.append(delivery)
            var events = [delivery.event]
            if let execution {
                if let task = execution.taskId {
                    _ = try records.start(execution, of: task, clock: clock)
                } else {
                    try records.insert(execution, worker: nil, at: clock)
                    events.append(execution.queuedEvent)
                }
            }
            if let notes { events += try records.write(notes) }
            _ = records.append(events, at: delivery.receivedAt)
            return .taken
        }
    }

    func deliveries(
        of id: HookID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<HookDelivery> {
        try database.read(scope) { newestFirst(try $0.storedHook(id).deliveries, page, id: \.id) }
    }

    func delivery(
        _ id: HookDeliveryID, of hook: HookID, in scope: OrganizationScope
    ) async throws -> HookDelivery {
        let found = database.read(scope) { $0.hooks[hook]?.deliveries.first { $0.id == id } }
        guard let found else { throw SpotterError.notFound("delivery") }
        return found
    }

    func forgetDeliveries(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
        guard database.read(scope, \.organization) != nil else { return 0 }
        return try database.write(scope) { records in
            let all = records.hooks.values.flatMap(\.deliveries)
            let old = all.filter { $0.receivedAt < date }.sorted { $0.receivedAt < $1.receivedAt }.prefix(limit)
            for delivery in old { records.hooks[delivery.hookId]?.deliveries.removeAll { $0.id == delivery.id } }
            return old.count
        }
    }
}

/// A hook with what came by it.
struct StoredHook: Sendable {
    var hook: Hook
    var deliveries: [HookDelivery] = []
    /// How it goes with its target; nil of one that takes messages.
    var endpoint: HookEndpoint?
    /// What is on its way to its target.
    var outbound: [HookDeliveryID: StoredOutbound] = [:]
}

extension OrganizationRecords {
    /// What a change of a hook means for its target.
    fileprivate mutating func follow(_ hook: Hook, at now: Date) {
        guard let endpoint = hooks[hook.id]?.endpoint, endpoint.isActive != hook.settings.isEnabled else { return }
        hooks[hook.id]?.endpoint = HookEndpoint(
            isActive: hook.settings.isEnabled, position: events.last?.position ?? 0)
        if !hook.settings.isEnabled { cancelOutbound(of: hook.id, "The hook was disabled.", at: now) }
    }

    /// Consents and the notification.
    ///
    /// - Returns: the events of them, and the others.
    fileprivate mutating func write(_ notes: HookNotes) throws -> [EventDraft] {
        let told = try keep(notes.consents)
        if let notice = notes.notice, notes.noticeKey.flatMap({ noticeKeys[$0] }) == nil {
            notices[notice.id] = notice
            if let key = notes.noticeKey { noticeKeys[key] = notice.id }
        }
        return told + notes.events
    }

    fileprivate func storedHook(_ id: HookID) throws -> StoredHook {
        guard let stored = hooks[id] else { throw SpotterError.notFound("hook") }
        return stored
    }

    fileprivate func requireFreeName(for hook: Hook) throws {
        let key = FoldedText.fold(hook.settings.name)
        let isTaken = hooks.values.contains { $0.hook.id != hook.id && FoldedText.fold($0.hook.settings.name) == key }
        if isTaken { throw HookLimits.nameIsTaken }
    }
}
