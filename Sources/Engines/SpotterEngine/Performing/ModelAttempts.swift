import SpotterDomain

/// One call of a model on its way: the models that it is tried with in turn, which of them is asked now, and what all of
/// them have come to so far. Once a reader has seen a part of an answer no other model begins anew.
///
/// A class, because everybody who waits for it keeps room for what it holds. It belongs to one task.
final class ModelAttempts {
    /// The most models that one call is tried with.
    static let mostModels = 6
    /// How often one model is asked again after a failure that may have cost something.
    static let mostRepeats = 2

    /// As the program asks it.
    let request: ModelRequest
    /// The models that were asked in vain or passed over before the one that is asked now, in order.
    private(set) var failovers: [ModelFailover] = []
    /// What the providers counted, also of calls that failed.
    private(set) var usage = TokenUsage()
    /// What the usage costs; nil when nothing of it has a price.
    private(set) var cost: Cost?
    /// How many calls were made or are about to be: the number of the next in the ledger.
    private(set) var number = 0
    /// Whether something is set aside for the call that is about to be made.
    var isReserved = false

    private let models: [String]
    private let end: ContinuousClock.Instant
    /// The place of the model that is asked now.
    private var place = -1
    /// How often it was asked again.
    private var repeats = 0
    /// How long to wait before it is asked again; nil where it is not.
    private(set) var pause: Duration?
    /// What was wrong with an answer that does not follow its schema: the model is told once, and may mend it.
    private(set) var complaint: String?
    private var isOver = false
    private var response: ModelResponse?
    private var failure: ExecutionError?

    init(_ request: ModelRequest, fallbacks: [String], end: ContinuousClock.Instant) {
        self.request = request
        self.end = end
        models = [request.model] + fallbacks.filter { $0 != request.model }.prefix(Self.mostModels - 1)
    }

    /// Goes on to the next model; nil when the call is over.
    func advance(at now: ContinuousClock.Instant) -> String? {
        if pause != nil {
            pause = nil
            return now < end ? models[place] : nil
        }
        guard !isOver, !isAtLast, place < 0 || now < end else { return nil }
        place += 1
        (repeats, complaint) = (0, nil)
        return models[place]
    }

    var isAtFirst: Bool { place == 0 }
    private var isAtLast: Bool { place == models.count - 1 }

    /// The time that the model has: all that is left, or less where others wait behind it.
    func share(at now: ContinuousClock.Instant) -> Duration {
        let left = max(end - now, .zero)
        return isAtLast ? left : left * 2 / 3
    }

    /// The model was asked.
    func receive(_ answer: ModelAnswer) {
        number += 1
        isReserved = false
        if let charge = answer.charge { count(charge) }
        switch answer.result {
        case .success(let response):
            isOver = true
            self.response = response
        case .failure(let failure): receive(failure)
        }
    }

    /// Adds what a call used and costs, also one that is broken off.
    func count(_ charge: CallCharge) {
        usage = usage + charge.usage
        if let more = charge.cost { cost = cost.map { $0 + more } ?? more }
    }

    /// The model did not answer. The failure that counts is the last of a provider; that nobody runs a model counts only
    /// of the first.
    func receive(_ failure: ModelFailure) {
        if failure.error != nil || isAtFirst { self.failure = failure.reason }
        isOver = !failure.allowsAnother
        if let error = failure.error, error.kind == .schemaMismatch, complaint == nil {
            // It has answered, only not as it was asked: told why, it most often does.
            (isOver, complaint, pause) = (false, error.message, .zero)
            return
        }
        if let delay = failure.error?.retryDelay, !isOver, repeats < Self.mostRepeats {
            repeats += 1
            pause = delay
            return
        }
        if !isOver, !isAtLast, let error = failure.error {
            failovers.append(ModelFailover(model: models[place], error))
        }
    }

    /// A budget does not let the call through. That ends it, unless another model has failed before: one that only stands
    /// in for it is passed over.
    func refuse(_ error: ExecutionError, provider: String) {
        if number == 0 {
            failure = error
            isOver = true
        } else {
            failovers.append(
                ModelFailover(model: models[place], provider: provider, reason: error.code, message: error.message))
        }
    }

    /// The answer, or why there is none.
    var result: Result<ModelResponse, ExecutionError> {
        guard var response else {
            return .failure(failure ?? ExecutionError(code: "model_unavailable", message: "No model was asked."))
        }
        if !failovers.isEmpty { response.insteadOf = failovers }
        return .success(response)
    }
}
