import Foundation
public import SpotterDomain

/// Where people try tools by hand, under the same policy as agents.
public struct ToolDesk: Sendable {
    private let tools: ToolCaller
    private let store: any ExecutionStore
    private let control: ExecutionControl
    private let clock: any WallClock
    private let ids: any IDGenerator

    /// A desk; what it asks about waits as an execution of kind `tool` in `store`.
    public init(
        tools: ToolCaller, store: any ExecutionStore, control: ExecutionControl, clock: any WallClock,
        ids: any IDGenerator
    ) {
        self.tools = tools
        self.store = store
        self.control = control
        self.clock = clock
        self.ids = ids
    }

    /// What came of a call.
    public enum Outcome: Sendable {
        /// It was made, or refused as a model's would be.
        case result(ToolResult)
        /// People are asked first; the execution waits for them, and its output is the result.
        case asked(Approval)
    }

    /// Makes a call, unless the policy wants people asked: then it waits for them.
    public func invoke(
        _ call: ToolCall, by caller: Caller, in organization: Organization, effectKey: String, isDryRun: Bool
    ) async throws -> Outcome {
        let requester = ToolRequester(scope: caller.scope, role: caller.role, isDryRun: isDryRun)
        let now = clock.now()
        // Who calls by hand says it themselves: there is no stranger.
        let execution = try Execution(ids.id(at: now), call, by: caller, at: now, wakeAt: now.addingTimeInterval(30))
        let ruling = try await tools.rule(on: call, by: requester) {
            Taint(Journal(execution: execution), past: RunPast(), yieldsUntrustedText: tools.yieldsUntrustedText)
        }
        switch ruling {
        case .cleared(let cleared):
            return .result(
                try await tools.call(
                    cleared, organization: organization, effectKey: effectKey, isDryRun: isDryRun,
                    caller: ToolContext.Caller(subject: caller.subject, origin: ExecutionOrigin(caller))))
        case .refused(let result): return .result(result)
        case .ask(let order): return .asked(try await ask(order, execution, in: caller.scope))
        case .waiting: throw SpotterError(.internal, "A call by hand waits for an approval that was never asked for.")
        }
    }

    /// Two writes. Whoever dies in between leaves an execution that a worker takes up half a minute later, and which asks
    /// by itself.
    private func ask(
        _ order: ApprovalOrder, _ execution: Execution, in scope: OrganizationScope
    ) async throws -> Approval {
        let now = execution.createdAt
        let step = Step(
            id: ids.id(at: now), index: 0, name: "approve \(order.call?.name ?? "")", kind: .approval, state: .waiting,
            attempt: 0, input: try order.input(hash: tools.hash(of: order), at: now), startedAt: now)
        guard let approval = Approval(step, of: execution.id) else {
            throw SpotterError(.internal, "A new approval cannot be read.")
        }
        _ = try await store.enqueue([execution], receipt: nil, in: scope)
        _ = try await control.change(execution.id, receipt: nil, in: scope) { journal, _ in
            guard journal.execution.state == .queued, journal.steps.isEmpty else { return nil }
            var execution = journal.execution
            execution.state = .waiting
            execution.wakeAt = approval.nextTurn
            execution.stepsTotal = 1
            execution.currentStep = step.name
            return ExecutionChange(
                execution: execution, steps: [step],
                events: [
                    approval.event(.approvalRequested), EventDraft(.executionWaiting, execution: execution.id),
                ])
        }
        return approval
    }
}
