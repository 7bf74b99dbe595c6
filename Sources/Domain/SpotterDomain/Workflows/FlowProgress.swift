/// How far a run of a plan or a workflow is, for people.
public struct FlowProgress: Sendable, Codable, Hashable {
    /// One node.
    public struct Node: Sendable, Codable, Hashable {
        /// As the document has it.
        public let id: String
        /// For people.
        public let name: String
        /// `pending`, `running`, `completed`, `failed` or `skipped`.
        public let state: String
        /// In which round of a loop it is, from 1 on.
        public let round: Int
        /// How many tries it has begun in that round.
        public let attempts: Int

        /// A node.
        public init(id: String, name: String, state: String, round: Int, attempts: Int) {
            self.id = id
            self.name = name
            self.state = state
            self.round = round
            self.attempts = attempts
        }
    }

    /// An error of a node.
    public struct NodeError: Sendable, Codable, Hashable {
        /// The node that failed.
        public let node: String
        /// Stable, snake_case.
        public let code: String
        /// For people.
        public let message: String

        /// An error.
        public init(node: String, code: String, message: String) {
            self.node = node
            self.code = code
            self.message = message
        }
    }

    /// In the order of the document.
    public let nodes: [Node]
    /// The ids of the nodes under way.
    public let currentNodes: [String]
    /// The ids of the nodes that have ended, in order; one that was done again is there again.
    public let executionPath: [String]
    /// Errors so far, also those that were taken care of.
    public let errors: [NodeError]
    /// How much has ended or will not come any more, 0 to 100.
    public let percentage: Int

    /// How far a run is.
    public init(
        nodes: [Node], currentNodes: [String], executionPath: [String], errors: [NodeError], percentage: Int
    ) {
        self.nodes = nodes
        self.currentNodes = currentNodes
        self.executionPath = executionPath
        self.errors = errors
        self.percentage = percentage
    }
}
