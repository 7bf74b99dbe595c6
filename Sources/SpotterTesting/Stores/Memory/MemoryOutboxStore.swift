import Foundation
import SpotterDomain

/// A message with what only the store knows of it.
struct StoredOutboxMessage: Sendable {
    var message: OutboxMessage
    let key: String
    let content: String
    /// The number of its last claim.
    var fence: Int64 = 0
    var leaseUntil: Date?
}

/// The outbox in memory.
struct MemoryOutboxStore: OutboxStore {
    let database: MemoryDatabase

    func enqueue(
        _ drafts: [OutboxDraft], in scope: OrganizationScope
    ) async throws -> [(message: OutboxMessage, isNew: Bool)] {
        try database.write(scope) { records in
            try drafts.map { draft in
                if let known = records.outbox.values.first(where: { $0.key == draft.key }) {
                    guard known.content == draft.content else {
                        throw SpotterError(
                            .idempotencyMismatch, "Another message stands in the outbox under this key already.")
                    }
                    return (known.message, known.message.id == draft.message.id)
                }
                if let id = draft.message.clientId, records.gym[id] == nil { throw SpotterError.notFound("client") }
                records.outbox[draft.message.id] = StoredOutboxMessage(
                    message: draft.message, key: draft.key, content: draft.content)
                return (draft.message, true)
            }
        }
    }

    func message(_ id: OutboxID, in scope: OrganizationScope) async throws -> OutboxMessage {
        guard let stored = database.read(scope, { $0.outbox[id] }) else { throw SpotterError.notFound("message") }
        return stored.message
    }

    func list(
        _ filter: OutboxFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<OutboxMessage> {
        let all = database.read(scope) { $0.outbox.values.map(\.message) }
        let messages = all.filter { filter.lets($0) }
        return newestFirst(messages, page, id: \.id)
    }

    func cancel(_ id: OutboxID, in scope: OrganizationScope) async throws -> OutboxMessage {
        try change(
            id, from: [.held, .queued], in: scope, refusal: "Only a message that is held or queued can be cancelled"
        ) { $0.message.status = .cancelled }
    }

    func retry(_ id: OutboxID, at now: Date, in scope: OrganizationScope) async throws -> OutboxMessage {
        try change(
            id, from: [.failed, .needsReview, .cancelled], in: scope,
            refusal: "Only a message that failed, was cancelled or needs a review can be sent again"
        ) { stored in
            stored.message.status = .queued
            stored.message.attempt = 0
            stored.message.dueAt = now
        }
    }

    private func change(
        _ id: OutboxID, from states: [OutboxMessage.Status], in scope: OrganizationScope, refusal: String,
        _ edit: (inout StoredOutboxMessage) -> Void
    ) throws -> OutboxMessage {
        try database.write(scope) { records in
            guard var stored = records.outbox[id] else { throw SpotterError.notFound("message") }
            guard states.contains(stored.message.status) else {
                throw SpotterError(.conflict, "\(refusal); this one is \(stored.message.status.rawValue).")
            }
            stored.message.reason = nil
            edit(&stored)
            records.outbox[id] = stored
            return stored.message
        }
    }

    func release(_ channels: [MessageChannel], in scope: OrganizationScope) async throws -> Int {
        let now = database.clock.now()
        return try database.write(scope) { records in
            let held = records.outbox.values.filter {
                $0.message.status == .held && channels.contains($0.message.channel)
            }
            for stored in held {
                records.outbox[stored.message.id]?.message.status = .queued
                records.outbox[stored.message.id]?.message.reason = nil
                records.outbox[stored.message.id]?.message.dueAt = max(stored.message.dueAt, now)
            }
            return held.count
        }
    }

    // MARK: Couriers

    func claim(limit: Int, lease: Duration, after: OrganizationID?) async throws -> [OutboxClaim] {
        let now = database.clock.now()
        return database.directory { organizations in
            for id in organizations.keys { organizations[id]?.reviewLost(at: now) }
            let order = organizations.keys.sorted()
            let turn =
                order.filter { id in after.map { id > $0 } ?? true }
                + order.filter { id in after.map { id <= $0 } ?? false }
            var claims: [OutboxClaim] = []
            let share = max(1, limit / 4)
            while claims.count < limit {
                let before = claims.count
                for id in turn where claims.count < limit {
                    claims +=
                        organizations[id]?.claimMessages(
                            of: id, min(share, limit - claims.count), until: now + lease / .seconds(1), at: now) ?? []
                }
                if claims.count == before { break }
            }
            return claims
        }
    }

    func record(_ outcome: OutboxOutcome, of claim: OutboxClaim) async throws {
        let now = database.clock.now()
        try database.write(OrganizationScope(claim.organization)) { records in
            guard var stored = records.outbox[claim.id], stored.message.status == .sending,
                stored.fence == claim.fence
            else { throw LeaseLost() }
            stored.leaseUntil = nil
            stored.message.apply(outcome, at: now)
            records.outbox[claim.id] = stored
        }
    }
}

extension OutboxMessage {
    fileprivate mutating func apply(_ outcome: OutboxOutcome, at now: Date) {
        switch outcome {
        case .sent(let reference):
            status = .sent
            reason = nil
            providerId = reference ?? providerId
            sentAt = now
        case .again(let wait, let words):
            status = .queued
            reason = words
            dueAt = now + wait / .seconds(1)
        case .handedBack(let until, let words):
            status = .queued
            reason = words
            dueAt = until ?? dueAt
            attempt -= 1
        case .ended(let end, let words):
            status = end
            reason = words
        }
    }
}

extension OrganizationRecords {
    fileprivate mutating func reviewLost(at now: Date) {
        for (id, stored) in outbox where stored.message.status == .sending && (stored.leaseUntil ?? now) < now {
            outbox[id]?.message.status = .needsReview
            outbox[id]?.message.reason =
                "The process that was sending it ended without a report: it may have been sent."
            outbox[id]?.leaseUntil = nil
        }
    }

    fileprivate mutating func claimMessages(
        of organization: OrganizationID, _ most: Int, until lease: Date, at now: Date
    ) -> [OutboxClaim] {
        let due = outbox.values.filter { $0.message.status == .queued && $0.message.dueAt <= now }
        let order = due.sorted { ($0.message.dueAt, $0.message.id) < ($1.message.dueAt, $1.message.id) }
        return order.prefix(most).map { stored in
            var stored = stored
            stored.message.status = .sending
            stored.message.attempt += 1
            stored.fence += 1
            stored.leaseUntil = lease
            outbox[stored.message.id] = stored
            return OutboxClaim(
                organization: organization, id: stored.message.id, attempt: stored.message.attempt,
                fence: stored.fence)
        }
    }
}

extension OutboxFilter {
    fileprivate func lets(_ message: OutboxMessage) -> Bool {
        if let status, status != message.status { return false }
        if let channel, channel != message.channel { return false }
        if let purpose, purpose != message.purpose { return false }
        if let person, person != message.person { return false }
        return true
    }
}
