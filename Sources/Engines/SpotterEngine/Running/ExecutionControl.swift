import Foundation
public import SpotterDomain

/// What people may do to an execution from outside: pause, resume, cancel, retry, answer, review.
///
/// Each is one locked look and one write, together with the receipt of the request that asked for it, if that had a
/// key. A run in progress is asked, by way of its row; whoever passes the request on at once (`onRequest`) only makes
/// it quicker.
public struct ExecutionControl: Sendable {
    private let store: any ExecutionStore
    private let clock: any WallClock
    private let onChange: @Sendable (Execution, OrganizationScope) -> Void
    let onApproval: @Sendable (Approval, EventType, OrganizationScope) async -> Void

    /// - Parameters:
    ///   - onApproval: told when those who may decide on something are to be told again, or others are asked, too.
    ///   - onChange: told of every execution that was changed, to wake whom it concerns.
    public init(
        store: any ExecutionStore, clock: any WallClock,
        onApproval: @escaping @Sendable (Approval, EventType, OrganizationScope) async -> Void = { _, _, _ in },
        onChange: @escaping @Sendable (Execution, OrganizationScope) -> Void = { _, _ in }
    ) {
        self.store = store
        self.clock = clock
        self.onChange = onChange
        self.onApproval = onApproval
    }

    /// Holds it back. One that runs stops after the step in progress.
    ///
    /// - Throws: `notFound`; `conflict` for one that has ended.
    public func pause(
        _ id: ExecutionID, receipt: ExecutionReceipt? = nil, in scope: OrganizationScope
    ) async throws -> Execution {
        try await change(id, receipt: receipt, in: scope) { journal, _ in
            var execution = journal.execution
            switch execution.state {
            case .paused: return nil
            case .running:
                guard execution.requested == nil else { return nil }
                execution.requested = .pause
                return ExecutionChange(execution: execution)
            case .waiting where execution.isInLine:
                throw SpotterError(
                    .conflict, "The turn has not begun: it waits for those before it. It can only be cancelled.")
            case .queued, .waiting:
                execution.state = .paused
                return ExecutionChange(execution: execution, events: [.init(.executionPaused, execution: id)])
            case .completed, .failed, .cancelled: throw execution.hasEnded(so: "paused")
            }
        }
    }

    /// Lets a paused one go on.
    ///
    /// - Parameter step: one that it must have; nil for any.
    public func resume(
        _ id: ExecutionID, with step: StepID? = nil, receipt: ExecutionReceipt? = nil, in scope: OrganizationScope
    ) async throws -> Execution {
        try await change(id, receipt: receipt, in: scope) { journal, _ in
            var execution = journal.execution
            if let step, !journal.steps.contains(where: { $0.id == step }) { throw SpotterError.notFound("step") }
            guard execution.state == .paused || execution.requested == .pause else {
                if execution.state.isTerminal { throw execution.hasEnded(so: "resumed") }
                return nil
            }
            execution.requested = nil
            if execution.state == .paused {
                // It looks at what it waited for when it is taken up.
                execution.state = .queued
                execution.wakeAt = nil
            }
            return ExecutionChange(execution: execution)
        }
    }

    /// Ends it, and everything it began. One that runs stops at once; what it is doing is broken off.
    public func cancel(
        _ id: ExecutionID, receipt: ExecutionReceipt? = nil, in scope: OrganizationScope
    ) async throws -> Execution {
        do {
            let execution = try await end(id, receipt, in: scope)
            if execution.state == .cancelled { try await cancelChildren(of: id, in: scope) }
            return execution
        } catch let exists as ReceiptExists {
            // Whoever asked first may have been broken off before it came to the children.
            let execution = try await store.execution(id, in: scope)
            if execution.state == .cancelled { try await cancelChildren(of: id, in: scope) }
            throw exists
        }
    }

    private func end(
        _ id: ExecutionID, _ receipt: ExecutionReceipt?, reason: String? = nil, in scope: OrganizationScope
    ) async throws -> Execution {
        try await change(id, receipt: receipt, in: scope) { journal, now in
            switch journal.execution.state {
            case .completed, .failed: throw journal.execution.hasEnded(so: "cancelled")
            default: journal.cancellation(at: now, reason: reason)
            }
        }
    }

    /// Ends one whose parent has ended without it: nobody waits for it any more. Nothing happens where it has ended too,
    /// or where its parent is open again.
    func cancelOrphan(_ id: ExecutionID, in scope: OrganizationScope) async throws {
        do {
            let orphan = try await store.execution(id, in: scope)
            guard let parent = orphan.parentId, try await hasEnded(parent, in: scope) else { return }
            let ended = try await end(id, nil, reason: "parent_ended", in: scope)
            if ended.state == .cancelled { try await cancelChildren(of: id, in: scope) }
        } catch let error as SpotterError where error.code == .conflict || error.code == .notFound {}
    }

    private func hasEnded(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Bool {
        do {
            return try await store.execution(id, in: scope).state.isTerminal
        } catch let error as SpotterError where error.code == .notFound { return true }
    }

    /// Cancels what an execution began and has not ended.
    func cancelChildren(of id: ExecutionID, in scope: OrganizationScope) async throws {
        var after: Cursor?
        repeat {
            let page = try await store.list(
                ExecutionFilter(parent: id), PageRequest(limit: 200, after: after), in: scope)
            for child in page.items where !child.state.isTerminal {
                FaultPoint.afterEnd.pass()
                // It may have ended in between.
                do { _ = try await cancel(child.id, in: scope) } catch let error as SpotterError
                    where error.code == .conflict
                {}
            }
            after = page.next
        } while after != nil
    }

    /// Does a failed one again, from the first step that failed; what was done stays done.
    public func retry(
        _ id: ExecutionID, receipt: ExecutionReceipt? = nil, in scope: OrganizationScope
    ) async throws -> Execution {
        try await change(id, receipt: receipt, in: scope) { journal, _ in
            var execution = journal.execution
            guard execution.state == .failed else {
                throw SpotterError(
                    .conflict,
                    "Only an execution that has failed can be retried; this one is \(execution.state.rawValue).")
            }
            if let deadline = execution.deadlineAt, deadline <= clock.now() {
                throw SpotterError(.conflict, "The execution's deadline has passed; start a new one.")
            }
            execution.state = .queued
            execution.wakeAt = nil
            execution.error = nil
            execution.deadAt = nil
            execution.completedAt = nil
            execution.failures = 0
            execution.crashes = 0
            return ExecutionChange(
                execution: execution, steps: journal.failedSteps.map { $0.superseded() },
                events: [.init(.executionQueued, execution: id, data: ["reason": "retry"])])
        }
    }

    /// Answers a question that the execution waits for: `step`, or the only one that is open.
    public func answer(
        _ id: ExecutionID, step: StepID?, with answer: JSONValue, receipt: ExecutionReceipt? = nil,
        in scope: OrganizationScope
    ) async throws -> Execution {
        if let text = answer.string, text.allSatisfy(\.isWhitespace) {
            throw SpotterError.invalid("/answer", "must not be empty: whoever asked goes on with what it says")
        }
        return try await settle(
            id, step, receipt, in: scope, noun: "question", where: { $0.kind == .input && $0.state == .waiting },
            as: { step, now in
                step.state = .completed
                step.output = answer
                step.completedAt = now
            })
    }

    /// Has an execution go on now: one that is paused goes on, and a wait for a time ends before its time: `step`, or the
    /// only one that is open. What is awaited of people or of other executions goes on being awaited.
    ///
    /// - Throws: `conflict` where it is neither paused nor waits for a time; `invalid` where several times are waited for
    ///   and none is named.
    public func force(
        _ id: ExecutionID, step: StepID?, receipt: ExecutionReceipt? = nil, in scope: OrganizationScope
    ) async throws -> Execution {
        try await change(id, receipt: receipt, in: scope) { journal, now in
            let isPaused = journal.execution.state == .paused || journal.execution.requested == .pause
            var change = try Self.settled(
                journal, step, noun: "wait for a time", isNeeded: !isPaused || step != nil, at: now,
                where: { $0.isForceable },
                as: { step, now in
                    step.state = .completed
                    step.output = ["forced": true]
                    step.completedAt = now
                })
            if isPaused {
                change.execution.requested = nil
                if change.execution.state == .paused {
                    change.execution.state = .queued
                    change.execution.wakeAt = nil
                }
            }
            return change
        }
    }

    /// What a person found out about a call whose outcome is not known.
    public enum Finding: Sendable {
        /// It happened; the result is what the program goes on with.
        case done(JSONValue)
        /// It did not; it is done again.
        case notDone
    }

    /// Decides on a call that was broken off with an effect that must not happen twice.
    public func review(
        _ id: ExecutionID, step: StepID, _ finding: Finding, receipt: ExecutionReceipt? = nil,
        in scope: OrganizationScope
    ) async throws -> Execution {
        try await settle(
            id, step, receipt, in: scope, noun: "call to review", where: { $0.state == .needsReview },
            as: { step, now in
                switch finding {
                case .notDone: step = step.superseded()
                case .done(let output):
                    let call = step.input["call_id"]?.string ?? ""
                    let result = ToolResult(
                        callId: call, name: step.name, output: output, isError: false, durationMs: 0)
                    step.state = .completed
                    step.output = try JSONValue(encoding: result)
                    step.completedAt = now
                }
            })
    }

    private func settle(
        _ id: ExecutionID, _ wanted: StepID?, _ receipt: ExecutionReceipt?, in scope: OrganizationScope, noun: String,
        where fits: @escaping @Sendable (Step) -> Bool,
        as settle: @escaping @Sendable (inout Step, Date) throws -> Void
    ) async throws -> Execution {
        try await change(id, receipt: receipt, in: scope) { journal, now in
            try Self.settled(journal, wanted, noun: noun, at: now, where: fits, as: settle)
        }
    }

    /// What is written where an open wait ends. Without one nothing is, unless it is needed.
    private static func settled(
        _ journal: Journal, _ wanted: StepID?, noun: String, isNeeded: Bool = true, at now: Date,
        where fits: (Step) -> Bool, as settle: (inout Step, Date) throws -> Void
    ) throws -> ExecutionChange {
        var execution = journal.execution
        if let wanted, !journal.steps.contains(where: { $0.id == wanted }) { throw SpotterError.notFound("step") }
        if execution.state.isTerminal { throw execution.hasEnded(so: "answered") }
        let open = journal.steps.filter { fits($0) && (wanted == nil || $0.id == wanted) }
        guard var step = open.first else {
            if !isNeeded { return ExecutionChange(execution: execution) }
            throw SpotterError(.conflict, "There is no open \(noun) here.")
        }
        guard open.count == 1 else {
            throw SpotterError.invalid("/step_id", "must say which: there are \(open.count) open")
        }
        try settle(&step, now)
        if execution.state == .waiting {
            execution.state = .queued
            execution.wakeAt = nil
        }
        let event = EventDraft(.stepCompleted, execution: execution.id, data: ["step": .string(step.name)])
        return ExecutionChange(execution: execution, steps: [step], events: [event])
    }

    func change(
        _ id: ExecutionID, receipt: ExecutionReceipt?, in scope: OrganizationScope,
        _ decide: @escaping @Sendable (Journal, Date) throws -> ExecutionChange?
    ) async throws -> Execution {
        let now = clock.now()
        let execution = try await store.change(id, at: now, receipt: receipt, in: scope) { try decide($0, now) }
        onChange(execution, scope)
        return execution
    }
}

extension Step {
    /// Whether it waits for a time that only puts off what comes next. The names of times that bound a run begin with a
    /// colon: ending those would end the run.
    fileprivate var isForceable: Bool { kind == .timer && state == .waiting && !name.hasPrefix(":") }
}

extension Execution {
    fileprivate func hasEnded(so verb: String) -> SpotterError {
        SpotterError(.conflict, "The execution is \(state.rawValue) and cannot be \(verb) any more.")
    }
}
