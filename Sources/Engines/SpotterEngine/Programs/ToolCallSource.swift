import Foundation
public import SpotterDomain

/// Makes assignments of calls by hand that somebody has to be asked about first: the call, and its result as the output.
public struct ToolCallSource: ProgramSource {
    private let organizations: any OrganizationStore

    /// A source that reads organisations from the store.
    public init(organizations: any OrganizationStore) { self.organizations = organizations }

    /// How long the call may take, once it is let through.
    private static let timeout = Duration.seconds(120)

    /// The call of `journal`.
    public func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        guard let call = ToolCall(byHand: journal.execution) else {
            throw ExecutionError(code: "journal_unreadable", message: "The execution does not say which tool to call.")
        }
        let organization = try await organizations.organization(in: scope)
        return Assignment(
            journal: journal, program: OneCall(call: call), scope: scope, organization: organization, agent: nil,
            timeout: Self.timeout)
    }

    private struct OneCall: Program {
        let call: ToolCall

        func decide(_ journal: Journal) -> [Command] {
            let step = journal.steps.last { $0.kind == .tool && $0.state == .completed }
            guard let result = try? step?.output?.decodedUnchecked(as: ToolResult.self) else {
                return [.callTools([call])]
            }
            return [
                .finish(
                    output: [
                        "result": result.output, "is_error": .bool(result.isError),
                        "duration_ms": .int(Int64(result.durationMs)),
                    ], answer: nil)
            ]
        }
    }
}

extension Execution {
    /// A call by hand that waits to be approved.
    ///
    /// - Parameter wakeAt: from when on a worker asks, should whoever makes this not come to it.
    init(_ id: ExecutionID, _ call: ToolCall, by caller: Caller, at now: Date, wakeAt: Date) throws {
        let input: JSONValue = [
            "tool": .string(call.name), "call_id": .string(call.id), "arguments": call.arguments,
        ]
        self.init(
            id: id, kind: .tool, state: .queued, attempt: 0, conversationId: nil, agentId: nil, agentVersion: nil,
            input: try input.with(ExecutionOrigin(caller)), wakeAt: wakeAt, createdAt: now)
    }
}

extension ToolCall {
    fileprivate init?(byHand execution: Execution) {
        guard let name = execution.input["tool"]?.string, let id = execution.input["call_id"]?.string,
            let arguments = execution.input["arguments"]
        else { return nil }
        self.init(id: id, name: name, arguments: arguments)
    }
}
