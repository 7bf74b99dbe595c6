extension Rule {
    /// What happened outside is what the journals say.
    static let effects: [Rule] = [
        Rule("no effect has two keys") { history in
            let keys = Dictionary(grouping: history.effects, by: \.step)
            return keys.filter { Set($0.value.map(\.key)).count > 1 }
                .map { "\($0.key) was done as \($0.value.map(\.key).joined(separator: " and "))" }
        },
        Rule("no key has two effects") { history in
            history.effects.map(\.key).repeated.map { "\($0) was sent for several things" }
        },
        Rule("no effect is missing from the journal") { history in
            let steps = Dictionary(
                history.organizations.flatMap(\.steps).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            return history.effects.compactMap { effect in
                guard let step = steps[effect.key] else {
                    return "\(effect.step) was done as \(effect.key), unrecorded"
                }
                return step.effect == effect.step
                    ? nil
                    : "\(effect.step) was done as \(effect.key), which is \(step.effect.map { "\($0)" } ?? "nothing")"
            }
        },
        Rule("what must not be repeated is not") { history in
            Dictionary(grouping: history.effects.filter(\.mustNotRepeat), by: \.step).compactMap { step, effects in
                let times = effects.map(\.deliveries).reduce(0, +)
                return times == 1 ? nil : "\(step) was sent \(times) times"
            }
        },
        Rule("a person decides on what nobody knows") { history in
            let reviewed = Set(history.organizations.flatMap(\.accepted).flatMap(\.reviewed))
            let completed = history.organizations.flatMap(\.steps).filter { $0.state == "completed" }.map(\.id)
            let done = Set(completed)
            return history.effects.filter { $0.wasAmbushed && done.contains($0.key) && !reviewed.contains($0.key) }
                .map { "\($0.step) was never answered and is completed, which nobody decided" }
        },
        Rule(ofEach: "what is recorded as done was done") { organization, history in
            let keys = Set(history.effects.map(\.key))
            return organization.steps
                .filter { $0.effect != nil && $0.state == "completed" && !keys.contains($0.id) }
                .map { "\($0.id) of \($0.execution) reached nobody" }
        },
        Rule(ofEach: "what is completed has had every effect") { organization, history in
            let done = Set(history.effects.map(\.step))
            let known = organization.executionsByID
            return organization.accepted.flatMap { accepted -> [String] in
                guard accepted.execution.flatMap({ known[$0]?.state }) == "completed" else { return [] }
                return accepted.script.steps.filter { !done.contains($0) }.map { "\($0) never happened" }
            }
        },
    ]
}
