public import Foundation
public import SpotterDomain

/// What can be done with workflows: writing, checking and running them.
public struct WorkflowService: Sendable {
    let store: any WorkflowStore
    let agents: any AgentStore
    private let tokens: any TokenStore
    private let executions: any ExecutionStore
    let tools: ToolSet
    private let ids: any IDGenerator
    private let onStart: @Sendable (OrganizationScope) -> Void

    /// - Parameters:
    ///   - tools: what nodes may call.
    ///   - onStart: told of every run that is ready, to wake whom it concerns.
    public init(
        store: any WorkflowStore, agents: any AgentStore, tokens: any TokenStore, executions: any ExecutionStore,
        tools: ToolSet, ids: any IDGenerator, onStart: @escaping @Sendable (OrganizationScope) -> Void = { _ in }
    ) {
        self.store = store
        self.tokens = tokens
        self.agents = agents
        self.executions = executions
        self.tools = tools
        self.ids = ids
        self.onStart = onStart
    }

    // MARK: Reading

    /// Throws `notFound`.
    public func workflow(_ id: WorkflowID, in scope: OrganizationScope) async throws -> Workflow {
        try await store.workflow(id, in: scope)
    }

    /// Newest first.
    public func list(
        search: String?, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Workflow> {
        try await store.list(search: search, page, in: scope)
    }

    /// Newest first; throws `notFound`.
    public func versions(
        of id: WorkflowID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> [WorkflowVersion] {
        try await store.versions(of: id, page, in: scope)
    }

    // MARK: Writing

    /// The definition in the form in which it runs.
    ///
    /// - Throws: `invalid` with every issue and its place in the document.
    @discardableResult
    public func check(
        _ definition: WorkflowDefinition, of id: WorkflowID? = nil, startedBy triggers: [WorkflowTrigger] = [],
        in scope: OrganizationScope
    ) async throws -> CheckedWorkflow {
        let checked: CheckedWorkflow
        let vocabulary = try await vocabulary(for: DocumentNames(definition), in: scope)
        var issues = triggers.enumerated().flatMap { place, trigger in
            trigger.issues(startingWith: definition.variables ?? [:], at: "/on/\(place)")
        }
        issues += try await strangers(in: definition, in: scope)
        do {
            checked = try CheckedWorkflow(checking: definition, knowing: vocabulary)
        } catch let error as SpotterError where error.code == .invalid {
            issues = error.issues + issues
            throw SpotterError.invalid(issues).unprocessable
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues).unprocessable }
        try await refuseCircle(from: definition, id, in: scope)
        return checked
    }

    /// Approvers that nobody is: tokens that the organisation does not have.
    private func strangers(
        in definition: WorkflowDefinition, in scope: OrganizationScope
    ) async throws -> [FieldIssue] {
        let named = definition.namedTokens
        guard !named.isEmpty else { return [] }
        let known = Set(try await Self.all { try await tokens.list($0, in: scope) }.map(\.id))
        return named.filter { !known.contains($0.token) }.map {
            FieldIssue(pointer: $0.pointer, message: "must be a token of this organisation, which \($0.token) is not")
        }
    }

    /// Refuses a workflow that runs itself, by whatever others: each run of it would begin more.
    private func refuseCircle(
        from definition: WorkflowDefinition, _ id: WorkflowID?, in scope: OrganizationScope
    ) async throws {
        let own = Set([FoldedText.fold(definition.name), id?.description].compactMap { $0 })
        var seen: Set<String> = []
        var open = definition.subWorkflows
        while let (place, name) = open.popLast(), seen.count < WorkflowLimits.mostWorkflows {
            guard !own.contains(name), !own.contains(FoldedText.fold(name)) else {
                let message = "must not lead back to this workflow: it would run itself without end"
                throw SpotterError.invalid("/nodes/\(place)/config/workflow", message).unprocessable
            }
            guard seen.insert(name).inserted else { continue }
            let next =
                if let id = WorkflowID(name) { try? await store.workflow(id, in: scope) } else {
                    try await store.workflow(named: name, in: scope)
                }
            if let next, next.id == id { open.append((place, id?.description ?? "")) }
            open += (next?.definition.subWorkflows ?? []).map { (place, $0.name) }
        }
    }

    static func all<Item>(_ page: (PageRequest) async throws -> Page<Item>) async throws -> [Item] {
        var (items, after): ([Item], Cursor?) = ([], nil)
        repeat {
            let next = try await page(PageRequest(limit: 200, after: after))
            items += next.items
            after = next.next
        } while after != nil && items.count < mostNames
        return items
    }

    /// More agents than these are not told from those that there are not.
    private static let mostNames = 10_000

    /// Keeps a new workflow.
    ///
    /// - Parameters:
    ///   - triggers: the events that start it from now on.
    ///   - receipt: makes the receipt of the request from what there is to answer.
    /// - Throws: `invalid`, `conflict` where the name is taken.
    public func create(
        _ definition: WorkflowDefinition, template: String? = nil, triggers: [WorkflowTrigger] = [], at now: Date,
        in scope: OrganizationScope, receipt: (Workflow) throws -> Receipt? = { _ in nil }
    ) async throws -> Workflow {
        try await check(definition, startedBy: triggers, in: scope)
        let workflow = Workflow(
            id: ids.id(at: now), version: 1, definition: definition, template: template, createdAt: now,
            updatedAt: now)
        let starts = triggers.map { rule in
            Trigger(
                id: ids.id(at: now), version: 1,
                settings: TriggerSettings(
                    name: definition.name, event: rule.event, condition: rule.condition, input: rule.input,
                    target: .workflow(workflow.id)),
                createdAt: now, updatedAt: now)
        }
        try await store.create(workflow, triggers: starts, receipt: try receipt(workflow), in: scope)
        return workflow
    }

    /// Makes a new version; what does not change makes none.
    ///
    /// - Throws: `invalid`; `preconditionFailed` if it was changed meanwhile.
    public func update(
        _ workflow: Workflow, to definition: WorkflowDefinition, at now: Date, in scope: OrganizationScope
    ) async throws -> Workflow {
        guard definition != workflow.definition else { return workflow }
        try await check(definition, of: workflow.id, in: scope)
        let updated = Workflow(
            id: workflow.id, version: workflow.version + 1, definition: definition, template: workflow.template,
            createdAt: workflow.createdAt, updatedAt: now)
        try await store.update(updated, in: scope)
        return updated
    }

    /// Goes back to an earlier version, which becomes a new one.
    public func rollback(
        _ id: WorkflowID, to version: Int, at now: Date, in scope: OrganizationScope
    ) async throws -> Workflow {
        let workflow = try await store.workflow(id, in: scope)
        let old = try await store.version(version, of: id, in: scope)
        return try await update(workflow, to: old.definition, at: now, in: scope)
    }

    /// Deletes it and the triggers that start it; its runs go on.
    public func delete(_ id: WorkflowID, version: Int?, in scope: OrganizationScope) async throws {
        try await store.delete(id, version: version, in: scope)
    }

    // MARK: Running

    /// How a run is started.
    public struct StartOptions: Sendable {
        /// What it is given: an object.
        public var input: JSONValue
        /// How soon its turn comes.
        public var priority: Priority
        /// When it fails, however far it is; nil for no such time.
        public var deadline: Date?
        /// Who asked for it.
        public var origin: ExecutionOrigin

        /// Options; by default without input.
        public init(
            input: JSONValue = [:], priority: Priority = .medium, deadline: Date? = nil,
            origin: ExecutionOrigin = ExecutionOrigin()
        ) {
            self.input = input
            self.priority = priority
            self.deadline = deadline
            self.origin = origin
        }
    }

    /// Starts a run of the present version, which it keeps.
    ///
    /// - Throws: `invalid` where the input does not fit the variables; `notFound`.
    public func start(
        _ id: WorkflowID, _ options: StartOptions, uniqueKey: String? = nil, at now: Date,
        in scope: OrganizationScope, receipt: (ExecutionID) throws -> Receipt? = { _ in nil }
    ) async throws -> ExecutionID {
        let workflow = try await store.workflow(id, in: scope)
        let order = WorkflowOrder(workflow.id, version: workflow.version, input: options.input)
        return try await start(
            order, workflow.definition, options, uniqueKey: uniqueKey, at: now, in: scope, receipt: receipt)
    }

    /// Starts a run of a graph that is not kept.
    ///
    /// - Throws: `invalid` where the graph is wrong, or the input does not fit its variables.
    public func start(
        _ definition: WorkflowDefinition, _ options: StartOptions, at now: Date, in scope: OrganizationScope
    ) async throws -> ExecutionID {
        try await check(definition, in: scope)
        return try await start(
            WorkflowOrder(definition, input: options.input), definition, options, uniqueKey: nil, at: now, in: scope,
            receipt: { _ in nil })
    }

    /// A run of a workflow as it is now, which is not stored: for whoever starts runs with something else in the same
    /// transaction.
    ///
    /// - Throws: `invalid` where the input does not fit the variables.
    func execution(of workflow: Workflow, _ options: StartOptions, at now: Date) throws -> Execution {
        let order = WorkflowOrder(workflow.id, version: workflow.version, input: options.input)
        return try execution(order, workflow.definition, options, uniqueKey: nil, at: now)
    }

    /// The same of the workflow of that id. Throws `notFound` too.
    func execution(
        of id: WorkflowID, _ options: StartOptions, at now: Date, in scope: OrganizationScope
    ) async throws -> Execution {
        try execution(of: try await store.workflow(id, in: scope), options, at: now)
    }

    private func execution(
        _ order: WorkflowOrder, _ definition: WorkflowDefinition, _ options: StartOptions, uniqueKey: String?,
        at now: Date
    ) throws -> Execution {
        var issues = definition.issues(withInput: options.input)
        if let deadline = options.deadline, deadline <= now {
            issues.append(.init(pointer: "/deadline", message: "has passed"))
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues).unprocessable }
        var origin = options.origin
        origin.workflow = order.workflowId?.uuid ?? origin.workflow
        return Execution(
            id: ids.id(at: now), kind: .workflow, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: try JSONValue(encoding: order).with(origin),
            priority: options.priority, deadlineAt: options.deadline, uniqueKey: uniqueKey, createdAt: now)
    }

    private func start(
        _ order: WorkflowOrder, _ definition: WorkflowDefinition, _ options: StartOptions, uniqueKey: String?,
        at now: Date, in scope: OrganizationScope, receipt: (ExecutionID) throws -> Receipt?
    ) async throws -> ExecutionID {
        let execution = try execution(order, definition, options, uniqueKey: uniqueKey, at: now)
        let started = try await executions.enqueue(
            [execution], receipt: try receipt(execution.id), in: scope)
        onStart(scope)
        return started.first ?? execution.id
    }
}

extension WorkflowDefinition {
    /// The workflows that nodes run, with the places of the nodes.
    fileprivate var subWorkflows: [(place: Int, name: String)] {
        nodes.enumerated().compactMap { place, node in
            guard node.type == .subWorkflow, let name = node.config?["workflow"]?.string else { return nil }
            return (place, name)
        }
    }

    /// The tokens that nodes name as approvers, with their places.
    fileprivate var namedTokens: [(pointer: String, token: TokenID)] {
        nodes.enumerated().flatMap { place, node in
            ["approvers", "escalate_to"].flatMap { member in
                (node.config?[member]?.array ?? []).enumerated().compactMap { index, value in
                    guard node.type == .humanApproval, let text = value.string,
                        case .token(let token) = Approver(text)
                    else { return nil }
                    return ("/nodes/\(place)/config/\(member)/\(index)", token)
                }
            }
        }
    }

    /// What is wrong with what a run is to be started with.
    func issues(withInput input: JSONValue) -> [FieldIssue] {
        guard let object = input.object else { return [.init(pointer: "/input", message: "must be an object")] }
        var issues: [FieldIssue] = []
        for (name, variable) in (variables ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let value = object[name], !value.isNull else {
                if variable.required == true {
                    issues.append(.init(pointer: "/input/\(name)", message: "is required"))
                }
                continue
            }
            if let problem = variable.problem(with: value) {
                issues.append(.init(pointer: "/input/\(name)", message: problem))
            }
        }
        return issues
    }
}
