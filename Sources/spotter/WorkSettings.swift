import SpotterDomain
import SpotterEngine
import SpotterHTTP

/// How this process works on executions, as the environment says.
struct WorkSettings: Sendable {
    /// Tool calls of queued work at one time.
    let toolConcurrency: Int
    /// Lease, drain and room.
    let options: Workforce.Options
    /// How long executions that have ended stay where the queue works.
    let retention: Retention
    /// What this process does.
    let roles: Set<ProcessRole>
    /// Whether schedules fire of organisations that never started or stopped theirs.
    let startsSchedulers: Bool
    /// Whose word is taken on where requests come from.
    let trustedProxies: TrustedProxies
    /// Where people reach this server, for links in letters; nil where nobody said.
    let publicURL: String?

    /// - Throws: `SpotterError` that names the variable and what it must be.
    init(_ settings: Settings, roles: Set<ProcessRole> = Set(ProcessRole.allCases)) throws {
        self.roles = roles
        startsSchedulers = try settings.flag("AUTO_START_SCHEDULER") ?? true
        trustedProxies = try TrustedProxies(settings.environment["SPOTTER_TRUSTED_PROXIES"] ?? "")
        publicURL = try settings.publicURL
        toolConcurrency = try settings.integer("QUEUE_CONCURRENCY", in: 1...1_000) ?? 5
        options = Workforce.Options(
            lease: .seconds(try settings.integer("SPOTTER_LEASE_SECONDS", in: 1...3_600) ?? 24),
            drain: .seconds(try settings.integer("SPOTTER_DRAIN_SECONDS", in: 0...600) ?? 15),
            runs: try settings.integer("SPOTTER_MAX_RUNS", in: 1...1_000_000) ?? 10_000)
        let hours = try settings.integer("SPOTTER_KEEP_COMPLETED_HOURS", in: 1...87_600) ?? 24
        let days = try settings.integer("SPOTTER_KEEP_FAILED_DAYS", in: 1...3_650) ?? 7
        retention = Retention(completed: Double(hours) * 3_600, failed: Double(days) * 86_400)
    }
}

/// What a process does, beside what every process does.
enum ProcessRole: String, CaseIterable, Sendable {
    /// Answers requests, and runs the chats that they begin.
    case api
    /// Takes executions from the queue.
    case worker
    /// Fires schedules.
    case scheduler

    /// The roles of these names; nil means all.
    ///
    /// - Throws: `SpotterError` that names the nearest role there is.
    static func roles(_ names: [String]?) throws -> Set<ProcessRole> {
        guard let names else { return Set(allCases) }
        let known = allCases.map(\.rawValue)
        guard !names.isEmpty else {
            throw SpotterError(.invalid, "A process needs a role. There are: \(known.joined(separator: ", ")).")
        }
        return try Set(
            names.map { name in
                guard let role = ProcessRole(rawValue: name) else {
                    let hint = DidYouMean.hint(for: name, among: known)
                    throw SpotterError(
                        .invalid, "There is no role \(name)\(hint) There are: \(known.joined(separator: ", ")).")
                }
                return role
            })
    }
}
