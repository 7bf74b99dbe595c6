import Foundation
import SpotterDomain

extension ExecutionRun {
    /// Tells that a call is about to be made and sets aside what it may cost; its answer is cut down to what the budgets
    /// have room for.
    ///
    /// The reservation is made also where there is no budget: if this process dies it tells that the call may have been
    /// made. Calls that cost nothing need none, unless tokens may be counted.
    /// - Throws: `ExecutionError` where a budget refuses, and what `record` throws.
    mutating func begin(_ call: inout PreparedCall, _ step: StepID, hasBudgets: Bool) async throws {
        guard hasBudgets || !call.isFree else {
            try await record()
            return
        }
        let place = LedgerLine.Call(step: step)
        var waits = Self.waitsForRoom[...]
        while true {
            let now = environment.clock.now()
            let reservation = Reservation(
                call: place, line: environment.ids.id(at: now), of: execution, provider: call.provider.name,
                model: call.request.model, quote: call.quote, bound: call.request.usageBound)
            let verdict: ReservationVerdict?
            do {
                verdict = try await record(reserving: reservation)
            } catch {
                // Whether it was written is not known; that the call is not made, is.
                performed.release(place)
                throw error
            }
            switch verdict {
            case .granted(let tokens): call.request.maxOutputTokens = min(call.request.maxOutputTokens, tokens)
            case .refused(let refusal):
                // Other calls will soon have cost less than they may.
                if refusal.reason == .busy, let wait = waits.popFirst() {
                    try await environment.sleep(wait * (0.5 + environment.random() / 2))
                    continue
                }
                throw refusal.error(model: call.request.model)
            case nil: throw SpotterError(.internal, "The store has said nothing to a reservation.")
            }
            return
        }
    }

    private static let waitsForRoom: [Duration] = [
        .milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4),
    ]
}

extension PreparedCall {
    /// Whether the call costs nothing, however long it is.
    var isFree: Bool {
        quote?.cost(of: TokenUsage(inputTokens: 1_000_000, outputTokens: 1_000_000)).billed.amount == 0
    }
}
