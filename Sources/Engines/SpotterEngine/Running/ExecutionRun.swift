import Foundation
public import ServiceKit
public import SpotterDomain

/// One execution on its way: decide → perform → record, until it ends or has to wait.
///
/// It belongs to one task. What it cannot record (the lease was lost) it discards.
///
/// A class, as are the things that it holds: every call that waits keeps a copy of each value that it has in hand, and
/// ten thousand runs wait for models at the same time.
public final class ExecutionRun {
    /// What runs work with; the same for all of them.
    public final class Environment: Sendable {
        let store: any ExecutionStore
        let recorder: RecordWriter
        let control: ExecutionControl
        let models: ModelCaller
        let tools: ToolCaller
        let clock: any WallClock
        let ids: any IDGenerator
        let random: @Sendable () -> Double
        let sleep: @Sendable (Duration) async throws -> Void
        let mostSteps: Int
        let log: Log

        /// - Parameters:
        ///   - control: cancels what a run has begun and does not need any more.
        ///   - random: draws from 0 up to 1, for the waits before another try.
        ///   - sleep: waits for a database that does not answer.
        ///   - mostSteps: with how many a run is stopped.
        public init(
            store: any ExecutionStore, recorder: RecordWriter, control: ExecutionControl, models: ModelCaller,
            tools: ToolCaller, clock: any WallClock, ids: any IDGenerator,
            random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
            sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
            mostSteps: Int = 2_000, log: Log
        ) {
            self.store = store
            self.recorder = recorder
            self.control = control
            self.sleep = sleep
            self.models = models
            self.tools = tools
            self.clock = clock
            self.ids = ids
            self.random = random
            self.mostSteps = mostSteps
            self.log = log
        }

        /// Tells readers here of events that were committed with the beginning of a run.
        public func announce(_ events: [Event], in scope: OrganizationScope) { recorder.announce(events, in: scope) }
    }

    let environment: Environment
    let assignment: Assignment
    let handle: RunHandle
    var journal: Journal
    /// Written with the next record: what has changed since the last one.
    var unwritten = ExecutionRecord.Parts()
    /// What this process knows of the run's calls, also from before an outage.
    let performed: PerformedCalls
    /// The steps that somebody else, or this process before an outage, had begun and not ended.
    let inherited: Set<StepID>
    /// Whether a budget has a say in what the run spends, as far as is known: one may be set while it is under way.
    private(set) var isBudgeted: Bool
    private let isContinued: Bool
    private var isLettingGo = false
    /// Whether something was done that is not written yet. It is written before anything else is done that takes time or
    /// has an effect, together with what there is to write then.
    var isBehind = false
    /// Whether somebody reads along, or a call tells of itself for those who may look.
    var isFollowed = true
    /// What a call of a model that was broken off had said by then.
    var heard = ""
    /// The answer that was written, or tried to be written, with the end.
    private(set) var answer: Message?
    private let started = ContinuousClock.now

    var execution: Execution { journal.execution }
    var scope: OrganizationScope { assignment.scope }

    /// A run that starts from where the assignment's journal ends.
    ///
    /// - Parameters:
    ///   - performed: what this process knows already of the attempt's calls.
    ///   - isContinued: whether this process had begun the attempt before.
    init(
        _ assignment: Assignment, handle: RunHandle, in environment: Environment,
        performed: PerformedCalls = PerformedCalls(), isContinued: Bool = false
    ) {
        self.performed = performed
        self.isContinued = isContinued
        isBudgeted =
            assignment.isBudgeted || assignment.organization?.hasBudgets ?? false
            || assignment.agent?.settings.limits?.areCapped ?? false
        inherited = Set(assignment.journal.steps.filter { $0.state == .started }.map(\.id))
        self.environment = environment
        self.assignment = assignment
        self.handle = handle
        journal = assignment.journal
        // An outage has lost the steps of these calls, but not their cost.
        let known = Set(journal.steps.map(\.id))
        for line in performed.uncounted where line.call.map({ !known.contains($0.step) }) ?? false {
            journal.execution.usage = journal.execution.usage + line.usage
            journal.execution.cost = journal.execution.cost + line.cost
        }
    }

    /// Runs until the execution ends or has to wait, and says how it stands then.
    ///
    /// - Throws: `LeaseLost`, or the store's error: the execution then stays as recorded, and goes on elsewhere when
    ///   this process is thought dead.
    func run() async throws -> RunOutcome {
        do {
            announce()
            // One that only fails any more needs nothing of what it waited for.
            if !(assignment.program is FailingProgram) { try await settleWaits() }
            while true {
                // Whether a pause still holds, the store says.
                if isBehind, handle.reason == .asked(.pause) { try await record() }
                if let outcome = try await heed() { return outcome }
                let remaining = timeLeft
                guard remaining > .zero else { return try await failForTime() }
                if journal.hasTimers { endTimers() }
                let decided = decide()
                if decided.commands.isEmpty { return try await park() }
                // Who is done needs no room for more.
                guard journal.steps.count < mostSteps || decided.ends else { return try await failForSteps() }
                if isBehind, isQuiet(decided) {
                    try await record()
                    if let outcome = try await heed() { return outcome }
                }
                for place in decided.commands.indices {
                    if let call = beginModelCall(decided, place, within: remaining) {
                        try await finish(call)
                    } else if let outcome = try await perform(decided, place, within: remaining) {
                        return outcome
                    }
                }
            }
        } catch  where Task.isCancelled && !isLettingGo && !(error is LeaseLost) {
            return try await interrupted(error)
        }
    }

    /// What is to be done next, in one piece: a command is a large value.
    final class Decided {
        let commands: [Command]

        fileprivate init(_ commands: [Command]) { self.commands = commands }

        /// Whether it is the end.
        var ends: Bool {
            switch commands.last {
            case .finish, .fail: true
            default: false
            }
        }
    }

    @inline(never)
    private func decide() -> Decided { Decided(assignment.program.decide(journal)) }

    /// Whether what comes next is a call that is not told of: what was done before is written by itself then.
    @inline(never)
    private func isQuiet(_ decided: Decided) -> Bool {
        guard case .callModel(let request, _)? = decided.commands.first else { return false }
        return !request.isStreaming && execution.conversationId != nil && !isBudgeted
    }

    /// The limit of one try leaves room for another; the execution's deadline does not.
    @inline(never)
    private func failForTime() async throws -> RunOutcome {
        let isOver = execution.deadlineAt.map { $0 <= environment.clock.now() } ?? false
        return try await fail(
            .init(
                code: "timed_out", message: "The run took longer than its limit.", isTransient: isOver ? nil : true))
    }

    @inline(never)
    private func failForSteps() async throws -> RunOutcome {
        let message = "It has taken \(journal.steps.count) steps, and may take no more."
        return try await fail(ExecutionError(code: "step_limit_reached", message: message))
    }

    private var mostSteps: Int { assignment.mostSteps ?? environment.mostSteps }

    /// What is left of the run's own limit and of the execution's deadline.
    private var timeLeft: Duration {
        let left = assignment.timeout - started.duration(to: .now)
        guard let deadline = execution.deadlineAt else { return left }
        return min(left, .seconds(deadline.timeIntervalSince(environment.clock.now())))
    }

    // Not inlined: runs that wait for a model would keep room for what is done for every other command.
    @inline(never)
    private func perform(_ decided: Decided, _ place: Int, within remaining: Duration) async throws -> RunOutcome? {
        switch decided.commands[place] {
        // Has a way of its own, which keeps less in hand.
        case .callModel: break
        case .compact(let compaction): try enter(compaction)
        case .callTools(let calls): return try await callTools(calls, within: remaining)
        case .answer(let answers): try enter(answers)
        case .settle(let nodes): enter(nodes)
        case .abandon(let steps): try await abandon(Set(steps))
        case .startChild(let order):
            if let refusal = try await refusalOfChild() { return try await fail(refusal) }
            try startChild(order)
        case .wait(let wait, let name): try begin(wait, name: name)
        case .emit(let type, let data):
            unwritten.events.append(EventDraft(type, execution: execution.id, data: data))
        case .finish(let output, let answer): return try await finish(output: output, answer: answer)
        case .fail(let error): return try await fail(error)
        }
        return nil
    }

    @inline(never)
    private func announce() {
        // A turn that has waited for those before it has not told yet.
        if execution.currentStep == Execution.lineStep {
            journal.execution.currentStep = nil
            unwritten.events.append(execution.turnStarted)
            return
        }
        let type: EventType = execution.attempt == 1 && !isContinued ? .executionStarted : .executionResumed
        // A chat turn has told of its start when it began.
        if type == .executionStarted, execution.conversationId != nil { return }
        unwritten.events.append(
            EventDraft(
                type, execution: execution.id,
                data: ["kind": .string(execution.kind.rawValue), "attempt": .int(Int64(execution.attempt))]))
    }

    // MARK: Recording

    /// Writes what has changed since the last record, wakes the readers, and hears what somebody asks.
    // Not inlined, because it holds a whole record, and most of its callers wait for something else afterwards.
    @inline(never)
    func record() async throws {
        let record = takeUnwritten()
        let answer = try await environment.recorder.write(record, in: scope)
        performed.forget(record)
        heed(answer)
    }

    /// Writes also that something is set aside for a call; returns what the budgets say to it.
    @inline(never)
    func record(reserving call: LedgerLine.Call, for prepared: PreparedCall) async throws -> ReservationVerdict? {
        let record = takeUnwritten(reserving: call, for: prepared)
        do {
            let answer = try await environment.recorder.write(record, in: scope)
            performed.forget(record)
            heed(answer)
            return answer.verdicts[call]
        } catch {
            // Whether it was written is not known; that the call is not made, is.
            performed.release(call)
            throw error
        }
    }

    private func heed(_ answer: RecordAnswer) {
        if answer.isBudgeted { isBudgeted = true }
        handle.heed(answer.requested)
    }

    @inline(never)
    private func takeUnwritten(with message: Message? = nil) -> PendingRecord {
        var record = takeRecord()
        record.message = message
        record.dropsCap = execution.state.isTerminal && isCapped
        return PendingRecord(record)
    }

    @inline(never)
    private func takeUnwritten(reserving call: LedgerLine.Call, for prepared: PreparedCall) -> PendingRecord {
        var record = takeRecord()
        record.reservations = [reservation(for: prepared, call)]
        return PendingRecord(record)
    }

    private func takeRecord() -> ExecutionRecord {
        defer {
            unwritten = ExecutionRecord.Parts()
            isBehind = false
        }
        var record = unwritten.record(of: execution)
        performed.add(to: &record)
        return record
    }

    /// Writes how the execution is let go of. What fails here is not tried from here again: the journal says first
    /// whether it was written.
    func letGo(message: Message? = nil) async throws -> RunOutcome {
        isLettingGo = true
        answer = message
        performed.releaseForetold()
        let record = takeUnwritten(with: message)
        _ = try await environment.recorder.write(record, in: scope)
        performed.forget(record)
        return outcome()
    }

    @inline(never)
    private func outcome() -> RunOutcome { RunOutcome(execution: execution, message: answer) }

    /// A new step at the end of the journal.
    func step(
        _ name: String, kind: Step.Kind, state: Step.State = .started, offset: Int = 0, input: JSONValue,
        effect: ToolEffect? = nil, child: ExecutionID? = nil, id: StepID? = nil
    ) -> Step {
        let now = environment.clock.now()
        return Step(
            id: id ?? environment.ids.id(at: now), index: journal.nextIndex + offset, name: name, kind: kind,
            state: state,
            attempt: execution.attempt, input: input, effect: effect, child: child, startedAt: now)
    }

    /// Puts steps into the journal, in place of those with their ids, to be written with the next record.
    func enter(_ steps: [Step]) {
        for step in steps {
            if let place = journal.steps.firstIndex(where: { $0.id == step.id }) {
                journal.steps[place] = step
            } else {
                journal.steps.append(step)
            }
            unwritten.steps.removeAll { $0.id == step.id }
            unwritten.steps.append(step)
        }
        let known = journal.steps.filter { $0.state != .superseded }
        journal.execution.stepsTotal = known.count
        journal.execution.stepsCompleted = known.count { $0.state == .completed || $0.state == .failed }
    }
}

extension ExecutionRecord {
    /// What a record holds beside the execution.
    struct Parts: Sendable {
        var steps: [Step] = []
        var children: [Execution] = []
        var events: [EventDraft] = []
        var blocks: [MemoryBlock] = []

        func record(of execution: Execution) -> ExecutionRecord {
            var record = ExecutionRecord(execution: execution, steps: steps, children: children, events: events)
            record.blocks = blocks
            return record
        }
    }
}
