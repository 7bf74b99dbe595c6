import Foundation
public import SpotterDomain

extension ExecutionRun {
    /// Lets a call through that the budgets have room for, and tells that it is about to be made.
    ///
    /// The first call of a step is told of where somebody reads along: one that is not streamed in a chat nobody reads,
    /// which is one write less. A budget has a say in every call.
    ///
    /// - Returns: the call with its answer cut down to what there is room for; nil where a budget refuses.
    @inline(never)
    func admit(_ prepared: PreparedCall, of call: ModelCall) async throws -> PreparedCall? {
        // Told of when the execution began.
        if call.attempts.isReserved { return prepared }
        let isToldOf =
            call.attempts.number == 0 && (prepared.request.isStreaming || execution.conversationId == nil)
        guard isToldOf || isBudgeted else { return prepared }
        guard isBudgeted || !prepared.isFree else {
            try await record()
            return prepared
        }
        do {
            let tokens = try await reserve(for: prepared, call.place)
            call.attempts.isReserved = true
            return prepared.limited(toTokens: tokens)
        } catch let error as ExecutionError {
            call.attempts.refuse(error, provider: prepared.provider.name)
            return nil
        }
    }

    /// Sets aside what a call may cost; returns how many tokens its answer may have.
    ///
    /// The reservation is made also where there is no budget: if this process dies it tells that the call may have been
    /// made. Calls that cost nothing need none, unless tokens may be counted.
    /// - Throws: `ExecutionError` where a budget refuses, and what `record` throws.
    @inline(never)
    private func reserve(for prepared: PreparedCall, _ place: LedgerLine.Call) async throws -> Int {
        var waits = Self.waitsForRoom[...]
        while true {
            switch try await record(reserving: place, for: prepared) {
            case .granted(let tokens): return tokens
            case .refused(let refusal):
                // Other calls will soon have cost less than they may.
                guard refusal.reason == .busy, let wait = waits.popFirst() else {
                    throw refusal.error(model: prepared.request.model)
                }
                try await environment.sleep(wait * (0.5 + environment.random() / 2))
            case nil: throw SpotterError(.internal, "The store has said nothing to a reservation.")
            }
        }
    }

    func reservation(for prepared: PreparedCall, _ place: LedgerLine.Call) -> Reservation {
        Reservation(
            call: place, line: environment.ids.id(at: environment.clock.now()), of: execution,
            provider: prepared.provider.name, model: prepared.request.model, quote: prepared.quote,
            bound: isBudgeted ? prepared.request.usageBound : prepared.request.roughUsageBound, cap: cap)
    }

    /// What the run may spend, by its agent's limits.
    private var cap: RunCap? {
        assignment.agent?.settings.limits?.cap(environment.ids.id(at: environment.clock.now()))
    }

    var isCapped: Bool { assignment.agent?.settings.limits?.areCapped ?? false }

    private static let waitsForRoom: [Duration] = [
        .milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4),
    ]
}

extension ExecutionRun.Environment {
    /// What the first call of an execution may cost that is about to begin, to be set aside together with its beginning:
    /// a run that tells nobody of its calls, because nobody reads along, would leave no trace of one if its process died.
    ///
    /// - Returns: nil where the run tells of it itself, and where there is nothing to pay.
    public func foretell(_ assignment: Assignment) -> Reservation? {
        let (organization, execution) = (assignment.organization, assignment.journal.execution)
        let isBudgeted = organization?.hasBudgets ?? false || assignment.agent?.settings.limits?.areCapped ?? false
        guard !isBudgeted, case .callModel(let request, _)? = assignment.program.decide(assignment.journal).first,
            !request.isStreaming
        else { return nil }
        let attempts = models.begin(request, in: assignment.scope)
        let prepared = try? models.next(
            of: attempts, fallback: organization?.modelFallback, plan: organization?.plan, in: assignment.scope)
        guard let prepared, !prepared.isFree else { return nil }
        let now = clock.now()
        return Reservation(
            call: LedgerLine.Call(step: ids.id(at: now)), line: ids.id(at: now), of: execution,
            provider: prepared.provider.name, model: prepared.request.model, quote: prepared.quote,
            bound: prepared.request.roughUsageBound)
    }
}
