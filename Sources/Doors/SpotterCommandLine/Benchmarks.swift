/// What the product can measure of itself: each in a process and on a database made for it, beside a yardstick in the same
/// run.
public protocol Benchmarks: Sendable {
    /// Measures the server beside pgbench.
    func benchHTTP(_ options: BenchOptions, progress: @escaping @Sendable (String) -> Void) async throws
        -> [BenchResult]
    /// Measures how many signed messages are taken a second, beside pgbench.
    func benchHooks(_ options: BenchOptions, progress: @escaping @Sendable (String) -> Void) async throws
        -> [BenchFigure]
    /// Measures what the audit log costs of writes.
    func benchAudit(_ options: BenchOptions, progress: @escaping @Sendable (String) -> Void) async throws
        -> [BenchFigure]
    /// Measures what a quiet organisation feels of one that floods the server.
    func benchLimits(_ options: BenchOptions, progress: @escaping @Sendable (String) -> Void) async throws
        -> [BenchFigure]
    /// Measures the queue beside its targets.
    func benchQueue(_ options: QueueBenchOptions, progress: @escaping @Sendable (String) -> Void) async throws
        -> [BenchFigure]
    /// Measures plans, workflows, routing and the event bus beside their targets.
    func benchPlan(_ options: PlanBenchOptions, progress: @escaping @Sendable (String) -> Void) async throws
        -> [BenchFigure]
    /// Measures conversations beside their targets.
    func benchAgent(_ options: AgentBenchOptions, progress: @escaping @Sendable (String) -> Void) async throws
        -> [BenchFigure]
    /// Measures reports over a large gym beside their targets.
    func benchGym(_ options: GymBenchOptions, progress: @escaping @Sendable (String) -> Void) async throws
        -> [BenchFigure]
    /// Every metric that is given out.
    var metrics: [MetricEntry] { get }
    /// Measures what recording a metric costs, and how long the full check of the health takes.
    func benchMetrics(
        records: Int, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchFigure]
    /// Lets many schedules fire at once.
    func benchSchedule(_ options: ScheduleBenchOptions, progress: @escaping @Sendable (String) -> Void) async throws
        -> ScheduleBenchResult
}
