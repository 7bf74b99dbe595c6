import SpotterDomain

extension Customer {
    /// What a person finds out who waits long enough: a process that was held still is awake again by then, and has
    /// done what it was about to do.
    private static let doubt = Duration.seconds(ChaosSystem.lease) + .seconds(5)

    /// Puts something into the queue that waits on its way: answers what it asks, decides on what nobody knows, and
    /// follows it to its end.
    func rehearse(_ acts: [Script.Act], _ work: String, _ dice: inout Dice) async throws {
        let children: [JSONValue] =
            acts.contains(.children)
            ? [
                stage.input(work + "-a", [.question, .keyed]),
                stage.input(work + "-b", dice.chance(15) ? [.ambush] : [.once, .question]),
            ] : []
        let execution = stage.execution(stage.input(work, acts, children: children))
        var accepted = Self.accepted(execution, acts, work)
        defer { ledger.accept(accepted) }
        try await stage.enqueue(execution)
        let isTwice = dice.chance(30)
        while try await state(of: "\(execution.id)") == nil {
            try await attend("\(execution.id)", isTwice: isTwice, &accepted)
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Begins a family whose children wait for answers that nobody gives, and ends its head alone.
    func abandon(_ work: String, after pause: Duration) async throws {
        let children = ["-a", "-b"].map { stage.input(work + $0, [.question]) }
        let execution = stage.execution(stage.input(work, [.children], children: children))
        var accepted = Self.accepted(execution, [.children], work)
        defer { ledger.accept(accepted) }
        try await stage.enqueue(execution)
        let path = "/v1/executions?parent_id=\(execution.id)"
        while try await api.insist("GET", path).json["data"]?.array?.isEmpty ?? true {
            guard ContinuousClock.now < api.deadline else { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        try await Task.sleep(for: pause)
        accepted.wasCancelled = try await control("\(execution.id)", "cancel", work)
    }

    private static func accepted(_ execution: Execution, _ acts: [Script.Act], _ work: String) -> Accepted {
        let script = Script(work: work, turns: acts.map { Script.Turn(act: $0) })
        return Accepted(script: script, door: .queue("\(execution.id)"), execution: "\(execution.id)")
    }

    /// Nil while it is open.
    private func state(of execution: String) async throws -> String? {
        guard ContinuousClock.now < api.deadline else {
            throw APIClient.Unanswered(description: "\(execution) does not end")
        }
        let state = try await api.insist("GET", "/v1/executions/\(execution)").json["state"]?.string ?? ""
        return ExecutionEntry.ends.contains(state) ? state : nil
    }

    /// Does what an execution, or one that it awaits, waits for a person to do.
    private func attend(_ execution: String, isTwice: Bool, _ accepted: inout Accepted) async throws {
        let steps = try await api.insist("GET", "/v1/executions/\(execution)/steps").json["data"]?.array ?? []
        for step in steps {
            guard let id = step["id"]?.string else { continue }
            switch (step["kind"]?.string, step["state"]?.string) {
            case ("input", "waiting"):
                try await answer(id, of: execution, "first", &accepted)
                if isTwice { try await answer(id, of: execution, "second", &accepted) }
            case ("child", "waiting"):
                if let child = step["child_execution_id"]?.string {
                    try await attend(child, isTwice: isTwice, &accepted)
                }
            case ("approval", "waiting"): try await decide(execution, isTwice: isTwice, &accepted)
            case (_, "needs_review"): try await review(step, id, of: execution, &accepted)
            default: break
            }
        }
    }

    private func answer(_ step: String, of execution: String, _ text: String, _ accepted: inout Accepted) async throws {
        let answer = try await api.insist(
            "POST", "/v1/executions/\(execution)/input", ["answer": .string(text), "step_id": .string(step)],
            key: "\(text)-\(step)")
        // Answered before, or ended.
        if answer.status == 409 { return }
        guard answer.status == 200 else {
            throw APIClient.Unanswered(description: "answer \(step): \(answer.status) \(answer.text)")
        }
        accepted.answers[step, default: []].append(text)
    }

    /// Approves what a run that has read strangers' words may not do by itself.
    private func decide(_ execution: String, isTwice: Bool, _ accepted: inout Accepted) async throws {
        let path = "/v1/approvals?state=pending&execution_id=\(execution)"
        for approval in try await api.insist("GET", path).json["data"]?.array ?? [] {
            guard let id = approval["id"]?.string else { continue }
            for time in isTwice ? ["first", "second"] : ["first"] {
                let answer = try await api.insist(
                    "POST", "/v1/approvals/\(id)/decision",
                    ["approved": true, "arguments_hash": approval["arguments_hash"] ?? .null], key: "\(time)-\(id)")
                // Decided before, or ended.
                if answer.status == 409 { continue }
                guard answer.status == 200 else {
                    throw APIClient.Unanswered(description: "decide on \(id): \(answer.status) \(answer.text)")
                }
                accepted.approved[id, default: 0] += 1
            }
        }
    }

    /// Looks outside whether it has happened, as often as it takes to be sure.
    private func review(
        _ step: JSONValue, _ id: String, of execution: String, _ accepted: inout Accepted
    ) async throws {
        guard let effect = step["input"]?["arguments"]?["url"]?.string.flatMap(EffectStep.init(path:)) else { return }
        if !stage.recorder.has(effect) { try await Task.sleep(for: Self.doubt) }
        let outcome: JSONValue =
            stage.recorder.has(effect) ? ["outcome": "done", "result": ["seen": true]] : ["outcome": "not_done"]
        let answer = try await api.insist(
            "POST", "/v1/executions/\(execution)/steps/\(id)/review", outcome, key: "review-\(id)")
        if answer.status == 409 { return }
        guard answer.status == 200 else {
            throw APIClient.Unanswered(description: "review \(id): \(answer.status) \(answer.text)")
        }
        accepted.reviewed.insert(id)
    }
}
