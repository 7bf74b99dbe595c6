extension Rule {
    /// Journals tell one story.
    static let journals: [Rule] = [
        Rule(ofEach: "a journal has one step in each place") { organization, _ in
            organization.steps.map { Place(execution: $0.execution, index: $0.index) }.repeated
                .map { "\($0.execution) has several steps \($0.index)" }
                + organization.steps.map(\.id).repeated.map { "\($0) is there twice" }
        },
        Rule(ofEach: "a step is completed once") { organization, _ in
            organization.steps.filter { $0.state == "completed" }
                .map { "\($0.execution) \($0.kind) \($0.call ?? $0.name)" }.repeated
                .map { "\($0) is completed several times" }
        },
        Rule(ofEach: "what is completed has no open step") { organization, _ in
            let known = organization.executionsByID
            return organization.steps.filter { step in
                ["started", "waiting", "needs_review"].contains(step.state)
                    && known[step.execution]?.state == "completed"
            }.map { "\($0.execution) is completed, its step \($0.index) is \($0.state)" }
        },
        Rule(ofEach: "every step belongs to an execution") { organization, _ in
            let known = organization.executionsByID
            return organization.steps.filter { known[$0.execution] == nil }.map { "\($0.id) of \($0.execution)" }
        },
    ]

    private struct Place: Hashable {
        let execution: String
        let index: Int
    }
}
