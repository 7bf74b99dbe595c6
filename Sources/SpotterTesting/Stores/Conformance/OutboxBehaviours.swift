import Foundation
import SpotterDomain

extension StoreConformance {
    static let outbox: [StoreBehaviour] = [
        StoreBehaviour("a message is kept as it was written, once for a key, and another under the key is refused") {
            stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let message = gym.mail(to: ana)
            let first = try await stores.outbox.enqueue([OutboxDraft(message, key: "k")], in: gym.scope)
            try requireEqual(first.map(\.message), [message])
            try requireEqual(first.map(\.isNew), [true])
            try requireEqual(try await stores.outbox.message(message.id, in: gym.scope), message)
            // What the rules made of it may differ; what was asked may not.
            let again = gym.mail(to: ana, status: .held, dueAt: TestOrganization.start + 60)
            let other = gym.mail(to: ana)
            let both = [OutboxDraft(again, key: "k"), OutboxDraft(other, key: "other")]
            let second = try await stores.outbox.enqueue(both, in: gym.scope)
            try requireEqual(second.map(\.message), [message, other])
            try requireEqual(second.map(\.isNew), [false, true])
            let unlike = [
                OutboxDraft(gym.mail(to: ana), key: "new"), OutboxDraft(gym.mail(to: ana, body: "No"), key: "k"),
            ]
            try await requireError(.idempotencyMismatch) { try await stores.outbox.enqueue(unlike, in: gym.scope) }
            // All or none.
            try requireEqual(try await ids(stores, gym), [other.id, message.id])
        },
        StoreBehaviour("messages are listed newest first, by status, channel, purpose and person") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let ben = gym.client("Ben", email: "ben@example.com")
            try await stores.clients.add([ben], in: gym.scope)
            let messages = [
                gym.mail(to: ana), gym.mail(to: ana, status: .held, purpose: .marketing), gym.mail(to: ben),
            ]
            let drafts = messages.map { OutboxDraft($0, key: "\($0.id)") }
            _ = try await stores.outbox.enqueue(drafts, in: gym.scope)
            let found = try await allPages(limit: 1) {
                try await stores.outbox.list(OutboxFilter(), $0, in: gym.scope)
            }
            try requireEqual(found, messages.reversed())
            try requireEqual(try await ids(stores, gym, OutboxFilter(status: .held)), [messages[1].id])
            try requireEqual(try await ids(stores, gym, OutboxFilter(channel: .sms)), [])
            try requireEqual(try await ids(stores, gym, OutboxFilter(purpose: .marketing)), [messages[1].id])
            try requireEqual(try await ids(stores, gym, OutboxFilter(person: .client(ben.id))), [messages[2].id])
        },
        StoreBehaviour("what is held or queued can be cancelled, and what has ended badly can be sent again") {
            stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let held = gym.mail(to: ana, status: .held)
            let suppressed = gym.mail(to: ana, status: .suppressed)
            _ = try await stores.outbox.enqueue(
                [OutboxDraft(held, key: "a"), OutboxDraft(suppressed, key: "b")], in: gym.scope)
            try requireEqual(try await stores.outbox.cancel(held.id, in: gym.scope).status, .cancelled)
            try await requireError(.conflict) { try await stores.outbox.cancel(held.id, in: gym.scope) }
            let later = TestOrganization.start + 3_600
            let again = try await stores.outbox.retry(held.id, at: later, in: gym.scope)
            try requireEqual(again.status, .queued)
            try requireEqual(again.dueAt, later)
            for id in [held.id, suppressed.id] {
                try await requireError(.conflict) { try await stores.outbox.retry(id, at: later, in: gym.scope) }
            }
            try await requireError(.conflict) { try await stores.outbox.cancel(suppressed.id, in: gym.scope) }
            try await requireError(.notFound) { try await stores.outbox.cancel(gym.id(), in: gym.scope) }
        },
        StoreBehaviour("what is held is released by its channel") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let held = gym.mail(to: ana, status: .held)
            _ = try await stores.outbox.enqueue([OutboxDraft(held, key: "a")], in: gym.scope)
            try requireEqual(try await stores.outbox.release([.sms], in: gym.scope), 0)
            try requireEqual(try await stores.outbox.release([.sms, .email], in: gym.scope), 1)
            try requireEqual(try await stores.outbox.message(held.id, in: gym.scope).status, .queued)
        },
        StoreBehaviour("what was held for long and is released together counts for one another") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let held = (0..<4).map { _ in
                gym.mail(to: ana, status: .held, purpose: .marketing, dueAt: Date() - 30 * 86_400)
            }
            _ = try await stores.outbox.enqueue(held.map { OutboxDraft($0, key: "\($0.id)") }, in: gym.scope)
            try requireEqual(try await stores.outbox.release([.email], in: gym.scope), 4)
            // Each counts those before it, so that as many go as may, whoever takes them in which order.
            var counts: [Int] = []
            for message in held {
                let facts = try await stores.contacts.facts(
                    of: [.client(ana.id)], .email, since: Date() - MessageDesk.week, besides: message.id, in: gym.scope)
                counts.append(facts[.client(ana.id)]?.marketingInWeek ?? -1)
            }
            try requireEqual(counts.sorted(), [0, 1, 2, 3])
        },
        StoreBehaviour("another organisation's messages and people do not exist") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let other = try await TestOrganization.make(in: stores)
            let message = gym.mail(to: ana, status: .held)
            _ = try await stores.outbox.enqueue([OutboxDraft(message, key: "k")], in: gym.scope)
            try await requireError(.notFound) { try await stores.outbox.message(message.id, in: other.scope) }
            try await requireError(.notFound) { try await stores.outbox.cancel(message.id, in: other.scope) }
            try await requireError(.notFound) {
                try await stores.outbox.retry(message.id, at: TestOrganization.start, in: other.scope)
            }
            try requireEqual(try await stores.outbox.release([.email], in: other.scope), 0)
            try requireEqual(try await ids(stores, other), [])
            // Nor can one be written to.
            try await requireError(.notFound) {
                try await stores.outbox.enqueue([OutboxDraft(other.mail(to: ana), key: "k")], in: other.scope)
            }
            try require(try await stores.contacts.contact(.client(ana.id), in: other.scope) == nil)
            try requireEqual(
                try await stores.contacts.contacts(at: "ana@example.com", .email, in: other.scope).map(\.name), [])
        },
    ]

    static let couriers: [StoreBehaviour] = [
        StoreBehaviour("a courier gets what is due, in turn for each organisation, and nobody gets it twice") {
            stores in
            let (first, ana) = try await gymWithMember(in: stores)
            let (second, ben) = try await gymWithMember(in: stores)
            let due = Date() - 60
            let many = (0..<20).map { OutboxDraft(first.mail(to: ana, dueAt: due), key: "\($0)") }
            _ = try await stores.outbox.enqueue(many, in: first.scope)
            let one = second.mail(to: ben, dueAt: due)
            let later = second.mail(to: ben, dueAt: Date() + 3_600)
            let held = second.mail(to: ben, status: .held, dueAt: due)
            _ = try await stores.outbox.enqueue(
                [one, later, held].map { OutboxDraft($0, key: "\($0.id)") }, in: second.scope)
            let claims = try await stores.outbox.claim(limit: 8, lease: .seconds(60), after: nil)
            try requireEqual(claims.count, 8)
            try require(claims.contains { $0.id == one.id }, "one waits behind the other's twenty")
            try require(claims.allSatisfy { $0.attempt == 1 })
            let rest = try await stores.outbox.claim(limit: 100, lease: .seconds(60), after: nil)
            try requireEqual(rest.count, 13)
            try requireEqual(Set((claims + rest).map(\.id)).count, 21)
            try requireEqual(try await stores.outbox.claim(limit: 8, lease: .seconds(60), after: nil), [])
            try requireEqual(try await stores.outbox.message(one.id, in: second.scope).status, .sending)
        },
        StoreBehaviour("what became of a message is written under its attempt alone") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let message = gym.mail(to: ana, dueAt: Date() - 60)
            _ = try await stores.outbox.enqueue([OutboxDraft(message, key: "k")], in: gym.scope)
            func claim() async throws -> OutboxClaim {
                try unwrap(try await stores.outbox.claim(limit: 1, lease: .seconds(60), after: nil).first)
            }
            func now() async throws -> OutboxMessage { try await stores.outbox.message(message.id, in: gym.scope) }
            let first = try await claim()
            try await stores.outbox.record(.handedBack(until: nil, reason: nil), of: first)
            try requireEqual(try await now().attempt, 0)
            let second = try await claim()
            try await stores.outbox.record(.again(after: .zero, reason: "Busy."), of: second)
            try requireEqual(try await now().reason, "Busy.")
            let third = try await claim()
            try requireEqual(third.attempt, 2)
            try await requireThrows(LeaseLost.self) {
                try await stores.outbox.record(.sent(providerId: "x"), of: second)
            }
            try await stores.outbox.record(.sent(providerId: "abc"), of: third)
            let sent = try await now()
            try requireEqual(sent.status, .sent)
            try requireEqual(sent.providerId, "abc")
            try require(sent.sentAt != nil && sent.reason == nil)
            try await requireThrows(LeaseLost.self) {
                try await stores.outbox.record(.ended(.failed, reason: "No."), of: third)
            }
            try requireEqual(try await now().status, .sent)
        },
        StoreBehaviour("a courier that comes back late writes nothing, also after the message was sent again by hand") {
            stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let message = gym.mail(to: ana, dueAt: Date() - 60)
            _ = try await stores.outbox.enqueue([OutboxDraft(message, key: "k")], in: gym.scope)
            func claim(lease: Duration) async throws -> [OutboxClaim] {
                try await stores.outbox.claim(limit: 1, lease: lease, after: nil)
            }
            let late = try unwrap(try await claim(lease: .seconds(-1)).first)
            _ = try await claim(lease: .seconds(60))
            let again = try await stores.outbox.retry(message.id, at: Date() - 1, in: gym.scope)
            try requireEqual([again.status.rawValue, "\(again.attempt)"], ["queued", "0"])
            let current = try unwrap(try await claim(lease: .seconds(60)).first)
            // It is the first try again, and yet another claim.
            try requireEqual(current.attempt, 1)
            try require(current.fence > late.fence)
            try await requireThrows(LeaseLost.self) {
                try await stores.outbox.record(.sent(providerId: "late"), of: late)
            }
            try await stores.outbox.record(.handedBack(until: nil, reason: nil), of: current)
            let next = try unwrap(try await claim(lease: .seconds(60)).first)
            try require(next.fence > current.fence)
            try requireEqual(next.attempt, 1)
        },
        StoreBehaviour("a message whose courier is gone comes to a review, and goes out again only by hand") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let message = gym.mail(to: ana, dueAt: Date() - 60)
            _ = try await stores.outbox.enqueue([OutboxDraft(message, key: "k")], in: gym.scope)
            let claim = try unwrap(try await stores.outbox.claim(limit: 1, lease: .seconds(-1), after: nil).first)
            try requireEqual(try await stores.outbox.claim(limit: 1, lease: .seconds(60), after: nil), [])
            let lost = try await stores.outbox.message(message.id, in: gym.scope)
            try requireEqual(lost.status, .needsReview)
            try require(lost.reason?.contains("may have been sent") == true)
            try await requireThrows(LeaseLost.self) {
                try await stores.outbox.record(.sent(providerId: nil), of: claim)
            }
            _ = try await stores.outbox.retry(message.id, at: Date() - 1, in: gym.scope)
            try requireEqual(try await stores.outbox.claim(limit: 1, lease: .seconds(60), after: nil).count, 1)
        },
    ]
}

/// A gym with a member who can be written to.
func gymWithMember(in stores: StoreSet) async throws -> (gym: TestOrganization, client: Client) {
    let gym = try await TestOrganization.make(in: stores)
    let ana = gym.client("Ana Lima", email: "ana@example.com", phone: "+44 20 7946 0018")
    try await stores.clients.add([ana], in: gym.scope)
    return (gym, ana)
}

private func ids(
    _ stores: StoreSet, _ gym: TestOrganization, _ filter: OutboxFilter = OutboxFilter()
) async throws -> [OutboxID] {
    try await stores.outbox.list(filter, PageRequest(), in: gym.scope).items.map(\.id)
}
