import HTTPClientKit
public import SpotterDomain

/// Reads answers that were written down, by the rules by which those of a connection are read: for looking into a case,
/// and for trying the readers with bytes that no provider would send.
public enum RecordedAnswer {
    /// In which form an answer is.
    public enum Form: String, Sendable, CaseIterable {
        case anthropic, chat, responses
    }

    /// A streamed answer, in the pieces in which it came.
    public static func stream(_ pieces: [[UInt8]], form: Form) -> Result<ModelResponse, ModelError> {
        switch form {
        case .anthropic: stream(pieces, AnthropicWire.self)
        case .chat: stream(pieces, OpenAIWire.self)
        case .responses: stream(pieces, ResponsesWire.self)
        }
    }

    /// An answer that came in one piece.
    public static func whole(_ body: [UInt8], form: Form) -> Result<ModelResponse, ModelError> {
        switch form {
        case .anthropic: whole(body, AnthropicWire.self)
        case .chat: whole(body, OpenAIWire.self)
        case .responses: whole(body, ResponsesWire.self)
        }
    }

    private static let request = ModelRequest(model: "recorded", system: "", messages: [])
    private static let eventLimit = 64 << 10

    private static func stream<Wire: WireFormat>(
        _ pieces: [[UInt8]], _ wire: Wire.Type
    ) -> Result<ModelResponse, ModelError> {
        var parser = ServerSentEventParser(maximumEventBytes: eventLimit)
        var decoder = Wire.decoder(for: request)
        do {
            for piece in pieces {
                for event in try parser.feed(piece) where !decoder.isEnded { _ = try decoder.receive(event) }
            }
            return .success(try decoder.response())
        } catch let error as ModelError {
            return .failure(error)
        } catch {
            return .failure(ModelError(.malformed, provider: Wire.provider, message: "an event is too large"))
        }
    }

    private static func whole<Wire: WireFormat>(
        _ body: [UInt8], _ wire: Wire.Type
    ) -> Result<ModelResponse, ModelError> {
        guard let json = WireJSON.parse(body), json.object != nil else {
            return .failure(ModelError(.malformed, provider: Wire.provider, message: "the answer is not JSON"))
        }
        if let failure = Wire.failure(json) {
            let kind = ProviderStatus.refined(failure) ?? .serverError
            return .failure(ModelError(kind, provider: Wire.provider, message: failure.message))
        }
        do throws(ModelError) {
            return .success(try Wire.response(json, to: request))
        } catch {
            return .failure(error)
        }
    }
}
