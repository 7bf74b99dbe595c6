extension Rule {
    /// Who waits gets what was waited for, once, and nobody waits for ever.
    static let waits: [Rule] = [
        Rule(ofEach: "an answer counts once") { organization, _ in
            let steps = Dictionary(organization.steps.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            return organization.accepted.flatMap(\.answers).compactMap { id, answers in
                guard answers.count == 1 else { return "\(id) was answered with \(answers) and each was taken" }
                let stored = steps[id]
                return stored?.state == "completed" && stored?.answer == answers[0]
                    ? nil : "\(id) was answered with \(answers[0]) and holds \(stored?.answer ?? "nothing")"
            }
        },
        Rule(ofEach: "nothing is answered that nobody has answered") { organization, _ in
            let answered = Set(organization.accepted.flatMap { $0.answers.keys })
            return organization.steps.filter { $0.answer != nil && !answered.contains($0.id) }
                .map { "\($0.id) holds \($0.answer ?? "") all the same" }
        },
        Rule(ofEach: "what is approved was approved by somebody, once") { organization, _ in
            let counts = organization.accepted.flatMap(\.approved)
            // An approval is its step, by another name.
            let known = Set(counts.map { $0.key.split(separator: "_").last })
            let unasked = organization.steps.filter {
                $0.kind == "approval" && $0.state == "completed" && !known.contains($0.id.split(separator: "_").last)
            }
            return counts.filter { $0.value != 1 }.map { "\($0.key) was approved \($0.value) times" }
                + unasked.map { "\($0.id) is approved, by nobody" }
        },
        Rule(ofEach: "who is completed has seen its children end") { organization, _ in
            let known = organization.executionsByID
            let ends = organization.ends
            return organization.executions.compactMap { child in
                guard let parent = child.parent.flatMap({ known[$0] }) else {
                    return child.parent.map { "\(child.id) was begun by \($0), which is not there" }
                }
                guard parent.state == "completed", let end = ends[parent.id] else { return nil }
                return ends[child.id].map { $0 < end } ?? false ? nil : "\(child.id) ended after \(parent.id)"
            }
        },
    ]
}

extension OrganizationHistory {
    /// Where the log tells of the end of each.
    fileprivate var ends: [String: Int] {
        let told = events.compactMap { event -> (String, Int)? in
            guard let execution = event.execution, event.type.hasPrefix("execution."),
                ExecutionEntry.ends.contains(String(event.type.dropFirst("execution.".count)))
            else { return nil }
            return (execution, event.position)
        }
        return Dictionary(told, uniquingKeysWith: { first, _ in first })
    }
}
