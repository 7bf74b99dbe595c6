import Foundation
import SpotterDomain

/// A delivery with what only the store knows of it.
struct StoredOutbound: Sendable {
    var delivery: OutboundDelivery
    /// The number of its last claim.
    var fence: Int64 = 0
    var leaseUntil: Date?
}

/// Events on their way to the targets of hooks, in memory.
struct MemoryOutboundStore: OutboundStore {
    let database: MemoryDatabase

    func organizationsWithNews() async throws -> [OrganizationID] {
        database.directory { all in all.filter { !$0.value.outboundFeeds.isEmpty }.map(\.key) }
    }

    func feeds(limit: Int, in scope: OrganizationScope) async throws -> [OutboundFeed] {
        database.read(scope) { records in
            let open = records.outboundFeeds.filter {
                (records.hooks[$0.hook]?.pendingOutbound ?? 0) < OutboundLimits.mostPending
            }
            return Array(open.sorted { ($0.position, $0.hook) < ($1.position, $1.hook) }.prefix(limit))
        }
    }

    func advance(_ pass: OutboundPass, in scope: OrganizationScope) async throws -> Bool {
        let now = database.clock.now()
        return try database.write(scope) { records in
            guard let endpoint = records.hooks[pass.hook]?.endpoint, endpoint.isActive,
                endpoint.position == pass.start
            else { return false }
            records.hooks[pass.hook]?.endpoint?.position = pass.position
            _ = records.queueOutbound(pass.deliveries, of: pass.hook, repeating: false, at: now)
            return true
        }
    }

    // MARK: Sending

    func claim(_ wish: OutboundWish) async throws -> [OutboundClaim] {
        let now = database.clock.now()
        return database.directory { all in
            let places = all.flatMap { place in place.value.hooks.keys.map { (place.key, $0) } }.sorted { $0 < $1 }
            let start = wish.after.map { ($0.organization, $0.hook) }
            let turn =
                places.filter { place in start.map { place > $0 } ?? true }
                + places.filter { place in start.map { place <= $0 } ?? false }
            var (claims, failing): ([OutboundClaim], Int) = ([], wish.failing)
            for (organization, hook) in turn where claims.count < wish.limit {
                let taken =
                    all[organization]?.claimOutbound(
                        of: organization, hook, min(wish.limit - claims.count, .max), failing,
                        until: now + wish.lease / .seconds(1), at: now) ?? []
                failing -= taken.filter(\.isFailing).count
                claims += taken
            }
            return claims
        }
    }

    func parcel(for claim: OutboundClaim) async throws -> OutboundParcel? {
        database.read(OrganizationScope(claim.organization)) { records in
            guard let stored = records.hooks[claim.hook], let delivery = stored.outbound[claim.id]?.delivery else {
                return nil
            }
            guard let position = delivery.position else {
                let body = HookMessageBody.test(of: claim.hook, at: delivery.createdAt)
                return OutboundParcel(hook: stored.hook, delivery: delivery, body: body)
            }
            guard let event = records.events.first(where: { $0.position == position }) else { return nil }
            return OutboundParcel(hook: stored.hook, delivery: delivery, body: HookMessageBody.bytes(of: event))
        }
    }

    func record(
        _ outcome: OutboundOutcome, of claim: OutboundClaim, failureLimit: Duration, at time: Date
    ) async throws -> String? {
        let now = database.clock.now()
        return try database.write(OrganizationScope(claim.organization)) { records in
            guard var stored = records.hooks[claim.hook]?.outbound[claim.id], stored.delivery.state == .pending,
                stored.fence == claim.fence, var endpoint = records.hooks[claim.hook]?.endpoint
            else { throw LeaseLost() }
            stored.leaseUntil = nil
            stored.delivery.apply(outcome, at: now)
            records.hooks[claim.hook]?.outbound[claim.id] = stored
            if outcome.step == .delivered { (endpoint.failingSince, endpoint.pausedUntil) = (nil, nil) }
            if outcome.isFailure {
                endpoint.failingSince = endpoint.failingSince ?? now
                let pause = outcome.pause.map { now + $0 / .seconds(1) }
                endpoint.pausedUntil = [endpoint.pausedUntil, pause].compactMap { $0 }.max()
            }
            records.hooks[claim.hook]?.endpoint = endpoint
            let isLong =
                outcome.isFailure
                && endpoint.failingSince.map { $0 <= now - failureLimit / .seconds(1) } ?? false
            guard outcome.isGone || isLong, endpoint.isActive else { return nil }
            let reason =
                outcome.isGone
                ? outcome.reason ?? "The target is gone." : "Nothing has come through to the target for too long."
            records.disableOutbound(claim.hook, reason, at: now, told: time)
            return reason
        }
    }

    // MARK: For people

    func endpoint(of hook: HookID, in scope: OrganizationScope) async throws -> HookEndpoint {
        let stored = database.read(scope) { $0.hooks[hook] }
        guard let stored, var endpoint = stored.endpoint else { throw SpotterError.notFound("hook") }
        endpoint.pending = stored.pendingOutbound
        return endpoint
    }

    func deliveries(
        of hook: HookID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<OutboundDelivery> {
        let stored = database.read(scope) { $0.hooks[hook] }
        guard let stored, stored.endpoint != nil else { throw SpotterError.notFound("hook") }
        return newestFirst(stored.outbound.values.map(\.delivery), page, id: \.id)
    }

    func delivery(
        _ id: HookDeliveryID, of hook: HookID, in scope: OrganizationScope
    ) async throws -> OutboundDelivery {
        let found = database.read(scope) { $0.hooks[hook]?.outbound[id]?.delivery }
        guard let found else { throw SpotterError.notFound("delivery") }
        return found
    }

    func requeue(
        _ id: HookDeliveryID, of hook: HookID, receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> OutboundDelivery {
        let now = database.clock.now()
        _ = try await delivery(id, of: hook, in: scope)
        return try database.write(scope) { records in
            try records.insert(receipt)
            guard var stored = records.hooks[hook]?.outbound[id] else { throw SpotterError.notFound("delivery") }
            guard records.hooks[hook]?.endpoint?.isActive ?? false else { throw SpotterError.disabledHook }
            guard stored.leaseUntil == nil else { return stored.delivery }
            if stored.delivery.state == .pending { stored.delivery.dueAt = now } else { stored.delivery.renew(at: now) }
            stored.delivery.reason = nil
            records.hooks[hook]?.outbound[id] = stored
            return stored.delivery
        }
    }

    func queue(_ deliveries: [OutboundDelivery], of hook: HookID, in scope: OrganizationScope) async throws -> Int {
        let now = database.clock.now()
        guard database.read(scope, { $0.hooks[hook]?.endpoint }) != nil else { throw SpotterError.notFound("hook") }
        return try database.write(scope) { records in
            guard records.hooks[hook]?.endpoint?.isActive ?? false else { throw SpotterError.disabledHook }
            return records.queueOutbound(deliveries, of: hook, repeating: true, at: now)
        }
    }

    func position(before time: Date, in scope: OrganizationScope) async throws -> Int64 {
        database.read(scope) { $0.events.prefix { $0.at < time }.last?.position ?? 0 }
    }

    func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
        guard database.read(scope, \.organization) != nil else { return 0 }
        return try database.write(scope) { records in
            let all = records.hooks.values.flatMap { $0.outbound.values.map(\.delivery) }
            let old = all.filter { $0.createdAt < date && $0.state != .pending }.sorted { $0.createdAt < $1.createdAt }
            for delivery in old.prefix(limit) { records.hooks[delivery.hookId]?.outbound[delivery.id] = nil }
            return min(limit, old.count)
        }
    }
}

extension StoredHook {
    fileprivate var pendingOutbound: Int { outbound.values.count { $0.delivery.state == .pending } }
}

extension OrganizationRecords {
    fileprivate var outboundFeeds: [OutboundFeed] {
        let last = events.last?.position ?? 0
        return hooks.values.compactMap { stored in
            guard let endpoint = stored.endpoint, let target = stored.hook.settings.target, endpoint.isActive,
                endpoint.position < last
            else { return nil }
            return OutboundFeed(hook: stored.hook.id, target: target, position: endpoint.position)
        }
    }

    fileprivate mutating func queueOutbound(
        _ deliveries: [OutboundDelivery], of hook: HookID, repeating: Bool, at now: Date
    ) -> Int {
        var count = 0
        for draft in deliveries {
            let known = hooks[hook]?.outbound.values.first {
                draft.position != nil && $0.delivery.position == draft.position
            }
            if var known {
                guard repeating, known.delivery.state != .pending else { continue }
                known.delivery.renew(at: now)
                hooks[hook]?.outbound[known.delivery.id] = known
            } else {
                hooks[hook]?.outbound[draft.id] = StoredOutbound(
                    delivery: OutboundDelivery(
                        id: draft.id, hookId: hook, position: draft.position, eventType: draft.eventType,
                        resource: draft.resource, dueAt: now, createdAt: now))
            }
            count += 1
        }
        return count
    }

    mutating func cancelOutbound(of hook: HookID, _ reason: String, at now: Date) {
        for (id, stored) in hooks[hook]?.outbound ?? [:] where stored.delivery.state == .pending {
            var stored = stored
            stored.leaseUntil = nil
            (stored.delivery.state, stored.delivery.reason, stored.delivery.endedAt) = (.cancelled, reason, now)
            hooks[hook]?.outbound[id] = stored
        }
    }

    fileprivate mutating func disableOutbound(_ id: HookID, _ reason: String, at now: Date, told: Date) {
        hooks[id]?.endpoint?.isActive = false
        hooks[id]?.endpoint?.disabledReason = reason
        hooks[id]?.hook.version += 1
        hooks[id]?.hook.settings.enabled = false
        hooks[id]?.hook.updatedAt = told
        cancelOutbound(of: id, reason, at: now)
        let name = hooks[id]?.hook.settings.name ?? ""
        _ = append([.disabled(id, name: name, reason)], at: told)
    }

    fileprivate mutating func claimOutbound(
        of organization: OrganizationID, _ hook: HookID, _ most: Int, _ failing: Int, until lease: Date, at now: Date
    ) -> [OutboundClaim] {
        guard let stored = hooks[hook], let endpoint = stored.endpoint, endpoint.isActive,
            endpoint.pausedUntil.map({ $0 <= now }) ?? true
        else { return [] }
        let isFailing = endpoint.failingSince != nil
        let busy = stored.outbound.values.count { $0.leaseUntil.map { $0 > now } ?? false }
        let room = min(most, (isFailing ? min(1, failing) : OutboundLimits.mostAtOnce) - busy)
        guard room > 0 else { return [] }
        let pending = stored.outbound.values.filter { $0.delivery.state == .pending }
        let due = pending.filter { one in
            guard one.delivery.dueAt <= now else { return false }
            guard let resource = one.delivery.resource, let position = one.delivery.position else { return true }
            return !pending.contains { $0.delivery.resource == resource && ($0.delivery.position ?? .max) < position }
        }
        let order = due.sorted {
            ($0.delivery.dueAt, $0.delivery.position ?? .max) < ($1.delivery.dueAt, $1.delivery.position ?? .max)
        }
        return order.prefix(room).map { stored in
            var stored = stored
            stored.delivery.attempt += 1
            stored.delivery.dueAt = lease
            stored.fence += 1
            stored.leaseUntil = lease
            hooks[hook]?.outbound[stored.delivery.id] = stored
            return OutboundClaim(
                organization: organization, hook: hook, id: stored.delivery.id, attempt: stored.delivery.attempt,
                fence: stored.fence, isFailing: isFailing)
        }
    }
}

extension OutboundDelivery {
    fileprivate mutating func renew(at now: Date) {
        (state, reason, attempt, dueAt, endedAt) = (.pending, nil, 0, now, nil)
    }

    fileprivate mutating func apply(_ outcome: OutboundOutcome, at now: Date) {
        reason = outcome.reason
        if let attempt = outcome.attempt { attempts = attempts.suffix(HookAttempt.mostKept - 1) + [attempt] }
        switch outcome.step {
        case .delivered: (state, endedAt) = (.delivered, now)
        case .failed: (state, endedAt) = (.failed, now)
        case .again(let wait): dueAt = now + wait / .seconds(1)
        case .handedBack(let wait): (dueAt, attempt) = (now + wait / .seconds(1), attempt - 1)
        }
    }
}
