import Foundation

/// One message of a browser: the answer to a command, or an event (Chrome DevTools Protocol).
public struct DevToolsFrame: Sendable {
    /// What it is.
    public enum Kind: Sendable, Hashable {
        /// The answer to the command of that number.
        case answer(Int)
        /// The command of that number was refused, with the browser's words.
        case refusal(Int, String)
        /// Something happened.
        case event(String)
    }

    /// What it is.
    public let kind: Kind
    /// The page that it is about; nil for the browser itself.
    public let session: String?
    private let bytes: [UInt8]

    private struct Envelope: Decodable {
        struct Refusal: Decodable { let message: String? }
        let id: Int?
        let method: String?
        let sessionId: String?
        let error: Refusal?
    }

    private struct Answer<Result: Decodable>: Decodable { let result: Result }
    private struct Event<Parameters: Decodable>: Decodable { let params: Parameters }

    /// Reads a frame, without its zero byte.
    public init(_ bytes: [UInt8]) throws(DevToolsError) {
        let envelope: Envelope
        do {
            envelope = try JSONDecoder().decode(Envelope.self, from: Data(bytes))
        } catch { throw .protocolViolation("a frame is no JSON object of the protocol") }
        switch (envelope.id, envelope.method) {
        case (let id?, _):
            kind = envelope.error.map { .refusal(id, $0.message ?? "no reason given") } ?? .answer(id)
        case (nil, let method?): kind = .event(method)
        case (nil, nil): throw .protocolViolation("a frame is neither an answer nor an event")
        }
        session = envelope.sessionId
        self.bytes = bytes
    }

    /// What an answer says.
    public func result<Result: Decodable>(as type: Result.Type) throws(DevToolsError) -> Result {
        do { return try JSONDecoder().decode(Answer<Result>.self, from: Data(bytes)).result } catch {
            throw .protocolViolation("an answer has not the form that was asked for")
        }
    }

    /// What an event says.
    public func parameters<Parameters: Decodable>(as type: Parameters.Type) throws(DevToolsError) -> Parameters {
        do { return try JSONDecoder().decode(Event<Parameters>.self, from: Data(bytes)).params } catch {
            throw .protocolViolation("an event has not the form that was expected")
        }
    }
}
