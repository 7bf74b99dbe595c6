/// What of the queue is measured.
public enum QueueBenchPart: String, CaseIterable, Sendable {
    /// How many go through a second.
    case drain
    /// How soon one begins.
    case starts
    /// Whether one organisation holds up another.
    case fairness
    /// Whether age slows it down.
    case history
    /// What waiting costs.
    case memory
}

/// How the queue is measured.
public struct QueueBenchOptions: Sendable {
    /// About how long everything may take together, in seconds; sizes shrink and grow with it.
    public let seconds: Int
    /// What is measured.
    public let parts: Set<QueueBenchPart>

    /// Puts the options together.
    public init(seconds: Int, parts: Set<QueueBenchPart>) {
        self.seconds = seconds
        self.parts = parts
    }
}

/// One figure of the queue.
public struct QueueBenchResult: Sendable {
    /// What the figure should be.
    public struct Target: Sendable {
        /// For people, such as `below 10 ms`.
        public let text: String
        let isMet: @Sendable (Double) -> Bool

        /// - Parameter isMet: judges the ratio where there is something beside the figure, else the figure.
        public init(_ text: String, _ isMet: @escaping @Sendable (Double) -> Bool) {
            self.text = text
            self.isMet = isMet
        }
    }

    /// To which part it belongs.
    public let part: QueueBenchPart
    /// What was measured.
    public let name: String
    /// How much it is.
    public let value: Double
    /// Of what: `/s`, `ms` or `KB`.
    public let unit: String
    /// The same figure of what it is compared with.
    public let baseline: Double?
    /// What that is.
    public let baselineName: String?
    /// Nil for figures that are shown for completeness.
    public let target: Target?

    /// Puts the result together.
    public init(
        _ part: QueueBenchPart, _ name: String, _ value: Double, _ unit: String, beside baseline: Double? = nil,
        _ baselineName: String? = nil, target: Target? = nil
    ) {
        self.part = part
        self.name = name
        self.value = value
        self.unit = unit
        self.baseline = baseline
        self.baselineName = baselineName
        self.target = target
    }

    /// `value` of `baseline`.
    public var ratio: Double? { baseline.map { $0 > 0 ? value / $0 : 0 } }

    /// Whether the target is reached; nil without one.
    public var isMet: Bool? { target.map { $0.isMet(ratio ?? value) } }
}
