import Foundation
import SpotterDomain

extension ExecutionRun {
    /// Lets a call through that the budgets have room for, and tells that it is about to be made.
    ///
    /// The first call of a step is told of where somebody reads along: one that is not streamed in a chat nobody reads,
    /// which is one write less. A budget has a say in every call.
    ///
    /// - Returns: the call with its answer cut down to what there is room for; nil where a budget refuses.
    @inline(never)
    func admit(_ prepared: PreparedCall, of call: ModelCall) async throws -> PreparedCall? {
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
    private func reserve(for prepared: PreparedCall, _ place: LedgerLine.Call) async throws -> Int {
        var waits = Self.waitsForRoom[...]
        while true {
            switch try await record(reserving: reservation(for: prepared, place)) {
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

    private func reservation(for prepared: PreparedCall, _ place: LedgerLine.Call) -> Reservation {
        Reservation(
            call: place, line: environment.ids.id(at: environment.clock.now()), of: execution,
            provider: prepared.provider.name, model: prepared.request.model, quote: prepared.quote,
            bound: prepared.request.usageBound)
    }

    private static let waitsForRoom: [Duration] = [
        .milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4),
    ]
}
