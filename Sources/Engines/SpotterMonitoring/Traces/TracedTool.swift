public import SpotterDomain
import Synchronization

/// Lets tools that reach others say in which trace they do: what they send carries it along.
public struct ToolTracing: Sendable {
    private let directory: TraceDirectory

    /// - Parameter monitoring: knows where runs come from.
    public init(monitoring: any MonitoringStore) { directory = TraceDirectory(monitoring) }

    /// The same tools; those that reach others are called within their trace.
    public func tracing(_ tools: ToolSet) -> ToolSet { ToolSet(tools.tools.map { traced($0) }) }

    /// What a message about a run says of its trace, with the run as the one that tells; nil where it is not known.
    public func parent(of execution: ExecutionID, in scope: OrganizationScope) async -> TraceParent? {
        await directory.parent(of: execution, span: SpanID(execution), in: scope)
    }

    private func traced(_ tool: any Tool) -> any Tool { tool.access == .outward ? wrap(tool) : tool }

    private func wrap<Wrapped: Tool>(_ tool: Wrapped) -> any Tool { TracedTool(tool: tool, directory: directory) }
}

private struct TracedTool<Wrapped: Tool>: Tool {
    let tool: Wrapped
    let directory: TraceDirectory

    var name: String { tool.name }
    var summary: String { tool.summary }
    var category: ToolCategory { tool.category }
    var access: ToolAccess { tool.access }
    var effect: ToolEffect { tool.effect }
    var sensitiveArguments: [String: ArgumentRole] { tool.sensitiveArguments }
    var yieldsUntrustedText: Bool { tool.yieldsUntrustedText }
    var parameters: JSONSchema { tool.parameters }

    func effect(of arguments: JSONValue) -> ToolEffect { tool.effect(of: arguments) }
    func sensitiveValues(of arguments: JSONValue) -> [SensitiveValue] { tool.sensitiveValues(of: arguments) }
    func recipients(of arguments: JSONValue, in scope: OrganizationScope) async throws -> [SensitiveValue] {
        try await tool.recipients(of: arguments, in: scope)
    }

    func run(_ arguments: Wrapped.Arguments, in context: ToolContext) async throws -> JSONValue {
        let parent = await directory.parent(of: context)
        return try await TraceParent.$current.withValue(parent) { try await tool.run(arguments, in: context) }
    }
}

/// Where runs come from, as far as it was asked lately.
private final class TraceDirectory: Sendable {
    private let monitoring: any MonitoringStore
    private let known = Mutex<[ExecutionID: TraceOrigin]>([:])
    private static let mostKnown = 1_000

    init(_ monitoring: any MonitoringStore) { self.monitoring = monitoring }

    /// The trace of a call, with the call's step as the one that asks; a call by hand is in its request's.
    func parent(of context: ToolContext) async -> TraceParent? {
        guard let execution = context.caller.execution else { return TraceParent.current }
        let span = Identifier<StepKindTag>(context.effectKey).map { SpanID($0) } ?? SpanID(execution)
        return await parent(of: execution, span: span, in: context.scope) ?? TraceParent.current
    }

    func parent(of execution: ExecutionID, span: SpanID, in scope: OrganizationScope) async -> TraceParent? {
        guard let origin = await origin(of: execution, in: scope) else { return nil }
        return TraceParent(
            trace: origin.trace, span: span, isSampled: origin.parent?.isSampled ?? true, state: origin.parent?.state)
    }

    private func origin(of execution: ExecutionID, in scope: OrganizationScope) async -> TraceOrigin? {
        if let origin = known.withLock({ $0[execution] }) { return origin }
        // Without it the call is made all the same.
        guard let origin = try? await monitoring.origins(of: [execution], in: scope)[execution] else { return nil }
        known.withLock { known in
            if known.count >= Self.mostKnown { known.removeAll() }
            known[execution] = origin
        }
        return origin
    }
}
