import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterEngine

@Suite(.timeLimit(.minutes(5))) struct RecordWriterTests {
    private let world: TestEngine.World
    private var gym: TestOrganization { world.gym }

    init() async throws { world = try await TestEngine.World() }

    private func writer(_ store: FaultyExecutionStore) -> RecordWriter {
        RecordWriter(store: store, bus: EventBus(), clock: world.clock)
    }

    /// Executions that are held, each with a step to write.
    private func records(_ count: Int) async throws -> [ExecutionRecord] {
        let worker = try await gym.worker()
        var records: [ExecutionRecord] = []
        for _ in 0..<count {
            let run = try await gym.begunTurn(worker: worker)
            records.append(
                ExecutionRecord(execution: run, steps: [gym.step(0, of: run, kind: .model, state: .completed)]))
        }
        return records
    }

    /// Whether each was written.
    private func areWritten(_ records: [ExecutionRecord]) async throws -> [Bool] {
        var written: [Bool] = []
        for record in records {
            written.append(
                try await !world.stores.executions.journal(of: record.execution.id, in: gym.scope).steps.isEmpty)
        }
        return written
    }

    /// Starts the first write, which waits at the gate, and then the others, so that they come together; opens the gate
    /// and returns how each ended.
    private func write(
        _ records: [ExecutionRecord], to store: FaultyExecutionStore, gate: Gate,
        meanwhile: ([Task<Void, any Error>]) -> Void = { _ in }
    ) async -> [Result<Void, any Error>] {
        let writer = writer(store)
        let scope = gym.scope
        var tasks: [Task<Void, any Error>] = []
        for (index, record) in records.enumerated() {
            tasks.append(Task { _ = try await writer.write(PendingRecord(record), in: scope) })
            if index == 0 { while store.writes == 0 { await Task.yield() } }
            while index > 0, writer.waiting(in: scope) < index { await Task.yield() }
        }
        meanwhile(tasks)
        gate.open()
        var results: [Result<Void, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }

    @Test func `what comes while one is being written goes into the next transaction`() async throws {
        let gate = Gate()
        let store = FaultyExecutionStore(world.stores.executions, gate: { if $0 == 1 { await gate.pass() } })
        let records = try await records(20)
        let results = await write(records, to: store, gate: gate)
        #expect(results.allSatisfy { (try? $0.get()) != nil })
        #expect(store.batches == [1, 19])
        #expect(try await areWritten(records).allSatisfy { $0 })
    }

    @Test func `more than two hundred go into several transactions`() async throws {
        let gate = Gate()
        let store = FaultyExecutionStore(world.stores.executions, gate: { if $0 == 1 { await gate.pass() } })
        let results = await write(try await records(251), to: store, gate: gate)
        #expect(results.allSatisfy { (try? $0.get()) != nil })
        #expect(store.batches == [1, 200, 50])
    }

    @Test func `with two full transactions to write it is behind, and it tells when it has caught up`() async throws {
        let gate = Gate()
        let store = FaultyExecutionStore(world.stores.executions, gate: { if $0 == 1 { await gate.pass() } })
        let reliefs = Mutex(0)
        let writer = writer(store)
        writer.onRelief { reliefs.withLock { $0 += 1 } }
        let (records, scope) = (try await records(400), gym.scope)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, record) in records.dropLast().enumerated() {
                group.addTask { _ = try await writer.write(PendingRecord(record), in: scope) }
                while index == 0, store.writes == 0 { await Task.yield() }
            }
            while writer.waiting(in: scope) < 398 { await Task.yield() }
            #expect(!writer.isBehind)
            group.addTask { _ = try await writer.write(PendingRecord(records[399]), in: scope) }
            while writer.waiting(in: scope) < 399 { await Task.yield() }
            #expect(writer.isBehind)
            gate.open()
            try await group.waitForAll()
        }
        #expect(!writer.isBehind)
        #expect(reliefs.withLock(\.self) == 1)
    }

    @Test func `one whose lease is lost does not take the others with it`() async throws {
        let gate = Gate()
        let store = FaultyExecutionStore(world.stores.executions, gate: { if $0 == 1 { await gate.pass() } })
        var records = try await records(5)
        records[2].execution.attempt = 7
        let results = await write(records, to: store, gate: gate)
        #expect(results.map { $0.error is LeaseLost } == [false, false, true, false, false])
        #expect(try await areWritten(records) == [true, true, false, true, true])
    }

    @Test func `an outage fails all of a transaction at once`() async throws {
        let gate = Gate()
        let store = FaultyExecutionStore(
            world.stores.executions, faults: [2: .outage], gate: { if $0 == 1 { await gate.pass() } })
        let results = await write(try await records(50), to: store, gate: gate)
        #expect(results.map { $0.error?.isOutage ?? false } == [false] + Array(repeating: true, count: 49))
        #expect(store.writes == 2)
    }

    @Test func `an outage while each is written on its own fails the rest without a further wait`() async throws {
        let gate = Gate()
        let store = FaultyExecutionStore(
            world.stores.executions, faults: [4: .outage], gate: { if $0 == 1 { await gate.pass() } })
        var records = try await records(50)
        records[49].execution.attempt = 7
        let results = await write(records, to: store, gate: gate)
        // The first transaction, the second as a whole, then one by one: the second of those fails.
        #expect(store.writes == 4)
        #expect(results.map { $0.error == nil } == [true, true] + Array(repeating: false, count: 48))
        #expect(results.dropFirst(2).allSatisfy { $0.error?.isOutage ?? false })
    }

    @Test(arguments: [0, 1, 2]) func `a cancelled writer loses neither its record nor the others'`(
        index: Int
    ) async throws {
        let gate = Gate()
        let store = FaultyExecutionStore(world.stores.executions, gate: { if $0 == 1 { await gate.pass() } })
        let records = try await records(3)
        let results = await write(records, to: store, gate: gate) { $0[index].cancel() }
        #expect(results.allSatisfy { $0.error == nil })
        #expect(try await areWritten(records) == [true, true, true])
        #expect(store.batches == [1, 2])
    }

    @Test func `organisations do not wait for each other`() async throws {
        let gate = Gate()
        let store = FaultyExecutionStore(world.stores.executions, gate: { if $0 == 1 { await gate.pass() } })
        let writer = writer(store)
        let held = try await records(1)[0]
        let scope = gym.scope
        let first = Task { _ = try await writer.write(PendingRecord(held), in: scope) }
        while store.writes == 0 { await Task.yield() }
        let other = try await TestOrganization.make(in: world.stores)
        _ = try await writer.write(
            PendingRecord(ExecutionRecord(execution: other.begunTurn())), in: other.scope)
        gate.open()
        try await first.value
    }

    @Test func `who asked something of an execution is told to the one that wrote it`() async throws {
        let gate = Gate()
        let store = FaultyExecutionStore(world.stores.executions, gate: { if $0 == 1 { await gate.pass() } })
        let records = try await records(3)
        try await gym.ask(.pause, of: records[1].execution)
        let writer = writer(store)
        let scope = gym.scope
        var tasks: [Task<ControlRequest?, any Error>] = []
        for (index, record) in records.enumerated() {
            tasks.append(Task { try await writer.write(PendingRecord(record), in: scope).requested })
            if index == 0 { while store.writes == 0 { await Task.yield() } }
        }
        while writer.waiting(in: scope) < 2 { await Task.yield() }
        gate.open()
        var requests: [ControlRequest?] = []
        for task in tasks { requests.append(try await task.value) }
        #expect(requests == [nil, .pause, nil])
    }
}

extension Result {
    fileprivate var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}
