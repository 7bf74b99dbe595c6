import MetricsKit
public import SpotterDomain
import Synchronization

/// A catalogue whose providers tell how long calls took, and how soon the first word came.
public struct MeteredModels: ModelCatalog {
    private let catalog: any ModelCatalog
    private let meters: Meters

    /// The same catalogue, measured.
    public init(_ catalog: any ModelCatalog, _ meters: Meters) {
        self.catalog = catalog
        self.meters = meters
    }

    /// As the catalogue does; the provider is measured.
    public func provider(
        forModel model: String, fallback: String?, in scope: OrganizationScope
    ) throws -> (provider: any ModelProvider, model: String) {
        let (provider, name) = try catalog.provider(forModel: model, fallback: fallback, in: scope)
        return (MeteredProvider(provider, meters), name)
    }

    /// As the catalogue does.
    public func fallbacks(forModel model: String, in scope: OrganizationScope) -> [String] {
        catalog.fallbacks(forModel: model, in: scope)
    }

    /// As the catalogue does.
    public func contextWindow(ofModel model: String) -> Int? { catalog.contextWindow(ofModel: model) }
}

/// A class, as whoever waits for an answer keeps room for it.
private final class MeteredProvider: ModelProvider {
    private let provider: any ModelProvider
    private let meters: Meters

    init(_ provider: any ModelProvider, _ meters: Meters) {
        self.provider = provider
        self.meters = meters
    }

    var name: String { provider.name }

    func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse {
        let call = MeteredCall(meters, name)
        defer { call.end() }
        guard request.isStreaming else { return try await provider.complete(request, onDelta: onDelta) }
        return try await provider.complete(request) { delta in
            call.hear()
            try await onDelta(delta)
        }
    }
}

/// One call on its way.
private final class MeteredCall: Sendable {
    private let meters: Meters
    private let provider: String
    private let start = ContinuousClock.now
    private let hasSpoken = Atomic<Bool>(false)

    init(_ meters: Meters, _ provider: String) {
        self.meters = meters
        self.provider = provider
    }

    func hear() {
        guard !hasSpoken.exchange(true, ordering: .relaxed) else { return }
        meters.firstToken(provider).record(start.duration(to: .now))
    }

    func end() { meters.modelDuration(provider).record(start.duration(to: .now)) }
}
