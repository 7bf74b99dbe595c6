import SpotterCommandLine
import SpotterDomain

extension SpotterProduct {
    func benchHTTP(
        _ options: BenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchResult] { throw SpotterError(.unavailable, "later") }
}
