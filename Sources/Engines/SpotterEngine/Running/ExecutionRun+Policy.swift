import Foundation
import SpotterDomain

extension ExecutionRun {
    /// What became of calls that a program wants made.
    struct Judged {
        var cleared: [ClearedCall] = []
        /// Whether some have got their result already, and the program has something to go on with.
        var hasRefused = false
    }

    /// Lets every call pass by the organisation's policy, enters the results of those that are refused, and asks people
    /// about those that they are to be asked about.
    @inline(never)
    func judge(_ calls: [ToolCall]) async throws -> Judged {
        var judged = Judged()
        var known: Taint?
        for call in calls {
            guard openStep(of: call) == nil else {
                judged.cleared.append(environment.tools.begun(call, by: requester))
                continue
            }
            let ruling = try await environment.tools.rule(on: call, by: requester, approval: approval(of: call)) {
                let taint = known ?? self.taint
                known = taint
                return taint
            }
            switch ruling {
            case .cleared(let cleared): judged.cleared.append(cleared)
            case .refused(let result):
                try enter(result, of: call)
                judged.hasRefused = true
            case .ask(let order): try ask(order, name: "approve \(call.name)")
            case .waiting: break
            }
        }
        return judged
    }

    private var requester: ToolRequester {
        ToolRequester(
            scope: scope, role: ExecutionOrigin(of: execution).role, agent: assignment.agent,
            // The permission of whoever calls by hand covers the call.
            allowed: execution.kind == .tool ? nil : assignment.tools, isDryRun: assignment.isDryRun)
    }

    /// What people were asked about a call, the last time.
    private func approval(of call: ToolCall) -> Approval? {
        journal.steps.last { $0.askedCall == call.id && $0.state != .superseded }
            .flatMap { Approval($0, of: execution.id) }
    }

    /// Whether words of strangers have been read.
    var taint: Taint {
        Taint(journal, past: assignment.program.past) { [tools = environment.tools] in tools.yieldsUntrustedText($0) }
    }

    private func enter(_ result: ToolResult, of call: ToolCall) throws {
        var step = step(
            call.name, kind: .tool, state: .completed,
            input: ["call_id": .string(call.id), "arguments": call.arguments, .init(Step.deniedMark): true],
            effect: ToolEffect.none)
        step.output = try JSONValue(encoding: result)
        step.completedAt = step.startedAt
        enter([step])
        unwritten.events.append(event(for: result))
    }

    // MARK: Asking

    /// Asks people, and lets the step wait for them.
    @inline(never)
    func ask(_ order: ApprovalOrder, name: String) throws {
        let hash = try environment.tools.hash(of: order)
        let input = try order.input(hash: hash, at: environment.clock.now())
        let step = step(name, kind: .approval, state: .waiting, input: input)
        enter([step])
        announceStart(of: name)
        if let approval = Approval(step, of: execution.id) {
            unwritten.events.append(approval.event(.approvalRequested))
        }
    }

    /// Does with approvals what is due: reminds, asks others, ends those whose time is over, unless somebody was quicker: the row decides, not this process's memory.
    func turnApprovals(at now: Date) async throws {
        let changed = try await environment.control.turnApprovals(of: execution.id, at: now, in: scope)
        let fresh = try await environment.store.journal(of: execution.id, in: scope)
        for step in fresh.steps where step.kind == .approval {
            guard let place = journal.steps.firstIndex(where: { $0.id == step.id }) else { continue }
            journal.steps[place] = step
        }
        journal.execution.signals = changed.signals
    }

    // MARK: Passing on

    /// What another execution is given: with who asked for this one, and whether it may hold words of strangers.
    func inherited(_ input: JSONValue) throws -> JSONValue {
        let origin = origin
        return origin == ExecutionOrigin() ? input : try input.with(origin)
    }

    /// Who asked for this one, and whether it may hold words of strangers.
    var origin: ExecutionOrigin {
        var origin = ExecutionOrigin(of: execution)
        if taint.isTainted { origin.isUntrusted = true }
        return origin
    }

    /// What another execution waits for, saying so where words of strangers may be in it.
    func labelled(_ output: JSONValue) -> JSONValue {
        guard execution.parentId != nil, var object = output.object, taint.isTainted else { return output }
        object["is_untrusted"] = true
        return .object(object)
    }
}
