public import HTTPClientKit
public import SpotterDomain

/// The two forms in which OpenAI's models are asked.
public enum OpenAIAPI: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// The Responses API: keeps a reasoning model's thinking from call to call.
    case responses
    /// Chat Completions, which many other servers speak too.
    case chat
}

/// Models behind OpenAI's APIs, or a server that speaks one of them.
public struct OpenAIProvider: ModelProvider {
    /// As it stands in errors and usage records.
    public var name: String { OpenAIWire.provider }

    private let client: HTTPClient
    private let access: ProviderAccess
    private let timing: CallTiming
    private let onLimits: @Sendable (RateLimits) -> Void

    /// - Parameters:
    ///   - client: sends the calls.
    ///   - access: the address, the key, and which of the two forms is spoken there.
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
        switch access.openAIAPI {
        case .responses: try await call(ResponsesWire.self, request, onDelta).run()
        case .chat: try await call(OpenAIWire.self, request, onDelta).run()
        }
    }

    @inline(never)
    private func call<Wire: WireFormat>(
        _ wire: Wire.Type, _ request: ModelRequest,
        _ onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) -> ModelCall<Wire> {
        ModelCall(
            client: client, access: access, timing: timing, request: request, onLimits: onLimits, onDelta: onDelta)
    }
}
