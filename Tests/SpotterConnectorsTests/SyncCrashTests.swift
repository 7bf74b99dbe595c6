import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Synchronization
import Testing

/// The process is gone.
private struct Death: Error {}

/// Dies before or after one of the writes of a run, whichever it is.
private final class Mortal: Sendable {
    private let left: Mutex<Int>

    init(after writes: Int) { left = Mutex(writes) }

    func breathe() throws {
        try left.withLock { left in
            left -= 1
            // Who is dead does nothing more.
            if left < 0 { throw Death() }
        }
    }
}

private struct MortalRecords: RecordStore {
    let store: any RecordStore
    let mortal: Mortal

    func record<Kind: RecordKind>(_ id: Identifier<Kind>, in scope: OrganizationScope) async throws -> GymRecord<Kind> {
        try await store.record(id, in: scope)
    }
    func list<Kind: RecordKind>(
        _ kind: Kind.Type, _ filter: RecordFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<GymRecord<Kind>> { try await store.list(kind, filter, page, in: scope) }
    func save<Kind: RecordKind>(
        _ drafts: [RecordDraft<Kind>], _ setting: RecordSetting, atomic: Bool,
        receipt: (@Sendable (SavedRecords<Kind>) throws -> Receipt?)?, in scope: OrganizationScope
    ) async throws -> SavedRecords<Kind> {
        try mortal.breathe()
        let saved = try await store.save(drafts, setting, atomic: atomic, receipt: receipt, in: scope)
        try mortal.breathe()
        return saved
    }
    func delete<Kind: RecordKind>(
        _ id: Identifier<Kind>, version: Int?, _ setting: RecordSetting, in scope: OrganizationScope
    ) async throws { try await store.delete(id, version: version, setting, in: scope) }
    func find(
        _ handles: Set<RecordReference.Handle>, in scope: OrganizationScope
    ) async throws -> [RecordReference.Handle: [UUID]] { try await store.find(handles, in: scope) }
    func statusChanges<Kind: RecordKind>(
        of id: Identifier<Kind>, in scope: OrganizationScope
    ) async throws -> [StatusChange] { try await store.statusChanges(of: id, in: scope) }
    func changes(of id: SubscriptionID, in scope: OrganizationScope) async throws -> [SubscriptionChange] {
        try await store.changes(of: id, in: scope)
    }
}

private struct MortalConnectors: ConnectorStore {
    let store: any ConnectorStore
    let mortal: Mortal

    func state(of connector: String, in scope: OrganizationScope) async throws -> ConnectorState {
        try await store.state(of: connector, in: scope)
    }
    func request(_ connector: String, isFull: Bool, contact: String?, in scope: OrganizationScope) async throws {
        try await store.request(connector, isFull: isFull, contact: contact, in: scope)
    }
    func claim(
        _ connector: String, for seconds: Int, onlyIfDue: Bool, in scope: OrganizationScope
    ) async throws -> ConnectorState? {
        try await store.claim(connector, for: seconds, onlyIfDue: onlyIfDue, in: scope)
    }
    func advance(_ state: ConnectorState, done: [String], for seconds: Int, in scope: OrganizationScope) async throws {
        try mortal.breathe()
        try await store.advance(state, done: done, for: seconds, in: scope)
        try mortal.breathe()
    }
    func release(_ state: ConnectorState, pause: Int?, in scope: OrganizationScope) async throws {
        try mortal.breathe()
        try await store.release(state, pause: pause, in: scope)
    }
    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, remote ids: [String], in scope: OrganizationScope
    ) async throws -> [ConnectorLink] { try await store.links(connector, kind, remote: ids, in: scope) }
    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, people: [MessagePerson], in scope: OrganizationScope
    ) async throws -> [ConnectorLink] { try await store.links(connector, kind, people: people, in: scope) }
    func links(
        _ connector: String, _ kind: ConnectorLink.Kind, after remote: String?, limit: Int, in scope: OrganizationScope
    ) async throws -> [ConnectorLink] {
        try await store.links(connector, kind, after: remote, limit: limit, in: scope)
    }
    func orphans(_ connector: String, limit: Int, in scope: OrganizationScope) async throws -> [ConnectorLink] {
        try await store.orphans(connector, limit: limit, in: scope)
    }
    func save(_ link: ConnectorLink, in scope: OrganizationScope) async throws {
        try mortal.breathe()
        try await store.save(link, in: scope)
        try mortal.breathe()
    }
    func changes(
        of records: TenantConnector.Records, since: Date, after last: (at: Date, id: UUID)?, limit: Int,
        in scope: OrganizationScope
    ) async throws -> [(id: UUID, at: Date)] {
        try await store.changes(of: records, since: since, after: last, limit: limit, in: scope)
    }
    func note(_ notes: [ConnectorNote], of connector: String, in scope: OrganizationScope) async throws {
        try await store.note(notes, of: connector, in: scope)
    }
    func notes(of connector: String, limit: Int, in scope: OrganizationScope) async throws -> [ConnectorNote] {
        try await store.notes(of: connector, limit: limit, in: scope)
    }
}

@Suite(.timeLimit(.minutes(3))) struct SyncCrashTests {
    private func fixture() async throws -> Fixture {
        let fixture = try await Fixture()
        for number in 1...4 {
            fixture.double.addContact([
                "firstName": .string("There \(number)"), "email": .string("there\(number)@example.com"),
            ])
            try await fixture.addLead("Here \(number)", email: "here\(number)@example.com")
        }
        // Nobody knows this one by an address.
        fixture.double.addContact(["firstName": "Nameonly"])
        return fixture
    }

    @Test func `whenever a process dies, the next goes on and makes nobody twice`() async throws {
        for writes in 0..<200 {
            let fixture = try await fixture()
            let mortal = Mortal(after: writes)
            let sync = fixture.sync(
                records: MortalRecords(store: fixture.stores.gym, mortal: mortal),
                connectors: MortalConnectors(store: fixture.stores.connectors, mortal: mortal))
            var isOver = false
            do {
                _ = try await sync.run(fixture.configured, onlyIfDue: true, in: fixture.scope)
                isOver = true
            } catch is Death {}
            if !isOver {
                // Nobody takes it from a process that may be alive.
                let early = try await fixture.sync().run(fixture.configured, onlyIfDue: true, in: fixture.scope)
                #expect(early == .left, "after \(writes) writes")
            }
            fixture.pass(200)
            try await fixture.run()
            let names = try await fixture.leads().map(\.name).sorted()
            #expect(names == ["Here 1", "Here 2", "Here 3", "Here 4", "Nameonly"] + (1...4).map { "There \($0)" })
            #expect(fixture.double.contacts.count == 9, "after \(writes) writes")
            fixture.double.stop()
            if isOver { return }
        }
        Issue.record("a run has more writes than were tried")
    }

    @Test func `a contact whose making had no answer is found and not made again`() async throws {
        let fixture = try await Fixture()
        try await fixture.addLead("Ana", email: "ana@example.com")
        fixture.double.setFault { $0.method == "POST" && $0.path == "/contacts/" ? .cutAfter : nil }
        let first = try await fixture.sync().run(fixture.configured, onlyIfDue: false, in: fixture.scope)
        guard case .postponed = first else {
            Issue.record("the run came to its end")
            return
        }
        #expect(fixture.double.contacts.count == 1)
        fixture.double.setFault(nil)
        fixture.pass(200)
        try await fixture.run()
        #expect(fixture.double.contacts.count == 1)
        #expect(
            try await fixture.stores.connectors.links("highlevel", .contact, after: nil, limit: 9, in: fixture.scope)
                .count == 1)
    }

    @Test func `of two processes at once one runs`() async throws {
        let fixture = try await fixture()
        let outcomes = try await withThrowingTaskGroup(of: ConnectorSync.Outcome.self) { group in
            for _ in 1...4 {
                group.addTask { try await fixture.sync().run(fixture.configured, onlyIfDue: true, in: fixture.scope) }
            }
            return try await group.reduce(into: [ConnectorSync.Outcome]()) { $0.append($1) }
        }
        #expect(outcomes.count { $0 != .left } == 1)
        #expect(fixture.double.contacts.count == 9)
    }

    @Test func `who lost the lease writes its place no more`() async throws {
        let fixture = try await fixture()
        let store = fixture.stores.connectors
        let mine = try #require(try await store.claim("highlevel", for: 60, onlyIfDue: false, in: fixture.scope))
        fixture.pass(61)
        let theirs = try #require(try await store.claim("highlevel", for: 60, onlyIfDue: false, in: fixture.scope))
        await #expect(throws: LeaseLost.self) { try await store.advance(mine, done: [], for: 60, in: fixture.scope) }
        await #expect(throws: LeaseLost.self) { try await store.release(mine, pause: 1, in: fixture.scope) }
        try await store.release(theirs, pause: 1, in: fixture.scope)
    }
}
