import SpotterDomain

/// What a document names of the organisation that it is for.
struct DocumentNames {
    /// Ids, names and slugs of agents.
    private(set) var agents: Set<String> = []
    /// Ids and names of workflows.
    private(set) var workflows: Set<String> = []
    private(set) var hasCapabilities = false

    /// Those of a workflow.
    init(_ definition: WorkflowDefinition) {
        for node in definition.nodes {
            switch node.type {
            case .task:
                add([node.config?["agent_id"]?.string, node.config?["agent"]?.string])
                hasCapabilities = hasCapabilities || node.config?["capability"] != nil
            case .subWorkflow: if let name = node.config?["workflow"]?.string { workflows.insert(name) }
            default: break
            }
        }
    }

    /// Those of a plan and its fallbacks.
    init(_ plan: PlanOrder) {
        var (next, depth): (PlanOrder?, Int) = (plan, 0)
        while let plan = next, depth <= PlanOrder.deepestFallback {
            for step in plan.steps {
                add([step.agentId, step.agent])
                hasCapabilities = hasCapabilities || step.capability != nil
            }
            (next, depth) = (plan.fallbackPlan?.plan, depth + 1)
        }
    }

    private mutating func add(_ names: [String?]) { agents.formUnion(names.compactMap { $0 }) }

    /// So many are looked up one by one; for more, or where it is asked who can do something, everything is read.
    private static let few = 20

    /// Whether they are looked up one by one.
    var areFew: Bool { !hasCapabilities && agents.count + workflows.count <= Self.few }
}

extension WorkflowService {
    /// What a document may name: of agents and workflows those that it names, or all of them where one of those is not
    /// there, so that it can be said what was probably meant.
    func vocabulary(
        for names: DocumentNames, in scope: OrganizationScope
    ) async throws -> WorkflowVocabulary {
        var vocabulary: WorkflowVocabulary
        if names.areFew, let known = try await named(names, in: scope) {
            vocabulary = known
        } else {
            vocabulary = try await everything(names, in: scope)
        }
        vocabulary.tools = Dictionary(
            tools.tools.map { ($0.name, $0.parameters) }, uniquingKeysWith: { first, _ in first })
        return vocabulary
    }

    // MARK: One by one

    /// Nil where something is not there.
    private func named(
        _ names: DocumentNames, in scope: OrganizationScope
    ) async throws -> WorkflowVocabulary? {
        var offers: [String: Set<String>] = [:]
        for name in names.agents { offers[name] = try await agent(name, in: scope)?.settings.offers }
        let missing = names.agents.filter { offers[$0] == nil }
        if !missing.isEmpty {
            for agent in try await agents.seeded(in: scope) {
                guard let slug = agent.slug, missing.contains(slug) else { continue }
                offers[slug, default: []].formUnion(agent.settings.offers)
            }
        }
        guard offers.count == names.agents.count else { return nil }
        for name in names.workflows {
            guard try await isWorkflow(name, in: scope) else { return nil }
        }
        return WorkflowVocabulary(agents: names.agents, offers: offers, workflows: names.workflows)
    }

    private func agent(_ name: String, in scope: OrganizationScope) async throws -> Agent? {
        guard let id = AgentID(name) else { return try await agents.agent(named: name, in: scope) }
        do {
            return try await agents.agent(id, in: scope)
        } catch let error as SpotterError where error.code == .notFound {
            return nil
        }
    }

    private func isWorkflow(_ name: String, in scope: OrganizationScope) async throws -> Bool {
        guard let id = WorkflowID(name) else { return try await store.workflow(named: name, in: scope) != nil }
        do {
            _ = try await store.workflow(id, in: scope)
            return true
        } catch let error as SpotterError where error.code == .notFound {
            return false
        }
    }

    // MARK: All

    private func everything(
        _ names: DocumentNames, in scope: OrganizationScope
    ) async throws -> WorkflowVocabulary {
        let staff = try await Self.all { try await agents.list(AgentFilter(), $0, in: scope) }
        var offers: [String: Set<String>] = [:]
        for agent in staff {
            if let slug = agent.slug { offers[slug, default: []].formUnion(agent.settings.offers) }
        }
        // A name goes before a template's slug.
        for agent in staff {
            offers[agent.settings.name] = agent.settings.offers
            offers[agent.id.description] = agent.settings.offers
        }
        let byName = Dictionary(
            staff.map { (FoldedText.fold($0.settings.name), $0.settings.offers) },
            uniquingKeysWith: { first, _ in first })
        for name in names.agents where offers[name] == nil { offers[name] = byName[FoldedText.fold(name)] }
        return WorkflowVocabulary(
            agents: Set(offers.keys), offers: offers,
            capabilities: Set(staff.flatMap { $0.settings.capabilities ?? [] }),
            workflows: try await names.workflows.isEmpty ? nil : workflows(names, in: scope))
    }

    private func workflows(_ names: DocumentNames, in scope: OrganizationScope) async throws -> Set<String> {
        let all = try await Self.all { try await store.list(search: nil, $0, in: scope) }
        let folded = Set(all.map { FoldedText.fold($0.definition.name) })
        return Set(all.flatMap { [$0.id.description, $0.definition.name] })
            .union(names.workflows.filter { folded.contains(FoldedText.fold($0)) })
    }
}

extension Agent {
    /// The last part of the template that it was seeded from, by which documents call it.
    var slug: String? { template?.split(separator: "/").last.map(String.init) }
}
