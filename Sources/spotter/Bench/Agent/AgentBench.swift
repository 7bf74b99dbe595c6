import Foundation
import SpotterAgents
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterProviders

/// Measures conversations in the process and database made for it.
struct AgentBench: Sendable {
    let application: Application
    let port: Int
    let options: AgentBenchOptions
    let progress: @Sendable (String) -> Void
    let organization: Organization
    let agent: Agent

    var scope: OrganizationScope { OrganizationScope(organization.id) }

    init(
        _ application: Application, port: Int, _ options: AgentBenchOptions,
        _ progress: @escaping @Sendable (String) -> Void
    ) async throws {
        self.application = application
        self.port = port
        self.options = options
        self.progress = progress
        // Two ends of a connection each, readers of streams, and some for everything else.
        _ = ProcessLimits.raiseOpenFiles(to: 2 * options.conversations + 4_000)
        let now = application.clock.now()
        organization = try await application.stores.organizations.apply(
            TenantDefinition(
                slug: "bench", name: "Bench", timezone: "Europe/London", currency: "GBP", plan: .enterprise,
                limits: .init(runsPerMinute: 0, maxRunning: 100_000)),
            id: application.ids.id(at: now), at: now)
        let settings = AgentSettings(
            name: "Front desk", description: "Answers.", systemPrompt: "You help the members of a gym.",
            model: "openai/bench", tools: ["retrieve_data"])
        agent = Agent(
            id: application.ids.id(at: now), version: 1, settings: settings.resolved, createdAt: now, updatedAt: now)
        try await application.stores.agents.create(agent, receipt: nil, in: OrganizationScope(organization.id))
    }

    /// The parts that were asked for: memory first, because what was used and is free again would hide what it needs.
    func run() async throws -> [BenchFigure] {
        var figures: [BenchFigure] = []
        if options.parts.contains(.memory) { figures += try await memory() }
        if options.parts.contains(.conversations) { figures += try await conversations() }
        if options.parts.contains(.autonomous) { figures += try await autonomous() }
        if options.parts.contains(.tokens) { figures += try await tokens() }
        let order = AgentBenchPart.allCases.map(\.rawValue)
        return figures.sorted { (order.firstIndex(of: $0.part) ?? 0) < (order.firstIndex(of: $1.part) ?? 0) }
    }

    // MARK: What is measured with

    /// Lets every call go to a model of this pace while `work` runs.
    func with<Result>(
        _ pace: PacedProvider.Pace, _ work: (PacedProvider) async throws -> Result
    ) async throws -> Result {
        let provider = try await PacedProvider(pace)
        defer { provider.close() }
        application.models.replace(
            ProviderCatalog(client: application.client, offline: nil) { [url = provider.url] _, _ in
                ProviderAccess(.openai, apiKey: nil, baseURL: url)
            })
        return try await work(provider)
    }

    /// New conversations with the agent.
    func conversations(_ count: Int) async throws -> [ConversationID] {
        try await atOnce(Array(0..<count), limit: 64) { number in
            let now = application.clock.now()
            let conversation = Conversation(
                id: application.ids.id(at: now), agentId: agent.id, title: "Bench \(number)", createdAt: now,
                updatedAt: now)
            try await application.stores.conversations.create(conversation, receipt: nil, in: scope)
            return conversation.id
        }
    }

    /// Says something in each of them at the same time, and waits for all answers.
    ///
    /// - Throws: `SpotterError` if one is not answered as it should be.
    func talk(in conversations: [ConversationID]) async throws {
        _ = try await atOnce(conversations, limit: .max) { conversation in
            let turn = ChatTurn(conversation: conversation, content: "When are you open?", isStreaming: false)
            let run = try await patiently { try await application.chat.start(turn, in: scope) }
            let outcome = try await patiently {
                try await application.chat.outcome(of: run, within: .seconds(600), in: scope)
            }
            guard outcome.message != nil else {
                throw SpotterError(
                    .internal, "A conversation had no answer: \(outcome.execution.error?.message ?? "no reason").")
            }
            return true
        }
    }

    /// Does as clients do that are told to come again in a moment.
    private func patiently<Result>(_ work: () async throws -> Result) async throws -> Result {
        for _ in 0..<20 {
            do { return try await work() } catch let error as SpotterError {
                guard error.code == .unavailable, let seconds = error.retryAfter else { throw error }
                try await Task.sleep(for: .seconds(seconds))
            }
        }
        return try await work()
    }

    /// Does it for all, at most `limit` at one time.
    func atOnce<Item: Sendable, Result: Sendable>(
        _ items: [Item], limit: Int, _ work: @escaping @Sendable (Item) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: Result.self) { group in
            var results: [Result] = []
            for (place, item) in items.enumerated() {
                if place >= limit, let result = try await group.next() { results.append(result) }
                group.addTask { try await work(item) }
            }
            for try await result in group { results.append(result) }
            return results
        }
    }
}
