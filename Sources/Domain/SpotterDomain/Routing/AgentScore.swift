/// How well an agent fits a call: a number from 0 to 1 and what it is made of.
///
/// | part | weight | what it says, from 0 to 1 |
/// |---|---|---|
/// | specialisation | 0.35 | half: the share of the optional capabilities that it has; half: how much of what it offers is asked for |
/// | load | 0.25 | the share of its places that are free; without a limit 4 ÷ (4 + calls under way) |
/// | success | 0.20 | the share of its last calls that went well; 0.9 before the first |
/// | latency | 0.10 | 10 s ÷ (10 s + how long its last calls took); 0.5 before the first |
/// | priority | 0.10 | critical 1, high ⅔, medium ⅓, low 0 |
///
/// The same figures give the same score everywhere, rounded to four digits. Of equal ones the higher priority goes first,
/// and then the older agent, by id.
public struct AgentScore: Sendable, Hashable {
    /// The weighted sum, rounded to four digits.
    public let total: Double
    /// How special it is for what is asked.
    public let specialization: Double
    /// How free it is.
    public let load: Double
    /// How well its calls went.
    public let success: Double
    /// How quick it was.
    public let latency: Double
    /// How urgent its work is.
    public let priority: Double

    /// What each part counts for.
    public enum Weight {
        /// Of the specialisation.
        public static let specialization = 0.35
        /// Of the load.
        public static let load = 0.25
        /// Of the success.
        public static let success = 0.20
        /// Of the latency.
        public static let latency = 0.10
        /// Of the priority.
        public static let priority = 0.10
    }

    /// What does not depend on what is asked for: worked out once for each look at an agent.
    public struct Standing: Sendable, Hashable {
        /// How many things it offers.
        public let offers: Int
        /// As the score's parts of these names.
        public let load, success, latency, priority: Double

        /// That of a candidate.
        public init(_ candidate: RoutingCandidate) {
            offers = candidate.offers.count
            load =
                candidate.maxConcurrent.map { max(0, 1 - Double(candidate.active) / Double(max($0, 1))) }
                ?? 4 / (4 + Double(candidate.active))
            success = candidate.figures.recentSuccess ?? 0.9
            latency = candidate.figures.recentMs.map { 10_000 / (10_000 + max($0, 0)) } ?? 0.5
            priority = Double(3 - candidate.priority.rank) / 3
        }
    }

    /// The score of an agent that has everything that is required, `required` things, and `optionalHad` of the
    /// `optionalWanted` ones.
    public init(_ standing: Standing, required: Int, optionalHad: Int, optionalWanted: Int) {
        let extras = optionalWanted == 0 ? 1 : Double(optionalHad) / Double(optionalWanted)
        let breadth = Double(required + optionalHad) / Double(max(standing.offers, 1))
        specialization = 0.5 * extras + 0.5 * min(breadth, 1)
        load = standing.load
        success = standing.success
        latency = standing.latency
        priority = standing.priority
        let sum =
            Weight.specialization * specialization + Weight.load * load + Weight.success * success
            + Weight.latency * latency + Weight.priority * priority
        total = (sum * 10_000).rounded() / 10_000
    }

    /// The score of a candidate for a call; nil if it lacks something that is required.
    public init?(_ candidate: RoutingCandidate, required: [String], optional: [String]) {
        guard required.allSatisfy(candidate.offers.contains) else { return nil }
        self.init(
            Standing(candidate), required: required.count,
            optionalHad: optional.count(where: candidate.offers.contains),
            optionalWanted: optional.count)
    }

    /// What it is made of, in words.
    public func reasons(for candidate: RoutingCandidate, optional: [String]) -> [String] {
        let had = optional.filter(candidate.offers.contains)
        let places = candidate.maxConcurrent.map { " of \($0)" } ?? ""
        let figures = candidate.figures
        return [
            "specialization \(Self.text(specialization)): offers \(candidate.offers.count) capabilities"
                + (optional.isEmpty ? "" : ", has \(had.count) of \(optional.count) optional ones"),
            "load \(Self.text(load)): \(candidate.active)\(places) calls under way",
            "success \(Self.text(success)): "
                + (figures.calls == 0 ? "not called yet" : "\(figures.failures) of \(figures.calls) calls failed"),
            "latency \(Self.text(latency)): "
                + (figures.recentMs.map { "takes \(Int($0.rounded())) ms lately" } ?? "not known yet"),
            "priority \(Self.text(priority)): \(candidate.priority.rawValue)",
        ]
    }

    private static func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}

extension Priority {
    /// The higher, the later: from 0, critical, to 3, low.
    public var rank: Int {
        switch self {
        case .critical: 0
        case .high: 1
        case .medium: 2
        case .low: 3
        }
    }
}

/// A candidate with its score.
public struct RoutingMatch: Sendable, Hashable {
    /// Who.
    public let candidate: RoutingCandidate
    /// How well it fits.
    public let score: AgentScore

    /// A match.
    public init(candidate: RoutingCandidate, score: AgentScore) {
        self.candidate = candidate
        self.score = score
    }

    /// Whether `one` is asked before `other`.
    public static func isBetter(_ one: RoutingMatch, _ other: RoutingMatch) -> Bool {
        if one.score.total != other.score.total { return one.score.total > other.score.total }
        let (left, right) = (one.candidate.priority.rank, other.candidate.priority.rank)
        return left == right ? one.candidate.id < other.candidate.id : left < right
    }

    /// The best `limit` of those of `candidates` that have all of `required`, best first.
    ///
    /// - Parameter onlyFree: leaves out those that cannot be called now.
    public static func best(
        _ limit: Int, of candidates: some Sequence<RoutingCandidate>, required: [String], optional: [String] = [],
        onlyFree: Bool
    ) -> [RoutingMatch] {
        var best: [RoutingMatch] = []
        for candidate in candidates where !onlyFree || candidate.hindrance == nil {
            guard let score = AgentScore(candidate, required: required, optional: optional) else { continue }
            let match = RoutingMatch(candidate: candidate, score: score)
            if best.count == limit, let last = best.last, !isBetter(match, last) { continue }
            let place = best.firstIndex { isBetter(match, $0) } ?? best.endIndex
            best.insert(match, at: place)
            if best.count > limit { best.removeLast() }
        }
        return best
    }
}
