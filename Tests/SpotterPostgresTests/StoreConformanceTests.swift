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
}
