/// What is wrong with a document, as it is found: bounded, because a hostile document has a mistake in every corner.
struct IssueList {
    private(set) var issues: [FieldIssue] = []
    private var hints = 20

    /// How many are kept.
    static let most = 100

    var isFull: Bool { issues.count >= Self.most }

    mutating func add(_ pointer: String, _ message: String) {
        guard !isFull else { return }
        issues.append(FieldIssue(pointer: pointer, message: message))
    }

    /// What somebody probably meant, for the first few mistakes: it is dear where there is much to choose from.
    mutating func hint(for word: String, among candidates: [String]) -> String {
        guard hints > 0, !isFull else { return "" }
        hints -= 1
        return DidYouMean.hint(for: word, among: candidates.count > 1_000 ? Array(candidates[..<1_000]) : candidates)
    }

    /// Reports an error of an expression or a placeholder.
    mutating func add(_ pointer: String, _ whose: String, _ error: ExpressionError) {
        add(pointer, "\(whose) has a mistake \(error)")
    }
}
