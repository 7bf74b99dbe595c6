import SpotterDomain

/// A provider that gives an answer again where the very same was asked before; see `ResponseCache`.
///
/// A class, as whoever waits for an answer keeps room for it; see `ModelCall`.
final class CachedProvider: ModelProvider {
    private let provider: any ModelProvider
    private let cache: ResponseCache
    private let kind: ProviderKind
    private let organization: OrganizationID
    private let life: Duration

    /// - Parameter life: how long an answer is given again.
    init(
        provider: any ModelProvider, cache: ResponseCache, kind: ProviderKind, organization: OrganizationID,
        life: Duration
    ) {
        self.provider = provider
        self.cache = cache
        self.kind = kind
        self.organization = organization
        self.life = life
    }

    var name: String { provider.name }

    func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse {
        guard let key = ResponseCache.Key(request, kind: kind) else {
            return try await provider.complete(request, onDelta: onDelta)
        }
        if let response = cache.answer(to: key, of: organization) {
            do {
                if request.isStreaming { try await tell(response, onDelta) }
            } catch {
                throw CallNotMade(error)
            }
            return response
        }
        let response = try await provider.complete(request, onDelta: onDelta)
        cache.keep(response, to: key, of: organization, for: life)
        return response
    }

    /// The reader of a stream sees the answer as if it had come at once.
    private func tell(
        _ response: ModelResponse, _ onDelta: @Sendable (ModelDelta) async throws -> Void
    ) async throws {
        for part in response.message.parts {
            switch part {
            case .text(let text): try await onDelta(.text(text))
            case .thinking(let text, _, _): if !text.isEmpty { try await onDelta(.thinking(text)) }
            case .toolCall(let call): try await onDelta(.toolCallStarted(id: call.id, name: call.name))
            case .redactedThinking, .toolResult: break
            }
        }
    }
}
