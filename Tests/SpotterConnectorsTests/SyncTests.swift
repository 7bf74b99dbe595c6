import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@Suite(.timeLimit(.minutes(3))) struct SyncTests {
    @Test func `contacts become leads, members become contacts, and who is on both sides is found`() async throws {
        let fixture = try await Fixture()
        fixture.double.addContact([
            "firstName": "Ana", "lastName": "Silva", "email": "ana@example.com", "tags": ["VIP"], "source": "Instagram",
            "customFields": [["id": "field1", "value": "gold"]],
        ])
        fixture.double.addContact(["firstName": "Ben", "lastName": "Carver", "email": "BEN@example.com"])
        let ben = try await fixture.addClient("Ben Carver", email: "ben@example.com", phone: "07700 900456")
        try await fixture.addClient("Cleo", phone: "+44 7700 900999")
        try await fixture.addLead("No Address")
        let counts = try await fixture.run()
        // Of what is made there one is Cleo, and one the opportunity of the lead that Ana became.
        #expect((counts.createdHere, counts.createdThere) == (1, 2))
        #expect(fixture.double.opportunities.count == 1)
        #expect(counts.failures == 0)
        let ana = try await fixture.lead("Ana Silva")
        #expect(ana.email == "ana@example.com" && ana.tags == ["vip"] && ana.source == "Instagram")
        #expect(ana.metadata == ["membership": "gold"])
        let contacts = fixture.double.contacts.values
        #expect(contacts.count == 3)
        let there = try #require(contacts.first { $0["email"] == "ben@example.com" })
        #expect(there["phone"] == "+447700900456")
        #expect(contacts.contains { $0["firstName"] == "Cleo" && $0["phone"] == "+447700900999" })
        #expect(try await fixture.stores.gym.record(ben.id, in: fixture.scope).version == 1)
        fixture.pass()
        fixture.double.forgetCalls()
        #expect(try await fixture.run().writes == 0)
        #expect(fixture.double.calls.allSatisfy { $0.method == "GET" || $0.path == "/contacts/search" })
    }

    @Test func `a change goes over once, in each direction, and its echo is no change`() async throws {
        let fixture = try await Fixture()
        let id = fixture.double.addContact(["firstName": "Ana", "lastName": "Silva", "email": "ana@example.com"])
        try await fixture.run()
        fixture.pass()
        fixture.double.changeContact(id, ["lastName": "Souza", "customFields": [["id": "field1", "value": "silver"]]])
        #expect(try await fixture.run().updatedHere == 1)
        let lead = try await fixture.lead("Ana Souza")
        #expect(lead.metadata?["membership"] == "silver")
        fixture.pass()
        _ = try await fixture.stores.gym.update(lead.id, fixture.setting, in: fixture.scope) {
            $0.phone = "07700 900123"
        }
        let counts = try await fixture.run()
        #expect((counts.updatedThere, counts.updatedHere) == (1, 0))
        #expect(fixture.double.contacts[id]?["phone"] == "+447700900123")
        for _ in 1...3 {
            fixture.pass()
            #expect(try await fixture.run().writes == 0)
        }
    }

    @Test(arguments: [
        (SyncConflictPolicy.spotter, "Here", "Here"), (.crm, "There", "There"), (.newest, "There", "There"),
    ])
    func `what both changed is decided by the policy, and told`(
        _ policy: SyncConflictPolicy, _ here: String, _ there: String
    ) async throws {
        var fixture = try await Fixture()
        fixture.settings.conflicts = policy
        let id = fixture.double.addContact(["firstName": "Ana", "email": "ana@example.com"])
        try await fixture.run()
        fixture.pass()
        let lead = try await fixture.lead("Ana")
        _ = try await fixture.stores.gym.update(lead.id, fixture.setting, in: fixture.scope) { $0.name = "Here" }
        fixture.pass()
        fixture.double.changeContact(id, ["firstName": "There"])
        #expect(try await fixture.run().conflicts == 1)
        #expect(try await fixture.leads().map(\.name) == [here])
        #expect(fixture.double.contacts[id]?["firstName"]?.string == there)
        let note = try #require(try await fixture.notes().first { $0.kind == .conflict })
        #expect(note.remoteId == id && note.message.contains("`name`") && !note.message.contains("Here"))
    }

    @Test func `a refusal of messages goes both ways and is not lost by a conflict`() async throws {
        var fixture = try await Fixture()
        fixture.settings.conflicts = .crm
        let id = fixture.double.addContact(["firstName": "Ana", "email": "ana@example.com", "phone": "+447700900123"])
        try await fixture.run()
        let lead = try await fixture.lead("Ana")
        let person = MessagePerson.lead(lead.id)
        fixture.pass()
        let consent = Consent(
            id: fixture.gym.id(), clientId: nil, leadId: lead.id, channel: .sms, purpose: .marketing, isGranted: false,
            source: .stopMessage, recordedAt: fixture.clock.now())
        try await fixture.stores.contacts.record([consent], in: fixture.scope)
        fixture.double.changeContact(id, ["dndSettings": ["Email": ["status": "active"]]])
        try await fixture.run()
        #expect(fixture.double.contacts[id]?["dndSettings"]?["SMS"]?["status"] == "active")
        #expect(try await fixture.refuses(person, .email))
        // Taken back there: what was said here stays, and goes there again.
        fixture.pass()
        fixture.double.changeContact(
            id, ["dndSettings": ["SMS": ["status": "inactive"], "Email": ["status": "inactive"]]])
        try await fixture.run()
        #expect(try await fixture.refuses(person, .sms))
        #expect(fixture.double.contacts[id]?["dndSettings"]?["SMS"]?["status"] == "active")
        #expect(fixture.double.contacts[id]?["dndSettings"]?["Email"]?["status"] == "active")
        // Taken back here by a consent: it goes there.
        fixture.pass()
        let granted = [MessagePurpose.transactional, .marketing].map { purpose in
            Consent(
                id: fixture.gym.id(), clientId: nil, leadId: lead.id, channel: .sms, purpose: purpose, isGranted: true,
                source: .form, recordedAt: fixture.clock.now())
        }
        try await fixture.stores.contacts.record(granted, in: fixture.scope)
        try await fixture.run()
        #expect(fixture.double.contacts[id]?["dndSettings"]?["SMS"]?["status"] == "inactive")
        #expect(try await !fixture.refuses(person, .sms))
        fixture.pass()
        #expect(try await fixture.run().writes == 0)
    }

    @Test func `stages and statuses follow each other`() async throws {
        let fixture = try await Fixture()
        let id = fixture.double.addContact(["firstName": "Ana", "email": "ana@example.com"])
        let opportunity = fixture.double.addOpportunity(
            contact: id, pipeline: Fixture.pipeline, stage: "stage-contacted")
        fixture.double.addOpportunity(contact: id, pipeline: "other", stage: "x", status: "lost")
        try await fixture.addLead("Ben", email: "ben@example.com")
        try await fixture.run()
        let ana = try await fixture.lead("Ana")
        // The lead was new and the stage said otherwise: nobody had changed anything since both met.
        #expect([LeadStatus.contacted, .new].contains(ana.status))
        #expect(fixture.double.opportunities.count == 3)
        fixture.pass()
        fixture.double.changeOpportunity(opportunity, ["status": "won"])
        try await fixture.run()
        #expect(try await fixture.lead("Ana").status == .won)
        fixture.pass()
        let ben = try await fixture.lead("Ben")
        _ = try await fixture.stores.gym.update(ben.id, fixture.setting, in: fixture.scope) { $0.status = .contacted }
        try await fixture.run()
        #expect(fixture.double.opportunities.values.contains { $0["pipelineStageId"] == "stage-contacted" })
        fixture.pass()
        #expect(try await fixture.run().writes == 0)
    }

    @Test func `a dry run says what would be and does nothing`() async throws {
        let fixture = try await Fixture()
        fixture.double.addContact(["firstName": "Ana", "email": "ana@example.com"])
        try await fixture.addLead("Ben", email: "ben@example.com")
        let preview = try await fixture.sync().preview(fixture.configured, isFull: false, in: fixture.scope)
        #expect(preview.differences.map { "\($0.side) \($0.action)" }.sorted() == ["crm create", "here create"])
        #expect(try await fixture.leads().count == 1 && fixture.double.contacts.count == 1)
        #expect(try await fixture.stores.connectors.state(of: "highlevel", in: fixture.scope).completedAt == nil)
        #expect(fixture.double.calls.allSatisfy { $0.method == "GET" || $0.path == "/contacts/search" })
    }

    @Test func `one bad row keeps no other back`() async throws {
        let fixture = try await Fixture()
        fixture.double.addContact(["firstName": .string(String(repeating: "A", count: 300)), "email": "a@example.com"])
        fixture.double.addContact(["firstName": "Ben", "email": "ben@example.com"])
        let preview = try await fixture.sync().preview(fixture.configured, isFull: false, in: fixture.scope)
        #expect((preview.counts.createdHere, preview.counts.failures) == (1, 1))
        let counts = try await fixture.run()
        #expect((counts.createdHere, counts.failures) == (1, 1))
        let note = try #require(try await fixture.notes().first)
        #expect(note.kind == .failure && note.message.contains("/name"))
    }

    @Test(arguments: [TenantConnector.Deletions.keep, .delete])
    func `nobody is deleted because a list does not name them`(_ policy: TenantConnector.Deletions) async throws {
        var fixture = try await Fixture()
        fixture.settings.deletions = policy
        for name in ["Ana", "Ben", "Cleo"] {
            fixture.double.addContact(["firstName": .string(name), "email": .string("\(name)@example.com")])
        }
        try await fixture.run()
        let removed = try #require(fixture.double.contacts.first { $0.value["firstName"] == "Ana" }?.key)
        fixture.pass()
        // The list is empty for a moment, and nobody is gone.
        fixture.double.setFault { call in
            call.path == "/contacts/search"
                ? .answer(status: 200, headers: [:], body: #"{"contacts":[],"total":0}"#) : nil
        }
        try await fixture.stores.connectors.request("highlevel", isFull: true, contact: nil, in: fixture.scope)
        try await fixture.run()
        #expect(try await fixture.leads().count == 3)
        fixture.double.setFault(nil)
        fixture.double.removeContact(removed)
        let cleo = try await fixture.lead("Cleo")
        try await fixture.stores.gym.delete(cleo.id, version: nil, fixture.setting, in: fixture.scope)
        fixture.pass()
        try await fixture.stores.connectors.request("highlevel", isFull: true, contact: nil, in: fixture.scope)
        try await fixture.run()
        #expect(try await fixture.leads().count == (policy == .keep ? 2 : 1))
        #expect(fixture.double.contacts.count == (policy == .keep ? 2 : 1))
        fixture.pass()
        try await fixture.stores.connectors.request("highlevel", isFull: true, contact: nil, in: fixture.scope)
        #expect(try await fixture.run().writes == 0)
        #expect(try await fixture.notes().contains { $0.kind == .deletion })
    }

    @Test func `a contact that somebody asks for is looked at at once`() async throws {
        let fixture = try await Fixture()
        let id = fixture.double.addContact(["firstName": "Ana", "email": "ana@example.com"])
        try await fixture.run()
        fixture.pass()
        fixture.double.changeContact(id, ["firstName": "Anna"])
        // Even where the search does not know it yet.
        fixture.double.setFault { call in
            call.path == "/contacts/search"
                ? .answer(status: 200, headers: [:], body: #"{"contacts":[],"total":0}"#) : nil
        }
        try await fixture.stores.connectors.request("highlevel", isFull: false, contact: id, in: fixture.scope)
        try await fixture.run()
        #expect(try await fixture.leads().map(\.name) == ["Anna"])
        #expect(try await fixture.stores.connectors.state(of: "highlevel", in: fixture.scope).wanted.isEmpty)
    }

    @Test func `whoever became a member takes the place of the lead`() async throws {
        let fixture = try await Fixture()
        let id = fixture.double.addContact(["firstName": "Ana", "email": "ana@example.com"])
        try await fixture.run()
        fixture.pass()
        let lead = try await fixture.lead("Ana")
        let client = try await fixture.addClient("Ana", email: "ana@example.com")
        _ = try await fixture.stores.gym.update(lead.id, fixture.setting, in: fixture.scope) { $0.clientId = client.id }
        try await fixture.run()
        let links = try await fixture.stores.connectors.links("highlevel", .contact, remote: [id], in: fixture.scope)
        #expect(links.map(\.person) == [.client(client.id)])
        #expect(fixture.double.contacts.count == 1)
        fixture.pass()
        #expect(try await fixture.run().writes == 0)
    }

    @Test func `organisations know nothing of each other's connectors`() async throws {
        let mine = try await Fixture()
        mine.double.addContact(["firstName": "Ana", "email": "ana@example.com"])
        try await mine.run()
        let theirs = try await TestOrganization.make(in: mine.stores)
        let page = try await mine.stores.gym.list(LeadKind.self, RecordFilter(), PageRequest(), in: theirs.scope)
        #expect(page.items.isEmpty)
        #expect(try await mine.stores.connectors.state(of: "highlevel", in: theirs.scope).completedAt == nil)
        #expect(
            try await mine.stores.connectors.links("highlevel", .contact, after: nil, limit: 9, in: theirs.scope)
                .isEmpty)
    }
}
