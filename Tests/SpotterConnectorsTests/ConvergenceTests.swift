import Foundation
import SpotterConnectors
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

/// The same numbers for the same seed.
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// However people edit on both sides, both agree after a run, and a further run has nothing to do.
@Suite(.timeLimit(.minutes(4))) struct ConvergenceTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `both sides agree after any edits, and stay so`(_ seed: UInt64) async throws {
        var dice = Dice(state: seed)
        var fixture = try await Fixture()
        fixture.settings.conflicts = SyncConflictPolicy.allCases.randomElement(using: &dice)
        fixture.settings.sync = [.contacts]
        for number in 0..<6 { try await fixture.addLead("Lead \(number)", email: "lead\(number)@example.com") }
        for number in 0..<6 {
            fixture.double.addContact([
                "firstName": .string("Con \(number)"), "email": .string("con\(number)@example.com"),
            ])
        }
        try await fixture.run()
        for round in 0..<12 {
            fixture.pass(Double.random(in: 1...900, using: &dice))
            for _ in 0..<Int.random(in: 1...8, using: &dice) {
                if Bool.random(using: &dice) {
                    try await editHere(fixture, &dice)
                } else {
                    editThere(fixture, &dice)
                }
                fixture.pass(1)
            }
            let counts = try await fixture.run()
            #expect(counts.failures == 0)
            try await agree(fixture, "seed \(seed), round \(round)")
            fixture.pass()
            #expect(try await fixture.run().writes == 0, "seed \(seed), round \(round): it goes to and fro")
        }
    }

    private static let words = ["Ana", "Zoë Åberg", "ana", "Ben  Carver", "O'Neill", "李", "Ana María"]
    private static let phones = ["07700 900123", "+44 7700 900456", "+1 (555) 010-0100", "020 7946 0018", ""]
    private static let tags = ["VIP", "vip", "Evening", "trial", "weight loss"]

    private func editHere(_ fixture: Fixture, _ dice: inout Dice) async throws {
        guard let lead = try await fixture.leads().sorted(by: { $0.id < $1.id }).randomElement(using: &dice) else {
            return
        }
        let name = Self.words.randomElement(using: &dice) ?? ""
        // A number of one's own: two people with one number are a duplicate there.
        let phone =
            (Self.phones.randomElement(using: &dice) ?? "").isEmpty
            ? nil : "07700 9\(Int.random(in: 10_000...99_999, using: &dice))"
        let tags = Array(Set(Self.tags.filter { _ in Bool.random(using: &dice) }.map { $0.lowercased() })).sorted()
        let choice = Int.random(in: 0...4, using: &dice)
        if choice == 4 {
            let consent = Consent(
                id: fixture.gym.id(), clientId: nil, leadId: lead.id,
                channel: Bool.random(using: &dice) ? .sms : .email,
                purpose: .marketing, isGranted: Bool.random(using: &dice), source: .staff,
                recordedAt: fixture.clock.now())
            return try await fixture.stores.contacts.record([consent], in: fixture.scope)
        }
        _ = try await fixture.stores.gym.update(lead.id, fixture.setting, in: fixture.scope) { lead in
            switch choice {
            case 0: lead.name = name
            case 1: lead.phone = phone
            case 2: lead.tags = tags
            default: lead.metadata = ["membership": name]
            }
        }
    }

    private func editThere(_ fixture: Fixture, _ dice: inout Dice) {
        guard let id = fixture.double.contacts.keys.sorted().randomElement(using: &dice) else { return }
        let name = Self.words.randomElement(using: &dice) ?? ""
        switch Int.random(in: 0...4, using: &dice) {
        case 0: fixture.double.changeContact(id, ["firstName": .string(name), "lastName": .null])
        case 1:
            fixture.double.changeContact(
                id, ["phone": .string("+4477009\(Int.random(in: 10_000...99_999, using: &dice))")])
        case 2:
            fixture.double.changeContact(
                id, ["tags": .array(Self.tags.filter { _ in Bool.random(using: &dice) }.map { .string($0) })])
        case 3: fixture.double.changeContact(id, ["customFields": [["id": "field1", "value": .string(name)]]])
        default:
            let status = Bool.random(using: &dice) ? "active" : "inactive"
            fixture.double.changeContact(
                id, ["dndSettings": [Bool.random(using: &dice) ? "SMS" : "Email": ["status": .string(status)]]])
        }
    }

    private func agree(_ fixture: Fixture, _ place: String) async throws {
        let links = try await fixture.stores.connectors.links(
            "highlevel", .contact, after: nil, limit: 100, in: fixture.scope)
        let leads = try await fixture.leads()
        #expect(links.count == leads.count && links.count == fixture.double.contacts.count, "\(place)")
        let canon = SyncCanon(countryCode: "+44")
        for link in links {
            let lead = try #require(leads.first { .lead($0.id) == link.person })
            let contact = try await fixture.crm.contact(link.remoteId)
            let pairs: [(SyncField, String?, String?)] = [
                (.name, lead.name, contact.name), (.email, lead.email, contact.email),
                (.phone, lead.phone, contact.phone),
                (.tags, lead.tags.joined(separator: "\n"), contact.tags.joined(separator: "\n")),
                (.custom("membership"), lead.metadata?["membership"], contact.customFields["field1"]),
            ]
            for (field, here, there) in pairs {
                #expect(canon.canonical(here, field) == canon.canonical(there, field), "\(place): \(field)")
            }
            for channel in MessageChannel.allCases {
                let refuses = try await fixture.refuses(link.person, channel)
                #expect(refuses == contact.blocked.contains(channel), "\(place): \(channel)")
            }
        }
    }
}
