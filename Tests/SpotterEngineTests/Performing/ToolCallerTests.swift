import ServiceKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterEngine

/// What becomes of a call when the tool itself does not come to its end.
@Suite(.timeLimit(.minutes(2)))
struct ToolCallerTests {
    /// A tool that what it needs cannot be reached for, so many times.
    private static func tool(_ effect: ToolEffect, failing times: Int) -> RecordingTool {
        let left = Mutex(times)
        return RecordingTool(
            effect: effect,
            work: { _ in
                let fails = left.withLock { left in
                    left -= 1
                    return left >= 0
                }
                if fails { throw SpotterError(.unavailable, "The database cannot be reached now.") }
                return "done"
            })
    }

    private static func result(of tool: RecordingTool) async throws -> ToolResult {
        let world = try await TestEngine.World()
        let gym = try await TestOrganization.make(in: world.stores)
        let caller = ToolCaller.scripted(ToolSet([tool]), clock: world.clock)
        let call = ToolCall(id: "c", name: tool.name, arguments: [:])
        let cleared = caller.begun(call, by: ToolRequester(scope: gym.scope, role: .owner))
        return try await caller.call(cleared, organization: gym.organization, effectKey: "key")
    }

    @Test(arguments: [ToolEffect.none, .idempotent, .keyed])
    func `a call that could not reach what it needs is made again under its key`(_ effect: ToolEffect) async throws {
        let tool = Self.tool(effect, failing: 2)
        let result = try await Self.result(of: tool)
        #expect(result.output == "done" && !result.isError)
        #expect(tool.calls.map(\.effectKey) == ["key", "key", "key"])
    }

    @Test func `it is not made again for ever`() async throws {
        let tool = Self.tool(.none, failing: 1_000)
        #expect(try await Self.result(of: tool).isError)
        #expect(tool.calls.count == 3)
    }

    @Test func `a call that must not happen twice is made once`() async throws {
        let tool = Self.tool(.unsafe, failing: 1)
        let result = try await Self.result(of: tool)
        #expect(result.isError)
        #expect(result.output.string?.contains("Whether it took effect is not known") == true)
        #expect(tool.calls.count == 1)
    }
}
