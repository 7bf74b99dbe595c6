/// A model that was asked and could not answer, so that the next of the list was.
public struct ModelFailover: Sendable, Codable, Hashable {
    /// The model that was asked, as it was asked for.
    public let model: String
    /// The provider it was asked of, such as `anthropic`.
    public let provider: String
    /// What sort of failure it was, such as `overloaded` or `circuitOpen`.
    public let reason: String
    /// The failure in words.
    public let message: String

    /// What became of `model`.
    public init(model: String, _ error: ModelError) {
        self.model = model
        provider = error.provider
        reason = error.kind.rawValue
        message = error.message
    }

    /// As the events of a step show it.
    public func data(step: String) -> JSONValue {
        [
            "step": .string(step), "model": .string(model), "provider": .string(provider),
            "reason": .string(reason), "message": .string(message),
        ]
    }
}
