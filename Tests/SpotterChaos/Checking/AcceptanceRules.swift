extension Rule {
    /// What was acknowledged is there, once, and for its owner alone.
    static let acceptance: [Rule] = [
        Rule(ofEach: "nothing acknowledged is lost") { organization, _ in
            let known = organization.executionsByID
            return organization.accepted.compactMap { accepted in
                guard let id = accepted.execution else {
                    let isThere = organization.executions.contains { $0.door == accepted.door }
                    return isThere ? nil : "\(accepted.script.work) has no execution"
                }
                guard let execution = known[id] else { return "\(accepted.script.work) was \(id), which is not there" }
                return execution.door == accepted.door ? nil : "\(id) belongs to something else"
            }
        },
        Rule(ofEach: "a request repeated is answered alike") { organization, _ in
            organization.accepted.flatMap { accepted in
                accepted.repeated.filter { $0 != accepted.execution }.map {
                    "\(accepted.script.work) was \(accepted.execution ?? "nothing") and then \($0)"
                }
            }
        },
        Rule(ofEach: "nothing runs that nobody asked for") { organization, _ in
            // Every piece of work has a task or a conversation of its own.
            let asked = Set(organization.accepted.map(\.door))
            return organization.executions.compactMap(\.door).repeated.map { "\($0) has several executions" }
                + organization.executions.compactMap(\.door).filter { !asked.contains($0) }
                .map { "nobody was promised \($0)" }
                + organization.executions.filter { $0.door == nil && $0.parent == nil }
                .map { "\($0.id) belongs to nothing" }
        },
        Rule(ofEach: "a turn is said and answered once") { organization, _ in
            let conversations = organization.executions.compactMap { execution -> (String, Bool)? in
                guard case .conversation(let id)? = execution.door else { return nil }
                return (id, execution.state == "completed")
            }
            return conversations.compactMap { id, isAnswered in
                let (asked, answered) = organization.messages[id] ?? (0, 0)
                return asked == 1 && answered == (isAnswered ? 1 : 0)
                    ? nil : "\(id) holds \(asked) questions and \(answered) answers"
            }
        },
        Rule("everybody is answered in the end") { $0.unanswered },
        Rule("no organisation sees another's") { $0.sightings },
    ]
}
