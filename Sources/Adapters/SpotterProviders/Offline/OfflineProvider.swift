public import SpotterDomain

/// The model `offline`: answers without a network, a key or a cost, so that everything around a model can be tried.
///
/// It matches words and does not reason; what it says follows from the request alone, the same every time.
public struct OfflineProvider: ModelProvider {
    /// The name of the provider and of its only model.
    public static let name = "offline"

    /// `offline`
    public var name: String { Self.name }

    /// There is nothing to configure.
    public init() {}

    /// Answers at once, in small pieces when streaming.
    public func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse {
        try Task.checkCancellation()
        let response = ExampleScript(model: request.model)?.answer(request) ?? OfflineModel().answer(request)
        guard request.isStreaming else { return response }
        for part in response.message.parts {
            switch part {
            case .text(let text):
                for piece in Self.pieces(of: text) {
                    try Task.checkCancellation()
                    try await onDelta(.text(piece))
                }
            case .toolCall(let call): try await onDelta(.toolCallStarted(id: call.id, name: call.name))
            default: break
            }
        }
        return response
    }

    /// Three words at a time, with what stands between them; together they are the text.
    static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        var words = 0
        var wasSpace = true
        for character in text {
            if wasSpace, !character.isWhitespace {
                if words == 3 {
                    pieces.append(piece)
                    piece = ""
                    words = 0
                }
                words += 1
            }
            wasSpace = character.isWhitespace
            piece.append(character)
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
