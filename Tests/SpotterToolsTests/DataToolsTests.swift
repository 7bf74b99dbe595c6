import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterTools

/// `store_data` and `retrieve_data`.
struct DataToolsTests {
    private let stores = StoreSet.memory()

    private func context(
        _ gym: TestOrganization, agent: AgentID? = nil, conversation: ConversationID? = nil, isDryRun: Bool = false
    ) -> ToolContext {
        ToolContext(
            scope: gym.scope, organization: gym.organization, now: TestOrganization.start, effectKey: "k",
            isDryRun: isDryRun, caller: ToolContext.Caller(agent: agent, conversation: conversation))
    }

    private func store(_ arguments: JSONValue, in context: ToolContext) async throws -> JSONValue {
        let tool: any Tool = StoreData(memory: stores.memory, ids: RandomIDGenerator())
        return try await tool.call(arguments, in: context)
    }

    private func retrieve(_ arguments: JSONValue, in context: ToolContext) async throws -> JSONValue {
        let tool: any Tool = RetrieveData(memory: stores.memory)
        return try await tool.call(arguments, in: context)
    }

    @Test func `what is kept is found where it was kept, the closest first`() async throws {
        let gym = try await TestOrganization.make(in: stores)
        let agent = try await gym.agent(named: "Coach")
        let conversation = try await gym.conversation(with: agent)
        let here = context(gym, agent: agent.id, conversation: conversation.id)
        for scope in ["organization", "agent", "conversation"] {
            let kept = try await store(["key": "vat", "value": .string(scope), "scope": .string(scope)], in: here)
            #expect(kept["scope"]?.string == scope)
            #expect(try await retrieve(["key": "vat"], in: here)["value"]?.string == scope)
        }
        let elsewhere = context(gym, agent: agent.id)
        #expect(try await retrieve(["key": "vat"], in: elsewhere)["value"] == "agent")
        #expect(try await retrieve(["key": "vat"], in: context(gym))["value"] == "organization")
        #expect(try await retrieve(["key": "other"], in: here)["found"] == false)
        #expect(try await retrieve(["search": "va"], in: here)["entries"]?.array?.count == 3)
    }

    @Test func `where no scope is named, it is the conversation, or the agent outside of one`() async throws {
        let gym = try await TestOrganization.make(in: stores)
        let agent = try await gym.agent(named: "Coach")
        let conversation = try await gym.conversation(with: agent)
        let note: JSONValue = ["key": "k", "value": 1]
        let inside = try await store(note, in: context(gym, agent: agent.id, conversation: conversation.id))
        #expect(inside["scope"] == "conversation")
        #expect(try await store(note, in: context(gym, agent: agent.id))["scope"] == "agent")
        #expect(try await store(note, in: context(gym))["scope"] == "organization")
    }

    @Test func `a model is told what it can mend`() async throws {
        let gym = try await TestOrganization.make(in: stores)
        let here = context(gym)
        await #expect(throws: ToolFailure.self) {
            try await store(["key": "k", "value": 1, "scope": "conversation"], in: here)
        }
        await #expect(throws: SpotterError.self) { try await store(["key": "a b", "value": 1], in: here) }
        let long = JSONValue.string(String(repeating: "x", count: MemoryEntry.largestValue))
        await #expect(throws: SpotterError.self) { try await store(["key": "k", "value": long], in: here) }
    }

    @Test func `a full memory says so, and what is there can still be replaced`() async throws {
        let gym = try await TestOrganization.make(in: stores)
        let here = context(gym)
        for number in 0..<MemoryEntry.mostEntries {
            _ = try await store(["key": .string("k\(number)"), "value": 1], in: here)
        }
        await #expect(throws: ToolFailure.self) { try await store(["key": "more", "value": 1], in: here) }
        _ = try await store(["key": "k7", "value": 2], in: here)
    }

    @Test func `a dry run keeps nothing`() async throws {
        let gym = try await TestOrganization.make(in: stores)
        _ = try await store(["key": "k", "value": 1], in: context(gym, isDryRun: true))
        #expect(try await retrieve(["key": "k"], in: context(gym))["found"] == false)
    }
}
