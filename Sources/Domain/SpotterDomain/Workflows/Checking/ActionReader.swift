/// Reads what one node of a workflow, or one step of a plan, does.
struct ActionReader {
    /// The JSON pointer of its members.
    let pointer: String
    /// Such as `of node review`.
    let whose: String
    let names: WorkflowNames
    let vocabulary: WorkflowVocabulary?
    /// Where what a tool is given stands.
    var arguments = "/arguments"

    /// Reports one member.
    func report(_ member: String, _ message: String, in issues: inout IssueList) {
        let unknown = "unknown field"
        guard message.hasPrefix(unknown) else { return issues.add(pointer + member, "\(whose) \(message)") }
        issues.add(pointer + member, "\(unknown) \(whose)\(message.dropFirst(unknown.count))")
    }

    /// The members as a type; nil where they do not have its shape, which is reported.
    func read<T: Decodable>(_ config: JSONValue?, as type: T.Type, in issues: inout IssueList) -> T? {
        do {
            return try (config ?? [:]).decoded(as: type)
        } catch let error as SpotterError {
            for issue in error.issues { report(issue.pointer, issue.message, in: &issues) }
        } catch {
            report("", "cannot be read", in: &issues)
        }
        return nil
    }

    // MARK: Templates

    /// A template of one kind of value, with everything checked that can be.
    func template(
        _ value: JSONValue, at member: String, giving kinds: ExpressionKinds, in issues: inout IssueList
    ) -> JSONTemplate {
        do throws(TemplateIssues) {
            let template = try JSONTemplate(checking: value)
            check(template, at: member, in: &issues)
            let given = template.facts(knowing: names).kinds
            if given.isDisjoint(with: kinds) {
                report(member, "must be \(kinds.words), not \(given.words)", in: &issues)
            }
            return template
        } catch {
            for issue in error.issues { report(member + issue.pointer, issue.message, in: &issues) }
            return .literal(.null)
        }
    }

    private func check(_ template: JSONTemplate, at member: String, in issues: inout IssueList) {
        template.eachPlaceholder { place, placeholder in
            guard !issues.isFull else { return }
            var checker = ExpressionChecker(names)
            _ = checker.facts(of: placeholder.expression)
            for error in checker.errors {
                issues.add(pointer + member + place, whose, error.moved(by: placeholder.start))
            }
        }
    }

    // MARK: Tasks

    /// What a task does, and how often it is tried.
    func task(_ config: NodeConfigs.Task, in issues: inout IssueList) -> NodeAction? {
        let given = [
            ("agent_id", config.agentId), ("agent", config.agent), ("capability", config.capability),
            ("tool", config.tool),
        ].filter { $0.1 != nil }
        guard given.count == 1 else {
            let found = given.isEmpty ? "" : ", not \(given.map(\.0).joined(separator: " and "))"
            report("", "must have exactly one of agent_id, agent, capability and tool\(found)", in: &issues)
            return nil
        }
        if let tool = config.tool { return call(of: tool, config, in: &issues) }
        if config.arguments != nil { report("/arguments", "are for tools: an agent is given an input", in: &issues) }
        if config.optionalCapabilities != nil, config.capability == nil {
            report("/optional_capabilities", "are given only together with a capability", in: &issues)
        }
        guard let target = target(config, in: &issues) else { return nil }
        return call(target, config, in: &issues)
    }

    private func target(_ config: NodeConfigs.Task, in issues: inout IssueList) -> AgentCall.Target? {
        if let text = config.agentId {
            guard let id = AgentID(text) else {
                report("/agent_id", "must be the id of an agent; `agent` takes its name", in: &issues)
                return nil
            }
            known(text, among: vocabulary?.agents, as: "an agent", at: "/agent_id", in: &issues)
            return .agent(id)
        }
        if let name = config.agent {
            known(name, among: vocabulary?.agents, as: "an agent", at: "/agent", in: &issues)
            return .named(name)
        }
        let capability = config.capability ?? ""
        known(
            capability, among: vocabulary?.capabilities, as: "a capability of an agent", at: "/capability", in: &issues)
        return .capability(capability, optional: config.optionalCapabilities ?? [])
    }

    /// Reports a name of nothing.
    func known(
        _ name: String, among names: Set<String>?, as noun: String, at member: String, in issues: inout IssueList
    ) {
        guard let names, !names.contains(name) else { return }
        let hint = issues.hint(for: name, among: names.sorted())
        report(member, "must be \(noun) of this organisation, which \"\(name.prefix(80))\" is not\(hint)", in: &issues)
    }

    private func call(
        _ target: AgentCall.Target, _ config: NodeConfigs.Task, in issues: inout IssueList
    ) -> NodeAction {
        let action = config.action ?? CallOrder.messageAction
        if action != CallOrder.messageAction, let agent = config.agentId ?? config.agent,
            let offers = vocabulary?.offers[agent], !offers.contains(action)
        {
            let hint = issues.hint(for: action, among: (offers.union([CallOrder.messageAction])).sorted())
            report(
                "/action",
                "must be `message` or something that the agent offers, which \"\(action.prefix(80))\" is not\(hint)",
                in: &issues)
        }
        let input = template(config.input ?? [:], at: "/input", giving: .object, in: &issues)
        if action == CallOrder.messageAction, config.input == nil || config.input?.object != nil {
            switch input.part("content") {
            case nil where config.input?["content"] == nil:
                report("/input/content", "is required: it is what the agent is told", in: &issues)
            case let part? where part.facts(knowing: names).kinds.isDisjoint(with: [.string, .number, .boolean]):
                report("/input/content", "must be a text: it is what the agent is told", in: &issues)
            default: break
            }
        }
        return .call(
            AgentCall(
                target, action: action, input: input, timeout: config.timeoutMs.map { .milliseconds($0) },
                requiresModel: config.requiresModel ?? false))
    }

    private func call(of tool: String, _ config: NodeConfigs.Task, in issues: inout IssueList) -> NodeAction {
        if config.action != nil { report("/action", "is for agents: a tool does one thing", in: &issues) }
        if config.requiresModel != nil { report("/requires_model", "is for agents: a tool needs none", in: &issues) }
        if config.input != nil { report("/input", "is for agents: a tool is given `arguments`", in: &issues) }
        if config.timeoutMs != nil { report("/timeout_ms", "is for agents: a tool has a time of its own", in: &issues) }
        let before = issues.issues.count
        let arguments = template(config.arguments ?? [:], at: self.arguments, giving: .object, in: &issues)
        if let tools = vocabulary?.tools {
            if let schema = tools[tool] {
                // What is wrong with the placeholders is known already.
                if issues.issues.count == before {
                    for issue in schema.issues(in: arguments.root, knowing: names) {
                        report(self.arguments + issue.pointer, issue.message, in: &issues)
                    }
                }
            } else {
                let hint = issues.hint(for: tool, among: tools.keys.sorted())
                report("/tool", "must be the name of a tool, which \"\(tool.prefix(80))\" is not\(hint)", in: &issues)
            }
        }
        return .tool(name: tool, arguments: arguments)
    }
}
