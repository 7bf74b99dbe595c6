public import HTTPClientKit
public import SpotterDomain

/// Models behind Anthropic's Messages API.
public struct AnthropicProvider: ModelProvider {
    /// As it stands in errors and usage records.
    public var name: String { AnthropicWire.provider }

    private let client: HTTPClient
    private let access: ProviderAccess
    private let timing: CallTiming

    /// - Parameters:
    ///   - client: sends the calls.
    ///   - access: the address and the key.
    ///   - timing: how long silence is borne and how retries wait.
    public init(client: HTTPClient, access: ProviderAccess, timing: CallTiming = CallTiming()) {
        self.client = client
        self.access = access
        self.timing = timing
    }

    /// Runs the call, with retries where they are safe; see `ModelProvider`.
    public func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse {
        try await ModelCall<AnthropicWire>(
            client: client, access: access, timing: timing, request: request, onDelta: onDelta
        ).run()
    }
}
