import Foundation
import SpotterDomain
import Synchronization

/// The whole system under test: a database, one process that answers requests, three that work, and the world outside.
final class ChaosSystem: Sendable {
    /// In seconds: short, so that a run sees many of them end.
    static let lease = 3
    private static let workerNames = ["worker-a", "worker-b", "worker-c"]

    let database: ChaosDatabase
    let recorder: Recorder
    let server: Slot
    let workers: [Slot]
    let organizations: [Organization]
    private let providers: [ScriptedProvider]
    private let poisoned: Poisoned
    private let ambushes: Ambushes
    private let home: ChaosHome
    private let address: Address

    /// An organisation with its token.
    struct Organization: Sendable {
        let slug: String
        let token: String
    }

    /// Where requests go: the first process that answers them picks the port, the others take the same.
    private final class Address: Sendable {
        private let port = Mutex<Int>(0)

        var url: String { "http://127.0.0.1:\(port.withLock { $0 })" }
        var portOption: String { "\(port.withLock { $0 })" }

        func learn(from url: String) {
            if let found = URLComponents(string: url)?.port { port.withLock { $0 = found } }
        }
    }

    /// Which work has killed whom.
    private final class Poisoned: Sendable {
        let victims = Mutex<[String: Set<String>]>([:])
        let slots = Mutex<[String: Slot]>([:])

        func kill(in slot: String, by work: String) {
            let slot = slots.withLock { $0[slot] }
            // Called by the double, which must not wait.
            Task {
                guard let process = await slot?.current else { return }
                process.kill()
                _ = victims.withLock { $0[work, default: []].insert(process.name) }
            }
        }
    }

    /// Finds the process that the recorder wants ended.
    private final class Ambushes: Sendable {
        let slots = Mutex<[Slot]>([])

        /// Called by the recorder, which holds the answer back meanwhile.
        func kill(_ identifier: Int32) {
            let slots = slots.withLock { $0 }
            Task {
                for slot in slots {
                    if let process = await slot.current, process.identifier == identifier { process.kill() }
                }
            }
        }
    }

    static func start(binary: String, folder: String) async throws -> ChaosSystem {
        let database = try await ChaosDatabase.start()
        do {
            let ambushes = Ambushes()
            let recorder = try Recorder { ambushes.kill($0) }
            let home = try ChaosHome(folder: folder, binary: binary, database: database, recorder: recorder.port)
            let organizations = try await home.prepare()
            let system = try ChaosSystem(database, recorder, ambushes, home, organizations)
            return system
        } catch {
            database.stop()
            throw error
        }
    }

    private init(
        _ database: ChaosDatabase, _ recorder: Recorder, _ ambushes: Ambushes, _ home: ChaosHome,
        _ organizations: [Organization]
    ) throws {
        let (poisoned, address) = (Poisoned(), Address())
        let memory = ScriptedProvider.Memory()
        var providers: [ScriptedProvider] = []
        var slots: [Slot] = []
        for name in ["server"] + Self.workerNames {
            let provider = try ScriptedProvider(
                recorder: "http://127.0.0.1:\(recorder.port)", memory: memory
            ) { work in poisoned.kill(in: name, by: work) }
            let isServer = name == "server"
            let slot = Slot(name) { process, crash in
                let port = isServer ? ["--port", address.portOption] : []
                return try home.launch(
                    process, ["serve", "--json", "--roles", isServer ? "api" : "worker,scheduler"] + port,
                    provider.environment, crash: crash)
            }
            poisoned.slots.withLock { $0[name] = slot }
            providers.append(provider)
            slots.append(slot)
        }
        self.database = database
        self.recorder = recorder
        self.home = home
        self.organizations = organizations
        self.poisoned = poisoned
        self.ambushes = ambushes
        ambushes.slots.withLock { $0 = slots }
        self.address = address
        self.providers = providers
        server = slots[0]
        workers = Array(slots.dropFirst())
    }

    var slots: [Slot] { [server] + workers }
    var url: String { address.url }
    /// How many processes each poisonous piece of work has taken with it.
    var poisonings: [String: Int] { poisoned.victims.withLock { $0.mapValues(\.count) } }

    /// Runs the processes while `work` does, and ends all of them.
    func running(_ work: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for slot in slots { group.addTask { try await slot.run() } }
            do {
                try await waitUntilReady()
                try await work()
            } catch {
                await close()
                throw error
            }
            await close()
            try await group.waitForAll()
        }
    }

    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        for slot in slots {
            var ready: JSONValue?
            while ready == nil {
                guard ContinuousClock.now < deadline else {
                    throw SpotterError(.unavailable, "\(slot.name) does not become ready; see \(home.folder).")
                }
                ready = await slot.current?.ready
                try await Task.sleep(for: .milliseconds(20))
            }
            if let url = ready?["url"]?.string { address.learn(from: url) }
        }
    }

    private func close() async {
        await withTaskGroup(of: Void.self) { group in
            for slot in slots { group.addTask { await slot.close(within: .seconds(40)) } }
        }
    }

    /// How all processes of the run have ended.
    func ends() async -> [ProcessEnd] {
        var ends: [ProcessEnd] = []
        for slot in slots { ends += await slot.ends }
        return ends
    }

    func stop() {
        for provider in providers { provider.stop() }
        recorder.stop()
        database.stop()
    }
}
