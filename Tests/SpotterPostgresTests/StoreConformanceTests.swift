import SpotterTesting
import Testing

struct StoreConformanceTests {
    @Test(arguments: StoreConformance.behaviours)
    func `the memory stores keep every promise`(_ behaviour: StoreBehaviour) async throws {
        try await behaviour.check(.memory())
    }

    @Test(arguments: StoreConformance.behaviours)
    func `the PostgreSQL stores keep every promise`(_ behaviour: StoreBehaviour) async throws {
        try await behaviour.check(TestStores.shared.stores)
    }

    @Test(arguments: StoreConformance.queueBehaviours)
    func `the memory queue keeps every promise`(_ behaviour: StoreBehaviour) async throws {
        try await behaviour.check(.memory())
    }

    /// A database each, one after another: who claims takes from all organisations.
    @Test(.serialized, arguments: StoreConformance.queueBehaviours)
    func `the PostgreSQL queue keeps every promise`(_ behaviour: StoreBehaviour) async throws {
        let fresh = try await TestStores.fresh()
        try await behaviour.check(fresh.stores)
        try await fresh.close()
    }
}
