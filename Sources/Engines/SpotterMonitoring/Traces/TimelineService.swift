import Foundation
public import SpotterDomain

/// An execution as it went, with what it began: the same whether somebody looks at it or a collector is sent it.
public struct Timeline: Sendable, Hashable {
    /// As it is now.
    public let execution: Execution
    /// The trace that it belongs to.
    public let trace: TraceID
    /// Whether whoever asked for it from outside keeps the trace; true where nobody said.
    public let isSampled: Bool
    /// What came along from outside for others; nil where nothing did.
    public let state: TraceState?
    /// In the order in which they began.
    public let spans: [Span]
    /// Whether there was more than fits.
    public let isTruncated: Bool
}

/// Makes timelines of journals.
public struct TimelineService: Sendable {
    private let executions: any ExecutionStore
    private let monitoring: any MonitoringStore
    private let agents: any AgentStore

    /// The most spans of a timeline.
    public static let mostSpans = 1_000
    /// How many generations of runs are looked at.
    static let deepest = 3
    /// The most runs that are looked at.
    static let mostRuns = 200

    /// A service over the stores.
    public init(executions: any ExecutionStore, monitoring: any MonitoringStore, agents: any AgentStore) {
        self.executions = executions
        self.monitoring = monitoring
        self.agents = agents
    }

    /// The timeline of one. Throws `notFound`.
    public func timeline(of id: ExecutionID, in scope: OrganizationScope) async throws -> Timeline {
        let journal = try await executions.journal(of: id, in: scope)
        return try await timeline(of: journal, in: scope)
    }

    /// The same for a journal that was read already.
    func timeline(of journal: Journal, in scope: OrganizationScope) async throws -> Timeline {
        let id = journal.execution.id
        let origin = try await monitoring.origins(of: [id], in: scope)[id] ?? TraceOrigin(root: id, parent: nil)
        let outside = origin.root == id ? origin.parent?.span : nil
        var names: [AgentID: String?] = [:]
        let name = try await self.name(of: journal.execution.agentId, &names, in: scope)
        var spans = SpanBuilder(journal: journal, waiting: nil, outside: outside, agentName: name).spans
        var generation = Self.children(of: journal)
        var (depth, runs, isTruncated) = (1, 1, false)
        while !generation.isEmpty {
            guard depth < Self.deepest else {
                isTruncated = true
                break
            }
            var next: [(ExecutionID, StepID)] = []
            for (child, step) in generation {
                guard runs < Self.mostRuns, spans.count < Self.mostSpans else {
                    isTruncated = true
                    break
                }
                guard let journal = try await known(child, in: scope) else { continue }
                runs += 1
                let name = try await self.name(of: journal.execution.agentId, &names, in: scope)
                spans += SpanBuilder(journal: journal, waiting: step, outside: nil, agentName: name).spans
                next += Self.children(of: journal)
            }
            generation = next
            depth += 1
        }
        spans.sort { ($0.startedAt, $0.kind == .execution ? 0 : 1) < ($1.startedAt, $1.kind == .execution ? 0 : 1) }
        return Timeline(
            execution: journal.execution, trace: origin.trace, isSampled: origin.parent?.isSampled ?? true,
            state: origin.parent?.state, spans: Array(spans.prefix(Self.mostSpans)),
            isTruncated: isTruncated || spans.count > Self.mostSpans)
    }

    /// What an agent is called now; nil for none, and for one that is deleted.
    private func name(
        of agent: AgentID?, _ known: inout [AgentID: String?], in scope: OrganizationScope
    ) async throws -> String? {
        guard let agent else { return nil }
        if let name = known[agent] { return name }
        var name: String?
        do {
            name = try await agents.agent(agent, in: scope).settings.name
        } catch let error as SpotterError where error.code == .notFound {}
        known[agent] = .some(name)
        return name
    }

    /// One that was begun and is gone, or not there yet, is left out.
    private func known(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Journal? {
        do {
            return try await executions.journal(of: id, in: scope)
        } catch let error as SpotterError where error.code == .notFound { return nil }
    }

    private static func children(of journal: Journal) -> [(ExecutionID, StepID)] {
        journal.steps.compactMap { step in step.child.map { ($0, step.id) } }
    }
}
