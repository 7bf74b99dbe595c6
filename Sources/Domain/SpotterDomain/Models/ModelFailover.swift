/// A model that could not answer, or for which a budget had no room, so that the next of the list was asked.
public struct ModelFailover: Sendable, Codable, Hashable {
    /// The model that was asked, as it was asked for.
    public let model: String
    /// The provider it was asked of, such as `anthropic`.
    public let provider: String
    /// What sort of failure it was, such as `overloaded` or `circuitOpen`; or why it was passed over, such as
    /// `model_unpriced`.
    public let reason: String
    /// The failure in words.
    public let message: String

    /// A model that was not to be had.
    public init(model: String, provider: String, reason: String, message: String) {
        self.model = model
        self.provider = provider
        self.reason = reason
        self.message = message
    }

    /// What became of `model`.
    public init(model: String, _ error: ModelError) {
        self.init(model: model, provider: error.provider, reason: error.kind.rawValue, message: error.message)
    }

    /// As the events of a step show it.
    public func data(step: String) -> JSONValue {
        [
            "step": .string(step), "model": .string(model), "provider": .string(provider),
            "reason": .string(reason), "message": .string(message),
        ]
    }
}
