import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

/// The same on PostgreSQL: states, leases, links, changes and notes as its store keeps them.
@Suite(.timeLimit(.minutes(3))) struct PostgresSyncTests {
    private func fixture() async throws -> Fixture { try await Fixture(stores: TestStores.shared.stores) }

    @Test func `both sides agree, and stay so`() async throws {
        let fixture = try await fixture()
        for number in 1...9 {
            fixture.double.addContact([
                "firstName": .string("There \(number)"), "email": .string("there\(number)@example.com"),
            ])
            try await fixture.addLead("Here \(number)", email: "here\(number)@example.com")
            try await fixture.addClient("Member \(number)", email: "member\(number)@example.com")
        }
        let counts = try await fixture.run()
        #expect((counts.createdHere, counts.failures) == (9, 0))
        #expect(fixture.double.contacts.count == 27)
        fixture.pass()
        #expect(try await fixture.run().writes == 0)
        let lead = try await fixture.lead("Here 3")
        _ = try await fixture.stores.gym.update(lead.id, fixture.setting, in: fixture.scope) { $0.tags = ["evening"] }
        let other = try await fixture.lead("There 2")
        let consent = Consent(
            id: fixture.gym.id(), clientId: nil, leadId: other.id, channel: .email, purpose: .marketing,
            isGranted: false, source: .stopMessage, recordedAt: fixture.clock.now())
        try await fixture.stores.contacts.record([consent], in: fixture.scope)
        #expect(try await fixture.run().updatedThere == 2)
        fixture.pass()
        let gone = try #require(fixture.double.contacts.first { $0.value["firstName"] == "There 1" }?.key)
        fixture.double.removeContact(gone)
        try await fixture.stores.gym.delete(lead.id, version: nil, fixture.setting, in: fixture.scope)
        try await fixture.stores.connectors.request("highlevel", isFull: true, contact: gone, in: fixture.scope)
        try await fixture.run()
        #expect(try await fixture.notes().count { $0.kind == .deletion } == 3)
        let state = try await fixture.stores.connectors.state(of: "highlevel", in: fixture.scope)
        #expect(state.completedAt != nil && state.failure == nil && !state.isRunning && state.wanted.isEmpty)
        #expect(!state.wantsFull && state.cursor.phase == nil)
        fixture.pass()
        #expect(try await fixture.run().writes == 0)
    }

    @Test func `one process has it, and who lost it writes no more`() async throws {
        let fixture = try await fixture()
        let store = fixture.stores.connectors
        let mine = try #require(try await store.claim("highlevel", for: 0, onlyIfDue: true, in: fixture.scope))
        let theirs = try #require(try await store.claim("highlevel", for: 60, onlyIfDue: true, in: fixture.scope))
        #expect(try await store.claim("highlevel", for: 60, onlyIfDue: false, in: fixture.scope) == nil)
        await #expect(throws: LeaseLost.self) { try await store.advance(mine, done: [], for: 60, in: fixture.scope) }
        await #expect(throws: LeaseLost.self) { try await store.release(mine, pause: 1, in: fixture.scope) }
        try await store.release(theirs, pause: 900, in: fixture.scope)
        #expect(try await store.claim("highlevel", for: 60, onlyIfDue: true, in: fixture.scope) == nil)
        try await store.request("highlevel", isFull: false, contact: "a", in: fixture.scope)
        try await store.request("highlevel", isFull: false, contact: "a", in: fixture.scope)
        let asked = try #require(try await store.claim("highlevel", for: 60, onlyIfDue: true, in: fixture.scope))
        #expect(asked.wanted == ["a"])
        try await store.advance(asked, done: ["a"], for: 60, in: fixture.scope)
        try await store.release(asked, pause: nil, in: fixture.scope)
        let state = try await store.state(of: "highlevel", in: fixture.scope)
        #expect(state.wanted.isEmpty && state.nextRunAt == nil)
    }
}
