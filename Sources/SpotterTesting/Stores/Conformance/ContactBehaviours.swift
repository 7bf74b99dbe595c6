import Foundation
import SpotterDomain

extension StoreConformance {
    static let contacts: [StoreBehaviour] = [
        StoreBehaviour("of a channel, one message template has a name") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let kept: MessageTemplateRecord = try await gym.keep(
                MessageTemplateFields(name: "news", channel: .email, subject: "News", body: "Hi {{first_name}}"))
            try requireEqual(try await stores.gym.record(kept.id, in: gym.scope), kept)
            let other: MessageTemplateRecord = try await gym.keep(
                MessageTemplateFields(name: "news", channel: .sms, body: "Hi"))
            let error = try await requireError(.conflict) {
                let _: MessageTemplateRecord = try await gym.keep(
                    MessageTemplateFields(name: "news", channel: .sms, body: "Again"))
            }
            try requireEqual(error.issues.map(\.pointer), ["/name"])
            _ = try await stores.gym.update(other.id, gym.setting(), in: gym.scope) { $0.name = "offer" }
            var filter = RecordFilter()
            filter.kind = "sms"
            let found = try await stores.gym.list(MessageTemplateKind.self, filter, PageRequest(), in: gym.scope)
            try requireEqual(found.items.map(\.name), ["offer"])
            let strangers = try await TestOrganization.make(in: stores)
            let _: MessageTemplateRecord = try await strangers.keep(
                MessageTemplateFields(name: "news", channel: .sms, body: "Hi"))
        },
        StoreBehaviour("people are found by id, by e-mail in any case, and by the end of their number") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let found = try unwrap(try await stores.contacts.contact(.client(ana.id), in: gym.scope))
            try requireEqual(
                found, Contact(person: .client(ana.id), name: ana.name, email: ana.email, phone: ana.phone))
            let store = stores.contacts
            try requireEqual(try await store.contacts(at: "ANA@Example.com", .email, in: gym.scope), [found])
            for number in ["+442079460018", "020 7946 0018", "0044 (0)20 7946-0018"] {
                try requireEqual(try await store.contacts(at: number, .sms, in: gym.scope), [found])
            }
            for number in ["", "18", "+442079460019"] {
                try requireEqual(try await store.contacts(at: number, .sms, in: gym.scope), [])
            }
            try require(try await store.contact(.client(gym.id()), in: gym.scope) == nil)
        },
        StoreBehaviour("an audience is chosen by status and tags") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let ben = gym.client("Ben", email: "ben@example.com", status: .paused, tags: ["yoga"])
            try await stores.clients.add([ben], in: gym.scope)
            func names(_ audience: Audience, limit: Int = 10) async throws -> [String] {
                try await stores.contacts.audience(audience, limit: limit, in: gym.scope).map(\.name)
            }
            try requireEqual(try await names(Audience(.clients)), [ana.name, ben.name])
            try requireEqual(try await names(Audience(.clients), limit: 1), [ana.name])
            try requireEqual(try await names(Audience(.clients, statuses: ["paused"])), [ben.name])
            try requireEqual(try await names(Audience(.clients, tags: ["spin", "yoga"])), [ben.name])
            try requireEqual(try await names(Audience(.clients, statuses: ["active"], tags: ["yoga"])), [])
        },
        StoreBehaviour("the newest word of somebody counts, and their marketing of a week is counted") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            let person = MessagePerson.client(ana.id)
            let start = TestOrganization.start
            func facts(besides id: OutboxID? = nil) async throws -> ContactFacts {
                try await stores.contacts.facts(
                    of: [person], .email, since: start - 7 * 86_400, besides: id, in: gym.scope)[person]
                    ?? ContactFacts()
            }
            try requireEqual(try await facts(), ContactFacts())
            let said = [(true, 0.0), (false, 20), (true, 10)].map { isGranted, at in
                Consent(
                    id: gym.id(), clientId: ana.id, leadId: nil, channel: .email, purpose: .marketing,
                    isGranted: isGranted, source: .form, recordedAt: start + at)
            }
            try await stores.contacts.record(said, in: gym.scope)
            try requireEqual(try await facts(), ContactFacts(marketing: false))
            try requireEqual(try await stores.contacts.consents(of: person, in: gym.scope), [said[1]])
            let messages = [
                gym.mail(to: ana, purpose: .marketing), gym.mail(to: ana, status: .suppressed, purpose: .marketing),
                gym.mail(to: ana), gym.mail(to: ana, purpose: .marketing, dueAt: start - 8 * 86_400),
            ]
            _ = try await stores.outbox.enqueue(messages.map { OutboxDraft($0, key: "\($0.id)") }, in: gym.scope)
            try requireEqual(try await facts().marketingInWeek, 1)
            try requireEqual(try await facts(besides: messages[0].id).marketingInWeek, 0)
            let stranger = Consent(
                id: gym.id(), clientId: gym.id(), leadId: nil, channel: .email, purpose: .marketing, isGranted: true,
                source: .form, recordedAt: start)
            try await requireError(.notFound) { try await stores.contacts.record([stranger], in: gym.scope) }
        },
    ]

    static let notices: [StoreBehaviour] = [
        StoreBehaviour("a notification is kept once for a key, listed newest first, and read by the first") { stores in
            let gym = try await TestOrganization.make(in: stores)
            func notice(_ title: String) -> StaffNotice {
                StaffNotice(
                    id: gym.id(), staffId: nil, role: nil, title: title, body: "Now", level: .urgent, sentBy: "agent",
                    createdAt: TestOrganization.start)
            }
            let (door, light) = (notice("Door"), notice("Light"))
            try requireEqual(try await stores.desk.notify(door, key: "k", in: gym.scope), door)
            try requireEqual(try await stores.desk.notify(notice("Door"), key: "k", in: gym.scope), door)
            try requireEqual(try await stores.desk.notify(light, key: nil, in: gym.scope), light)
            func list(unread: Bool) async throws -> [String] {
                try await stores.desk.notices(for: nil, unreadOnly: unread, PageRequest(), in: gym.scope).items.map(
                    \.title)
            }
            try requireEqual(try await list(unread: false), ["Light", "Door"])
            let at = TestOrganization.start + 60
            let read = try await stores.desk.markRead(door.id, by: "dana", at: at, in: gym.scope)
            try requireEqual(read.readAt, at)
            let again = try await stores.desk.markRead(door.id, by: "max", at: at + 60, in: gym.scope)
            try requireEqual(again.readBy, "dana")
            try requireEqual(try await list(unread: true), ["Light"])
            let other = try await TestOrganization.make(in: stores)
            try await requireError(.notFound) {
                try await stores.desk.markRead(door.id, by: "x", at: at, in: other.scope)
            }
        },
        StoreBehaviour("a ticket is opened once for a key, about a member who is there") { stores in
            let (gym, ana) = try await gymWithMember(in: stores)
            func order(_ person: MessagePerson?) -> TicketOrder {
                TicketOrder(
                    id: gym.id(), subject: "Locker", body: "It does not open.", priority: .high, category: nil,
                    person: person, conversation: nil, openedBy: "agent", at: TestOrganization.start)
            }
            let first = try await stores.desk.open(order(.client(ana.id)), key: "k", in: gym.scope)
            try requireEqual(try await stores.desk.open(order(.client(ana.id)), key: "k", in: gym.scope), first)
            try await requireError(.notFound) {
                try await stores.desk.open(order(.client(gym.id())), key: "other", in: gym.scope)
            }
        },
    ]
}
