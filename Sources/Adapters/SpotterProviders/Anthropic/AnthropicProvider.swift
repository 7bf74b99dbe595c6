public import HTTPClientKit
public import SpotterDomain

/// Models behind Anthropic's Messages API.
public struct AnthropicProvider: ModelProvider {
    /// As it stands in errors and usage records.
    public var name: String { AnthropicWire.provider }

    private let client: HTTPClient
    private let access: ProviderAccess
    private let timing: CallTiming
    private let onLimits: @Sendable (RateLimits) -> Void

    /// - Parameters:
    ///   - client: sends the calls.
    ///   - access: the address and the key.
    ///   - timing: how long silence is borne and how retries wait.
    ///   - onLimits: is told what each answer says of how much more the provider would take.
    public init(
        client: HTTPClient, access: ProviderAccess, timing: CallTiming = CallTiming(),
        onLimits: @escaping @Sendable (RateLimits) -> Void = { _ in }
    ) {
        self.onLimits = onLimits
        self.client = client
        self.access = access
        self.timing = timing
    }

    /// Runs the call, with retries where they are safe; see `ModelProvider`.
    public func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse {
        try await call(request, onDelta).run()
    }

    @inline(never)
    private func call(
        _ request: ModelRequest, _ onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) -> ModelCall<AnthropicWire> {
        ModelCall(
            client: client, access: access, timing: timing, request: request, onLimits: onLimits, onDelta: onDelta)
    }
}
