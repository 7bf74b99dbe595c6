import SpotterDomain

extension ExecutionRun {
    /// A call of a tool, and its step in the journal.
    typealias PendingCall = (call: ClearedCall, step: Step)

    /// Runs the calls that the policy lets through side by side, at most eight at a time, and journals each. Those that it
    /// denies get their result at once; those that people are asked about wait, while the others are made.
    ///
    /// Calls are journalled before they begin: the ledger of effects. After a crash in between, a call with the same
    /// effect key is made again where the tool says that this does no harm; where it does, a person decides. What only
    /// reads our own tables has no effect to be journalled before: where nobody reads along, it is written when it is
    /// done.
    /// - Returns: where the execution stands, if people must decide before anything else can be done.
    func callTools(_ calls: [ToolCall], within remaining: Duration) async throws -> RunOutcome? {
        let judged = try await judge(calls)
        let pending = pending(judged.cleared)
        guard begin(pending) else { return try await park() }
        guard !pending.isEmpty || judged.hasRefused else { return try await park() }
        guard !pending.isEmpty else {
            try await record()
            return nil
        }
        if isFollowed || !pending.allSatisfy({ environment.tools.onlyReads($0.call.call) }) {
            try await record()
            FaultPoint.afterJournal.pass()
        }
        let failure = await perform(pending, within: remaining)
        FaultPoint.afterEffect.pass()
        try end(pending, failure)
        // Written before the next call of a model, with what is set aside for that, or with the end.
        isBehind = true
        return nil
    }

    /// Journals calls that the program has answered itself.
    @inline(never)
    func enter(_ answers: [AnsweredCall]) throws {
        for answer in answers {
            let result = ToolResult(
                callId: answer.call.id, name: answer.call.name, output: answer.output, isError: answer.isError,
                durationMs: 0)
            var step = newStep(for: answer.call, offset: 0)
            step.state = .completed
            step.output = try JSONValue(encoding: result)
            step.completedAt = step.startedAt
            enter([step])
            unwritten.events.append(event(for: result))
        }
    }

    // Not inlined, as what follows: what a call takes in memory is kept while a later one waits.
    @inline(never)
    private func pending(_ calls: [ClearedCall]) -> [PendingCall] {
        calls.enumerated().map { offset, cleared in
            (call: cleared, step: openStep(of: cleared.call) ?? newStep(for: cleared.call, offset: offset))
        }
    }

    /// Enters the calls into the journal. False where a person must look into some first: only that is entered then.
    @inline(never)
    private func begin(_ pending: [PendingCall]) -> Bool {
        let doubtful = pending.map(\.step).filter(isInDoubt)
        guard doubtful.isEmpty else {
            enter(
                doubtful.map { step in
                    var step = step
                    step.state = .needsReview
                    return step
                })
            return false
        }
        guard !pending.isEmpty else { return true }
        enter(pending.map(\.step))
        journal.execution.currentStep = pending.map(\.call.call.name).joined(separator: ", ")
        unwritten.events += pending.map { pending in
            EventDraft(
                .toolStarted, execution: execution.id,
                data: [
                    "tool": .string(pending.call.call.name), "call_id": .string(pending.call.call.id),
                    "arguments": pending.call.call.arguments,
                ])
        }
        return true
    }

    /// Enters what came of the calls. Those that have ended are kept also when others were broken off; then it throws.
    @inline(never)
    private func end(_ pending: [PendingCall], _ failure: (any Error)?) throws {
        for (_, step) in pending {
            guard let result = performed.result(of: step.id) else { continue }
            var step = step
            step.state = .completed
            step.output = try JSONValue(encoding: result)
            step.completedAt = environment.clock.now()
            enter([step])
            unwritten.events.append(event(for: result))
        }
        guard let failure else { return }
        // What was broken off before it began has not happened: nobody need look into it.
        let untouched = pending.map(\.step).filter { !inherited.contains($0.id) && !performed.hasBegun($0.id) }
        enter(untouched.map { $0.superseded() })
        throw failure
    }

    /// Whether an open step was begun by somebody who did not say what came of it, and doing it again may do it twice.
    private func isInDoubt(_ step: Step) -> Bool {
        if step.state == .needsReview { return true }
        guard inherited.contains(step.id), (step.effect ?? .unsafe) == .unsafe else { return false }
        // This process knows what it did itself.
        if performed.result(of: step.id) != nil { return false }
        return step.attempt < execution.attempt || performed.hasBegun(step.id)
    }

    /// The call's entry in the journal from before a crash; it keeps its id, which is the effect key.
    func openStep(of call: ToolCall) -> Step? {
        journal.steps.last { step in
            step.kind == .tool && (step.state == .started || step.state == .needsReview)
                && step.input["call_id"]?.string == call.id
        }
    }

    private func newStep(for call: ToolCall, offset: Int) -> Step {
        let input: JSONValue = ["call_id": .string(call.id), "arguments": call.arguments]
        return step(
            call.name, kind: .tool, offset: offset, input: input, effect: environment.tools.effect(of: call))
    }

    /// Makes those calls whose outcome is not known already. Returns why not all have ended, if so.
    private func perform(_ pending: [PendingCall], within remaining: Duration) async -> (any Error)? {
        guard let calls = openCalls(pending, within: remaining) else {
            return SpotterError(.internal, "A program without an organisation called a tool.")
        }
        return await withTaskGroup(of: (any Error)?.self) { group in
            var failure: (any Error)?
            for index in calls.pending.indices {
                if index >= Self.callsAtOnce, let ended = await group.next() { failure = failure ?? ended }
                group.addTask { await calls.make(index) }
            }
            for await ended in group { failure = failure ?? ended }
            return failure
        }
    }

    @inline(never)
    private func openCalls(_ pending: [PendingCall], within remaining: Duration) -> OpenCalls? {
        assignment.organization.map { organization in
            OpenCalls(
                pending.filter { performed.result(of: $0.step.id) == nil }.map { (call: $0.call, step: $0.step.id) },
                organization: organization, timeout: remaining, isDryRun: assignment.isDryRun,
                // Nobody waits at the other end of queued work: its tools take turns, and leave the machine to chats.
                takesTurns: execution.conversationId == nil,
                caller: ToolContext.Caller(
                    agent: execution.agentId, conversation: execution.conversationId, execution: execution.id,
                    origin: origin),
                environment.tools, performed)
        }
    }

    private static let callsAtOnce = 8

    func event(for result: ToolResult) -> EventDraft {
        EventDraft(
            result.isError ? .toolFailed : .toolCompleted, execution: execution.id,
            data: [
                "tool": .string(result.name), "call_id": .string(result.callId), "result": result.output,
                "duration_ms": .int(Int64(result.durationMs)),
            ])
    }
}

/// Calls of tools whose outcome is not known.
private final class OpenCalls: Sendable {
    let pending: [(call: ClearedCall, step: StepID)]
    private let organization: Organization
    private let timeout: Duration
    private let isDryRun: Bool
    private let takesTurns: Bool
    private let caller: ToolContext.Caller
    private let tools: ToolCaller
    private let performed: PerformedCalls

    init(
        _ pending: [(call: ClearedCall, step: StepID)], organization: Organization, timeout: Duration,
        isDryRun: Bool, takesTurns: Bool, caller: ToolContext.Caller, _ tools: ToolCaller, _ performed: PerformedCalls
    ) {
        self.caller = caller
        self.pending = pending
        self.organization = organization
        self.timeout = timeout
        self.isDryRun = isDryRun
        self.takesTurns = takesTurns
        self.tools = tools
        self.performed = performed
    }

    /// Makes one of them. Returns why it has not ended, if so.
    func make(_ index: Int) async -> (any Error)? {
        let step = pending[index].step
        do {
            let result = try await tools.call(
                pending[index].call, organization: organization, effectKey: step.description, isDryRun: isDryRun,
                timeout: timeout, caller: caller, takesTurns: takesTurns,
                onStart: { [performed] in performed.begin(step) })
            performed.end(step, with: result)
            return nil
        } catch { return error }
    }
}
