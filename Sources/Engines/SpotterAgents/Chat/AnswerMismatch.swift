import SpotterDomain

/// What is wrong with an answer that had to be a JSON object of a given form.
///
/// Providers' adapters look at most answers themselves. What they pass on as it is, such as an answer that was cut, and what
/// comes from a model that knows no schemas, is looked at here, where the run ends.
struct AnswerMismatch: Equatable {
    /// How often a model is told, after its first answer.
    static let mostComplaints = 2

    /// What is wrong, for people and models.
    let problem: String
    /// Whether it is of use to ask again.
    let canBeMended: Bool

    /// - Returns: nil for an answer that follows its schema.
    init?(of text: String, to schema: ResponseSchema, stopReason: ModelResponse.StopReason) {
        let issue: String
        do {
            _ = try schema.read(text)
            return nil
        } catch {
            issue = Self.text(of: error)
        }
        switch stopReason {
        case .refusal, .contentFilter:
            (problem, canBeMended) = ("The model declined to answer.", false)
        case .maxTokens:
            (problem, canBeMended) = ("It was cut off because it was too long: \(issue)", true)
        case .contextExceeded:
            (problem, canBeMended) = ("The request has become longer than the model can read.", false)
        default: (problem, canBeMended) = (issue, true)
        }
    }

    /// What the model is told.
    var complaint: String {
        "Your last answer could not be used. \(problem.prefix(2_000)) Answer again, with the JSON object alone"
            + (problem.hasPrefix("It was cut off") ? ", and keep it short." : ".")
    }

    /// Why the run fails in the end.
    func failure(after complaints: Int) -> ExecutionError {
        let tries = complaints == 0 ? "" : " The model was told \(complaints == 1 ? "once" : "\(complaints) times")."
        return ExecutionError(
            code: "schema_mismatch", message: "The answer does not follow its schema. \(problem.prefix(500))\(tries)")
    }

    private static func text(of error: any Error) -> String {
        guard let error = error as? SpotterError else { return "The answer cannot be read." }
        let issues = error.issues.prefix(5).map { issue in
            issue.pointer.isEmpty ? "The answer \(issue.message)" : "\(issue.pointer) \(issue.message)"
        }
        return issues.isEmpty ? error.message : issues.joined(separator: "; ") + "."
    }
}
