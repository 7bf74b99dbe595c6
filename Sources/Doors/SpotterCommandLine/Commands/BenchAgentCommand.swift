import Foundation
import SpotterDomain

/// `spotter bench agent`
struct BenchAgentCommand: Command {
    let path = ["bench", "agent"]
    let summary = "Measure conversations with a model that answers after 200 ms, each figure beside its target"
    let example = "spotter bench agent --only conversations --conversations 3000"
    let options: [OptionSpec] = [
        .option("only", "PARTS", "Some of: conversations,memory,autonomous,tokens. Default all."),
        .option("conversations", "N", "Conversations at once, 10 to 10000. Default 3000."),
        .option("latency", "MS", "How long the model takes to answer, 1 to 10000. Default 200."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let options = AgentBenchOptions(
            conversations: try arguments.integer("conversations", in: 10...10_000) ?? 3_000,
            latency: .milliseconds(try arguments.integer("latency", in: 1...10_000) ?? 200),
            parts: try arguments.parts())
        let results = try await product.benchAgent(options) { terminal.complain(terminal.dim($0)) }
        terminal.show(results, asJSON: arguments.has("json"))
    }
}

/// What of conversations is measured.
public enum AgentBenchPart: String, CaseIterable, Sendable {
    /// What a call of a model takes of the processor, and how long many conversations take at once.
    case conversations
    /// What a conversation costs while it waits for its model.
    case memory
    /// What an agent on its own adds to its model's time, and what it keeps in memory.
    case autonomous
    /// How soon what a model says reaches the reader of a stream.
    case tokens
}

/// How conversations are measured.
public struct AgentBenchOptions: Sendable {
    /// Conversations at once.
    public let conversations: Int
    /// How long the model takes before it answers.
    public let latency: Duration
    /// What is measured.
    public let parts: Set<AgentBenchPart>

    /// Puts the options together.
    public init(conversations: Int, latency: Duration, parts: Set<AgentBenchPart>) {
        self.conversations = conversations
        self.latency = latency
        self.parts = parts
    }
}
