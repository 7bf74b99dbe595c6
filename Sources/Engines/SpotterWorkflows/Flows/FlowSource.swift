public import SpotterDomain
public import SpotterEngine

/// Makes assignments of plans and of workflows.
public struct FlowSource: ProgramSource {
    private let library: FlowLibrary
    private let organizations: any OrganizationStore
    private let agents: any AgentStore

    /// A source that reads graphs from the library, and everything else from the stores.
    public init(library: FlowLibrary, organizations: any OrganizationStore, agents: any AgentStore) {
        self.library = library
        self.organizations = organizations
        self.agents = agents
    }

    /// How long a process may work on a run without a wait: what takes time in it has limits of its own.
    private static let timeout = Duration.seconds(3_600)

    /// With how many steps a run is stopped: as many as the largest plan has, with room for its retries.
    private static let mostSteps = 10_000

    /// The run of `journal`.
    public func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        let flow = try await library.flow(of: journal, in: scope)
        let names = flow.graph.agentNames
        let known = names.isEmpty ? [:] : try await agents.ids(named: names, in: scope)
        let program = FlowProgram(
            flow.graph,
            FlowProgram.Setting(
                noun: journal.execution.kind == .plan ? .plan : .workflow, input: flow.input, agents: known,
                fallback: flow.fallback, version: flow.version))
        return Assignment(
            journal: journal, program: program, scope: scope,
            organization: try await organizations.organization(in: scope), agent: nil, tools: flow.graph.toolNames,
            timeout: Self.timeout, mostSteps: Self.mostSteps)
    }
}

extension FlowGraph {
    /// The names by which nodes call agents.
    var agentNames: Set<String> {
        Set(
            workflow.nodes.compactMap { node in
                if case .call(let call) = node.action, case .named(let name) = call.target { name } else { nil }
            })
    }

    /// The tools that nodes call.
    var toolNames: [String] {
        Set(
            workflow.nodes.compactMap { node in
                if case .tool(let name, _) = node.action { name } else { nil }
            }
        ).sorted()
    }
}

extension AgentStore {
    /// The agents of these names, or of these templates: a name goes before a template's slug.
    func ids(named names: Set<String>, in scope: OrganizationScope) async throws -> [String: AgentID] {
        var found: [String: AgentID] = [:]
        for name in names { found[name] = try await agent(named: name, in: scope)?.id }
        guard found.count < names.count else { return found }
        for agent in try await seeded(in: scope) {
            guard let slug = agent.slug else { continue }
            if names.contains(slug), found[slug] == nil { found[slug] = agent.id }
        }
        return found
    }
}
