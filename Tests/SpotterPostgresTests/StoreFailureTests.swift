import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterPostgres

struct StoreFailureTests {
    private func code(of error: any Error) -> SpotterError.Code? { (error as? SpotterError)?.code }

    @Test(arguments: [
        (PostgresError.Kind.unavailable, SpotterError.Code.unavailable), (.poolTimeout, .unavailable),
        (.closed, .unavailable), (.outcomeUnknown, .unavailable), (.invalidValue, .invalid), (.decoding, .internal),
        (.transactionAborted, .internal), (.protocolViolation, .internal),
    ])
    func `what went wrong on the way has one meaning`(_ kind: PostgresError.Kind, _ expected: SpotterError.Code) throws
    {
        let failure = StoreFailure.translate(PostgresError(kind: kind, message: "secret"))
        let error = try #require(failure as? SpotterError)
        #expect(error.code == expected)
        #expect(!error.message.contains("secret"))
        #expect(error.cause != nil)
        #expect((error.retryAfter == 1) == (expected == .unavailable))
    }

    @Test(arguments: [
        ("57014", SpotterError.Code.timedOut), ("40001", .unavailable), ("40P01", .unavailable),
        ("53300", .unavailable), ("55P03", .unavailable), ("57P01", .unavailable), ("22P05", .invalid),
        ("22003", .invalid),
        ("42501", .internal), ("25006", .internal), ("22012", .internal), ("23514", .internal),
    ])
    func `each state of the server has one meaning`(_ state: String, _ expected: SpotterError.Code) {
        let error = PostgresError(kind: .server, sqlState: state, message: "secret")
        #expect(code(of: StoreFailure.translate(error)) == expected)
    }

    @Test(arguments: [
        ("conversations_organization_id_agent_id_fkey", "agent"),
        ("executions_organization_id_agent_id_agent_version_fkey", "agent version"),
        ("executions_organization_id_conversation_id_fkey", "conversation"),
        ("bookings_organization_id_session_id_fkey", "class session"),
        ("bookings_organization_id_client_id_fkey", "client"),
        ("class_sessions_organization_id_class_id_fkey", "class"),
        ("agents_organization_id_fkey", "organization"),
    ])
    func `a broken reference says what is not there`(_ constraint: String, _ noun: String) throws {
        let error = PostgresError(kind: .server, sqlState: "23503", constraint: constraint, message: "secret")
        let failure = try #require(StoreFailure.translate(error) as? SpotterError)
        #expect(failure.message == SpotterError.notFound(noun).message)
    }

    @Test func `other errors pass through`() {
        #expect(StoreFailure.translate(CancellationError()) is CancellationError)
        #expect(StoreFailure.translate(LeaseLost()) is LeaseLost)
    }

    @Test func `a NUL in a field is refused, in what a model said it is replaced`() async throws {
        let stores = try await TestStores.shared.stores
        let gym = try await TestOrganization.make(in: stores)
        let error = await #expect(throws: SpotterError.self) { _ = try await gym.agent(named: "a\0b") }
        #expect(error?.code == .invalid)
        let execution = try await gym.begunTurn()
        let conversation = try #require(execution.conversationId)
        var step = gym.step(0, of: execution, kind: .tool, state: .completed)
        step.output = ["\0": "\\u0000 \0"]
        try await gym.record(
            ExecutionRecord(
                execution: execution, steps: [step],
                events: [EventDraft(.toolCompleted, execution: execution.id, data: ["x": "\0"])],
                message: gym.message("a\0b", in: conversation, role: .assistant)))
        let said = try await stores.conversations.messages(of: conversation, PageRequest(), in: gym.scope)
        #expect(said.items.last?.content == "a\u{FFFD}b")
        #expect(said.items.last?.transcript.first?.text == "a\u{FFFD}b")
        let journal = try await stores.executions.journal(of: execution.id, in: gym.scope)
        #expect(journal.steps.first?.output == ["\u{FFFD}": "\\u0000 \u{FFFD}"])
        let events = try await stores.events.events(after: 1, execution: nil, limit: 9, in: gym.scope)
        #expect(events.map(\.data) == [["x": "\u{FFFD}"]])
    }

    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"b"}"#), (#""\u0000""#, #""\ufffd""#), (#""\\u0000""#, #""\\u0000""#),
        (#""\\\u0000\n""#, #""\\\ufffd\n""#), (#""\u0000\u0000""#, #""\ufffd\ufffd""#),
        (#""\u0001\\""#, #""\u0001\\""#),
        ("", ""),
    ])
    func `only escaped NULs are replaced in documents`(_ document: String, _ expected: String) {
        #expect(StorableJSON.bytes(of: Array(document.utf8)) == Array(expected.utf8))
    }
}
