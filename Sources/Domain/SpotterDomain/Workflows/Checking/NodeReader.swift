/// Reads one node of a workflow.
struct NodeReader {
    let node: WorkflowNode
    /// For what the node is given before it does anything.
    let reader: ActionReader
    /// For what it sets afterwards.
    let setter: ActionReader
    let variables: [String: WorkflowVariable]
    /// How many edges lead to it.
    let incoming: Int

    /// The node; nil where there is too much wrong with it.
    func checked(in issues: inout IssueList) -> CheckedNode? {
        var (sets, retries): (JSONValue?, RetryPolicy) = (nil, .once)
        let action: NodeAction?
        switch node.type {
        case .task:
            guard let config = reader.read(node.config, as: NodeConfigs.Task.self, in: &issues) else { return nil }
            action = reader.task(config, in: &issues)
            (sets, retries) = (config.set, config.retryPolicy?.policy ?? .once)
        case .decision, .parallel:
            guard let config = reader.read(node.config, as: NodeConfigs.Plain.self, in: &issues) else { return nil }
            action = node.type == .decision ? .decide : .fork
            sets = config.set
        case .join:
            guard let config = reader.read(node.config, as: NodeConfigs.Join.self, in: &issues) else { return nil }
            action = .join(rule(config.mode ?? .all, in: &issues))
            sets = config.set
        case .humanApproval:
            guard let config = reader.read(node.config, as: NodeConfigs.Approval.self, in: &issues) else { return nil }
            action = question(config, in: &issues)
            sets = config.set
        case .errorHandler:
            guard let config = reader.read(node.config, as: NodeConfigs.Handler.self, in: &issues) else { return nil }
            action = .handle(codes: config.codes ?? [])
            sets = config.set
        case .wait:
            guard let config = reader.read(node.config, as: NodeConfigs.Wait.self, in: &issues) else { return nil }
            action = wait(config, in: &issues)
            sets = config.set
        case .subWorkflow:
            guard let config = reader.read(node.config, as: NodeConfigs.SubWorkflow.self, in: &issues) else {
                return nil
            }
            action = run(config, in: &issues)
            sets = config.set
        }
        let settings = settings(sets, in: &issues)
        return action.map {
            CheckedNode(
                id: node.id, name: node.name ?? node.id, type: node.type, action: $0, sets: settings, retries: retries)
        }
    }

    private func rule(_ mode: ApprovalMode, in issues: inout IssueList) -> JoinRule {
        switch mode {
        case .all: return .all
        case .any: return .any
        case .quorum(let number):
            if number > incoming {
                let edges = incoming == 1 ? "1 edge leads" : "\(incoming) edges lead"
                reader.report("/mode/quorum", "must be at most \(incoming): only \(edges) to it", in: &issues)
            }
            return .quorum(number)
        }
    }

    private func question(_ config: NodeConfigs.Approval, in issues: inout IssueList) -> NodeAction {
        var terms = ApprovalTerms()
        if let approvers = config.approvers {
            terms.approvers = approvers
            if Set(approvers).count < approvers.count {
                reader.report("/approvers", "must not name an approver twice", in: &issues)
            }
        }
        terms.mode = config.mode ?? terms.mode
        if let timeout = config.timeoutMs { terms.timeout = .milliseconds(timeout) }
        terms.onTimeout = config.onTimeout ?? terms.onTimeout
        terms.reminder = config.remindAfterMs.map { .milliseconds($0) }
        if let after = config.escalateAfterMs, let others = config.escalateTo {
            terms.escalation = .init(after: .milliseconds(after), to: others)
        }
        checkTimes(config, in: &issues)
        checkQuorum(terms, in: &issues)
        let message = reader.template(.string(config.message), at: "/message", giving: .string, in: &issues)
        return .ask(message: message, terms: terms)
    }

    /// A quorum of more people than are named is never reached; how many have a role is not known here.
    private func checkQuorum(_ terms: ApprovalTerms, in issues: inout IssueList) {
        guard case .quorum(let number) = terms.mode else { return }
        var named: Set<Approver> = []
        for approver in terms.approvers + (terms.escalation?.to ?? []) {
            guard case .token = approver else { return }
            named.insert(approver)
        }
        guard number > named.count else { return }
        let people = named.count == 1 ? "1 person is" : "\(named.count) people are"
        reader.report("/mode/quorum", "must be at most \(named.count): only \(people) asked", in: &issues)
    }

    private func checkTimes(_ config: NodeConfigs.Approval, in issues: inout IssueList) {
        if (config.escalateTo == nil) != (config.escalateAfterMs == nil) {
            let member = config.escalateTo == nil ? "escalate_to" : "escalate_after_ms"
            reader.report("/\(member)", "is needed beside the other half of it", in: &issues)
        }
        if let others = config.escalateTo, Set(others).count < others.count {
            reader.report("/escalate_to", "must not name an approver twice", in: &issues)
        }
        let limit = config.timeoutMs ?? ApprovalTerms.usualTimeoutMs
        for (member, time) in [
            ("remind_after_ms", config.remindAfterMs), ("escalate_after_ms", config.escalateAfterMs),
        ] {
            guard let time, time >= limit else { continue }
            reader.report("/\(member)", "must be less than timeout_ms, which is \(limit)", in: &issues)
        }
    }

    private func wait(_ config: NodeConfigs.Wait, in issues: inout IssueList) -> NodeAction? {
        let given = [
            config.durationMs.map { _ in "duration_ms" }, config.until.map { _ in "until" },
            config.question.map { _ in "question" },
        ].compactMap { $0 }
        guard given.count == 1 else {
            let found = given.isEmpty ? "" : ", not \(given.joined(separator: " and "))"
            reader.report("", "must have exactly one of duration_ms, until and question\(found)", in: &issues)
            return nil
        }
        if config.timeoutMs != nil, config.question == nil {
            reader.report("/timeout_ms", "is for questions: this wait ends by itself", in: &issues)
        }
        if let duration = config.durationMs { return pause(duration, in: &issues) }
        if let question = config.question {
            return .question(
                reader.template(.string(question), at: "/question", giving: .string, in: &issues),
                timeout: config.timeoutMs.map { .milliseconds($0) })
        }
        let until = reader.template(.string(config.until ?? ""), at: "/until", giving: .string, in: &issues)
        if let text = until.literalValue?.string, Timestamp.date(from: text) == nil {
            reader.report("/until", "must be an RFC 3339 time such as 2026-11-21T06:30:00Z", in: &issues)
        }
        return .pauseUntil(until)
    }

    private func pause(_ value: JSONValue, in issues: inout IssueList) -> NodeAction {
        let duration = reader.template(value, at: "/duration_ms", giving: .number, in: &issues)
        if let number = duration.literalValue, !number.isNull, !Self.isPause(number) {
            let most = WorkflowLimits.longestPauseMs
            reader.report("/duration_ms", "must be a whole number from 1 to \(most)", in: &issues)
        }
        return .pause(duration)
    }

    private static func isPause(_ value: JSONValue) -> Bool {
        value.int.map { (1...WorkflowLimits.longestPauseMs).contains($0) } ?? false
    }

    private func run(_ config: NodeConfigs.SubWorkflow, in issues: inout IssueList) -> NodeAction {
        reader.known(
            config.workflow, among: reader.vocabulary?.workflows, as: "a workflow", at: "/workflow", in: &issues)
        return .run(
            workflow: config.workflow,
            input: reader.template(config.input ?? [:], at: "/input", giving: .object, in: &issues),
            timeout: config.timeoutMs.map { .milliseconds($0) })
    }

    // MARK: Variables

    private func settings(_ value: JSONValue?, in issues: inout IssueList) -> [VariableSetting] {
        guard let value, !value.isNull else { return [] }
        guard let object = value.object else {
            setter.report("/set", "must be an object of variables, not \(value.kindName)", in: &issues)
            return []
        }
        var settings: [VariableSetting] = []
        for (name, value) in object {
            let member = "/set/\(JSONSchema.escape(name))"
            guard let variable = variables[name] else {
                let hint = issues.hint(for: name, among: variables.keys.sorted())
                setter.report(member, "must be a variable of the workflow\(hint)", in: &issues)
                continue
            }
            let before = issues.issues.count
            let template = setter.template(
                value, at: member, giving: ExpressionKinds(of: variable.type).union(.null), in: &issues)
            // What is of another kind altogether is told already.
            if issues.issues.count == before, let literal = template.literalValue,
                let problem = variable.problem(with: literal)
            {
                setter.report(member, problem, in: &issues)
            }
            settings.append(VariableSetting(name, template))
        }
        return settings
    }
}
