import Foundation
public import ServiceKit
public import SpotterDomain
public import SpotterEngine
import SpotterTokens
import Synchronization

/// A process that works on executions, on stores in memory; several on the same stores are several processes.
///
/// Nothing of it turns by itself but the pool: a test takes, wakes and rescues when it wants to.
public struct TestEngine: Sendable {
    /// Everything that works.
    public let workforce: Workforce
    /// What the runs write to.
    public let store: FaultyExecutionStore
    /// Where readers are woken.
    public let bus: EventBus
    /// To the other processes.
    public let signals: Signals
    /// What performs tools.
    public let toolCaller: ToolCaller
    /// How long the runs and the pool would have waited.
    public var sleeps: [Duration] { slept.durations }
    private let slept = Sleeps()

    /// How long a process is thought alive after a sign of life.
    public static let lease = Duration.seconds(24)

    /// What processes share.
    public struct World: Sendable {
        /// Every store, on `clock`.
        public let memory: MemoryStores
        /// The same.
        public let stores: StoreSet
        /// The database's clock, and that of every process.
        public let clock: ManualClock
        /// Between the processes.
        public let channel = MemorySignalChannel()
        /// An organisation.
        public let gym: TestOrganization

        /// A new world with one organisation.
        public init(clock: ManualClock = ManualClock()) async throws {
            self.clock = clock
            memory = MemoryStores(clock: clock)
            stores = StoreSet(memory)
            gym = try await TestOrganization.make(in: stores)
        }
    }

    /// - Parameters:
    ///   - store: what fails, in place of the world's own.
    ///   - policy: which calls of tools are let through.
    ///   - programs: what is run, by kind; see also `init(in:tools:program:)`.
    ///   - draw: what chance says.
    ///   - drain: waits as long as runs may go on after a stop; by default not at all.
    public init(
        in world: World, store: FaultyExecutionStore? = nil, heartbeat: (any Heartbeat)? = nil,
        model: ScriptedModel = ScriptedModel(), tools: [any Tool] = [], toolTimeout: Duration = .seconds(30),
        toolConcurrency: Int = 5, policy: ToolPolicy = ToolPolicy(), programs: [Execution.Kind: any ProgramSource],
        options: Workforce.Options = Workforce.Options(lease: lease), draw: @escaping @Sendable () -> Double = { 0.5 },
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
        drain: @escaping @Sendable () async -> Void = {}, log: Log = .silent
    ) {
        let store = store ?? FaultyExecutionStore(world.stores.executions)
        let signals = Signals(channel: world.channel, log: log)
        let bus = EventBus(signals: signals)
        let slept = slept
        toolCaller = ToolCaller(
            tools: ToolSet(tools), policies: OnePolicy(policy), digest: SHA256Digest(), clock: world.clock,
            timeout: toolTimeout, concurrency: toolConcurrency, log: log)
        workforce = Workforce(
            store: store, queue: world.stores.queue, heartbeat: heartbeat ?? world.memory.heartbeat,
            signals: signals, bus: bus, models: ModelCaller(catalog: model, pricing: model), tools: toolCaller,
            programs: ProgramCatalog(programs), options: options,
            timing: Workforce.Timing(
                random: draw,
                sleep: { duration in
                    slept.note(duration)
                    if duration == options.drain { await drain() }
                    // Others go on meanwhile, as they would in any wait.
                    await Task.yield()
                    try Task.checkCancellation()
                }, monotonic: monotonic),
            clock: world.clock, ids: RandomIDGenerator(), log: log)
        self.store = store
        self.bus = bus
        self.signals = signals
    }

    /// A process that gives every probe the same program.
    public init(
        in world: World, store: FaultyExecutionStore? = nil, model: ScriptedModel = ScriptedModel(),
        tools: [any Tool] = [], limits: AgentLimits? = nil, policy: ToolPolicy = ToolPolicy(),
        options: Workforce.Options = Workforce.Options(lease: lease), draw: @escaping @Sendable () -> Double = { 0.5 },
        drain: @escaping @Sendable () async -> Void = {},
        program: @escaping @Sendable (Journal) throws -> any Program
    ) {
        let source = ScriptedSource(
            of: world.gym.organization, tools: tools.map(\.name), limits: limits, program: program)
        self.init(
            in: world, store: store, model: model, tools: tools, policy: policy,
            programs: [.probe: source, .tool: ToolCallSource(organizations: world.stores.organizations)],
            options: options,
            draw: draw, drain: drain)
    }

    /// Lets the process work while `body` runs; then it shuts down, and everything that runs is handed back.
    public func working<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try workforce.heart.start()
        let running = Task { [workforce] in try await workforce.pool.run() }
        do {
            let result = try await body()
            workforce.pool.shutDown()
            try await running.value
            return result
        } catch {
            workforce.pool.shutDown()
            workforce.pool.abandonAll()
            try? await running.value
            throw error
        }
    }

    /// Takes what is ready, and waits until it was let go of; again and again until nothing is ready.
    @discardableResult
    public func workOff() async throws -> [RunOutcome] {
        var outcomes: [RunOutcome] = []
        while true {
            let started = await workforce.dispatcher.takeOnce()
            if started.isEmpty { return outcomes }
            for handle in started {
                do { outcomes.append(try await handle.outcome()) } catch is LeaseLost {}
            }
        }
    }

    /// A round of everything: what is due, what was asked, what others left behind, and then what is ready.
    @discardableResult
    public func turn() async throws -> [RunOutcome] {
        try await workforce.caretaker.wakeOnce()
        try await workforce.caretaker.passRequestsOnce()
        try await workforce.caretaker.rescueOnce()
        return try await workOff()
    }
}

private final class Sleeps: Sendable {
    private let noted = Mutex<[Duration]>([])

    var durations: [Duration] { noted.withLock { $0 } }

    func note(_ duration: Duration) { noted.withLock { $0.append(duration) } }
}
