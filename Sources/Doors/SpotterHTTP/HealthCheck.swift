import ServiceKit

/// Looks after the parts the product depends on: all at once, each with a time of its own.
public struct HealthCheck: Sendable {
    /// One part and how it is.
    public struct Component: Sendable, Codable {
        /// Such as `database`.
        public let name: String
        /// `ok`, `degraded`, `failed`, or `unknown` where this process cannot tell.
        public let state: String
        /// Why, where it is not well.
        public let reason: String?
        /// How long the look took, in milliseconds.
        public fileprivate(set) var latencyMs: Double?

        /// Puts a finding together.
        public init(name: String, isWell: Bool, reason: String? = nil) {
            self.name = name
            state = isWell ? "ok" : "failed"
            self.reason = reason
        }

        /// A part outside, without which the rest goes on: never `failed`.
        public init(name: String, impairment: String?) {
            self.name = name
            state = impairment == nil ? "ok" : "degraded"
            reason = impairment
        }

        /// A part that this process has nothing to do with: others know how it is.
        public init(name: String, unseen: String) {
            self.name = name
            state = "unknown"
            reason = unseen
        }

        var isDegraded: Bool { state == "degraded" }
        var hasFailed: Bool { state == "failed" }
    }

    /// How one part, or several that are seen at one look, are found out about.
    public struct Probe: Sendable {
        /// Such as `database`; stands in the answer where the look is not done in time.
        public let name: String
        /// Whether the process can do its work only while the part is well.
        public let isVital: Bool
        let look: @Sendable () async -> [Component]

        /// - Parameter look: never throws; it is cancelled when its time is up.
        public init(_ name: String, isVital: Bool, look: @escaping @Sendable () async -> [Component]) {
            self.name = name
            self.isVital = isVital
            self.look = look
        }
    }

    private let probes: [Probe]
    private let patience: Duration

    /// - Parameters:
    ///   - patience: how long a look may take.
    public init(_ probes: [Probe], patience: Duration = .milliseconds(90)) {
        self.probes = probes
        self.patience = patience
    }

    /// One look at everything.
    ///
    /// - Parameter check: looks at every part; quick, and never throws.
    public init(_ check: @escaping @Sendable () async -> [Component]) {
        self.init([Probe("all", isVital: true, look: check)], patience: .seconds(5))
    }

    /// Every part, in the order of the probes; with `vitalOnly`, those without which nothing can be done.
    func check(vitalOnly: Bool = false) async -> [Component] {
        let wanted = probes.filter { $0.isVital || !vitalOnly }
        return await withTaskGroup(of: (Int, [Component]).self) { group in
            for (place, probe) in wanted.enumerated() {
                group.addTask { [patience] in (place, await Self.look(probe, patience)) }
            }
            var found: [Int: [Component]] = [:]
            for await (place, components) in group { found[place] = components }
            return wanted.indices.flatMap { found[$0] ?? [] }
        }
    }

    private static func look(_ probe: Probe, _ patience: Duration) async -> [Component] {
        let start = ContinuousClock.now
        let components: [Component]
        do {
            components = try await withTimeout(patience) { await probe.look() }
        } catch {
            let reason = "It has not answered within \(Int(patience / .milliseconds(1))) ms."
            components = [
                probe.isVital
                    ? Component(name: probe.name, isWell: false, reason: reason)
                    : Component(name: probe.name, impairment: reason)
            ]
        }
        let elapsed = (start.duration(to: .now) / .microseconds(1)).rounded() / 1_000
        return components.map { component in
            var component = component
            component.latencyMs = elapsed
            return component
        }
    }
}
