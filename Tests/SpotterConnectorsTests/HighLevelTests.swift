import Foundation
import SpotterConnectors
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct HighLevelTests {
    private func error(
        _ double: HighLevelDouble, _ ask: (HighLevelConnector) async throws -> Void
    ) async throws -> CRMError? {
        do {
            try await ask(Fixture.connector(to: double))
            return nil
        } catch let error as CRMError { return error }
    }

    @Test func `every page comes once, also of contacts that changed in the same moment`() async throws {
        let double = try HighLevelDouble()
        for number in 0..<23 { double.addContact(["firstName": .string("N\(number)")]) }
        let crm = try Fixture.connector(to: double)
        var (seen, page): ([String], String?) = ([], nil)
        repeat {
            let found = try await crm.contacts(changedSince: nil, page: page, limit: 5)
            seen += found.items.map(\.id)
            page = found.next
        } while page != nil
        #expect(seen.count == 23 && Set(seen).count == 23)
    }

    @Test func `a token that is refused is an error that does not show it`() async throws {
        let double = try HighLevelDouble()
        let crm = try Fixture.connector(to: double, token: StoredToken { "pit-wrong" })
        let error = await #expect(throws: CRMError.self) { try await crm.check() }
        #expect(error == .unauthorized("Invalid JWT"))
        double.setFault { _ in .answer(status: 401, headers: [:], body: #"{"message":"pit-wrong is bad"}"#) }
        let echoed = await #expect(throws: CRMError.self) { try await crm.check() }
        #expect(echoed == .unauthorized("… is bad"))
        let none = try Fixture.connector(to: double, token: StoredToken { nil })
        await #expect(throws: CRMError.unauthorized("it is not set")) { try await none.check() }
    }

    @Test func `too many requests are waited for as long as HighLevel says, and no longer than a run may wait`()
        async throws
    {
        let double = try HighLevelDouble()
        let waits = Mutex<[Duration]>([])
        let crm = try Fixture.connector(to: double) { $0.pause = { time in waits.withLock { $0.append(time) } } }
        double.setFault { $0.number == 1 ? .answer(status: 429, headers: ["Retry-After": "7"], body: "{}") : nil }
        #expect(try await crm.check() == "Iron Temple")
        #expect(waits.withLock { $0.first } == .seconds(7))
        double.setFault { _ in .answer(status: 429, headers: ["Retry-After": "3600"], body: "{}") }
        await #expect(throws: CRMError.rateLimited(retryAfter: 3_600)) { try await crm.check() }
    }

    @Test func `requests are held back before HighLevel refuses any`() async throws {
        let double = try HighLevelDouble()
        let waits = Mutex<[Duration]>([])
        let now = Mutex(Duration.zero)
        let crm = try Fixture.connector(to: double) {
            $0.pause = { time in waits.withLock { $0.append(time) } }
            $0.now = { now.withLock { $0 } }
        }
        for _ in 1...80 { _ = try await crm.check() }
        #expect(waits.withLock { $0.isEmpty })
        now.withLock { $0 = .seconds(4) }
        _ = try await crm.check()
        #expect(waits.withLock { $0 } == [.seconds(6)])
        now.withLock { $0 = .seconds(16) }
        _ = try await crm.check()
        #expect(waits.withLock { $0.count } == 1)
    }

    @Test func `what HighLevel refuses names the field`() async throws {
        let double = try HighLevelDouble()
        var change = CRMContactChange()
        change.email = "nobody"
        let error = try await error(double) { _ = try await $0.createContact(change) }
        #expect(error == .invalid(field: "email", message: "email must be an email"))
    }

    @Test func `a duplicate is told with the contact that there is`() async throws {
        let double = try HighLevelDouble()
        let id = double.addContact(["firstName": "Ana", "email": "ana@example.com"])
        var change = CRMContactChange()
        change.name = "Ana"
        change.email = "ANA@example.com"
        #expect(try await error(double) { _ = try await $0.createContact(change) } == .duplicate(existing: id))
        #expect(
            try await error(double) { _ = try await $0.contact("con00000000000000099") } == .notFound("contact"))
        let crm = try Fixture.connector(to: double)
        #expect(try await crm.findContact(email: "ana@example.com", phone: nil)?.id == id)
        #expect(try await crm.findContact(email: nil, phone: "+447700900000") == nil)
        try await crm.deleteContact(id)
        try await crm.deleteContact(id)
    }

    @Test func `what may be asked again is, and what may not is left open`() async throws {
        let double = try HighLevelDouble()
        let crm = try Fixture.connector(to: double)
        double.setFault { $0.number < 3 ? .answer(status: 502, headers: [:], body: "<html>Bad gateway</html>") : nil }
        #expect(try await crm.check() == "Iron Temple")
        double.forgetCalls()
        double.setFault { $0.number < 3 ? .cutBefore : nil }
        #expect(try await crm.check() == "Iron Temple")
        double.forgetCalls()
        double.setFault { _ in .answer(status: 200, headers: ["Content-Type": "text/html"], body: "<html></html>") }
        await #expect(throws: CRMError.malformed("it is no JSON object")) { try await crm.check() }
        #expect(double.calls.count == 4)
        double.forgetCalls()
        double.setFault { _ in .answer(status: 500, headers: [:], body: "{}") }
        var change = CRMContactChange()
        change.email = "ana@example.com"
        await #expect(throws: CRMError.unknownOutcome("status 500")) { try await crm.createContact(change) }
        #expect(double.calls.count == 1)
    }

    @Test func `a message is handed over once and read again`() async throws {
        let double = try HighLevelDouble()
        let id = double.addContact(["firstName": "Ana", "email": "ana@example.com"])
        let crm = try Fixture.connector(to: double)
        #expect(try await crm.messages(ofContact: id, limit: 5).isEmpty)
        _ = try await crm.send(CRMOutgoingMessage(to: id, by: .email, subject: "Hi", body: "1 < 2"))
        #expect(double.messages(to: id).count == 1)
        let read = try await crm.messages(ofContact: id, limit: 5)
        #expect(read.map(\.body) == ["1 < 2"] && read.first?.channel == "email" && read.first?.isInbound == false)
        double.setFault { _ in .cutAfter }
        let failure = try await error(double) {
            _ = try await $0.send(CRMOutgoingMessage(to: id, by: .sms, body: "Hi"))
        }
        guard case .unknownOutcome = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(double.messages(to: id).count == 2)
    }

    @Test func `a name that a list has in lower case only is asked for`() async throws {
        let double = try HighLevelDouble()
        double.addContact(["firstName": "Anna", "lastName": "McDonald"])
        double.setLowerCaseNames(true)
        let page = try await Fixture.connector(to: double).contacts(changedSince: nil, page: nil, limit: 9)
        #expect(page.items.map(\.name) == ["Anna McDonald"])
    }

    @Test func `an id that could be another path is none`() async throws {
        let double = try HighLevelDouble()
        for id in ["../opportunities", "a/b", "", "a?b", "é"] {
            let error = try await error(double) { _ = try await $0.contact(id) }
            #expect(error == .invalid(field: "id", message: "it is no id of HighLevel's"))
        }
        #expect(double.calls.isEmpty)
    }
}
