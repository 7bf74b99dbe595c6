import Foundation
public import SpotterDomain
import Synchronization

/// A model provider on loopback that speaks the wire formats of Anthropic's Messages and of OpenAI's Chat Completions and
/// Responses, and says what a test tells it to.
///
/// `anthropicURL` and `openAIURL` are what `ANTHROPIC_BASE_URL` and `OPENAI_BASE_URL` are set to.
public final class ProviderDouble: Sendable {
    /// One of the wire formats.
    public enum Format: String, Sendable, CaseIterable {
        case anthropic, openai, responses

        /// The provider whose format it is, as it stands in usage records.
        public var provider: String { self == .anthropic ? "anthropic" : "openai" }
    }

    /// A call that the double was asked to answer.
    public struct Call: Sendable {
        /// By its path.
        public let format: Format
        /// Names in lower case.
        public let headers: [String: String]
        /// The request's body.
        public let body: JSONValue
        /// How many calls came before it.
        public let number: Int

        /// Whether a stream is asked for.
        public var isStreaming: Bool { body["stream"]?.bool ?? false }
    }

    /// Decides what a call is answered with. Called on threads of the double's own.
    public typealias Script = @Sendable (Call) -> ProviderReply

    private let server: RawServer
    private let log: Log

    /// - Parameter script: decides about each call.
    public init(_ script: @escaping Script) throws {
        let log = Log()
        self.log = log
        server = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                guard let call = log.add(request) else {
                    try connection.respond(status: 404, body: "{\"error\":{\"message\":\"no such path\"}}")
                    continue
                }
                guard try Self.perform(script(call), for: call, on: connection) else { return }
            }
        }
    }

    /// Answers calls with these replies in order; each call after the last of them is refused with 400.
    public convenience init(replies: [ProviderReply]) throws {
        try self.init { call in
            guard replies.indices.contains(call.number) else {
                return .failure(
                    status: 400, body: #"{"error":{"type":"invalid_request_error","message":"the script is over"}}"#)
            }
            return replies[call.number]
        }
    }

    /// What `ANTHROPIC_BASE_URL` is set to.
    public var anthropicURL: String { server.url }
    /// What `OPENAI_BASE_URL` is set to.
    public var openAIURL: String { server.url + "/v1" }
    /// The calls so far.
    public var calls: [Call] { log.calls }
    /// How many connections were made so far.
    public var connectionCount: Int { server.connectionCount }

    /// Closes everything.
    public func stop() { server.stop() }

    /// - Returns: false when the connection is at its end.
    private static func perform(_ reply: ProviderReply, for call: Call, on connection: RawConnection) throws -> Bool {
        switch reply {
        case .answer(let answer):
            if call.isStreaming {
                try stream(answer, for: call, on: connection)
            } else {
                let body =
                    switch call.format {
                    case .anthropic: AnthropicScript.whole(answer, model: model(of: call))
                    case .openai: OpenAIScript.whole(answer, model: model(of: call))
                    case .responses: ResponsesScript.whole(answer, model: model(of: call))
                    }
                try connection.respond(
                    headers: requestId(call).merging(["Content-Type": "application/json"]) { $1 },
                    body: body.description)
            }
            return true
        case .failure(let status, let headers, let body):
            let headers = requestId(call).merging(["Content-Type": "application/json"]) { $1 }.merging(headers) { $1 }
            try connection.respond(status: status, headers: headers, body: body)
            return true
        case .steps(let steps):
            for step in steps { try perform(step, on: connection) }
            return false
        }
    }

    private static func stream(_ answer: ProviderAnswer, for call: Call, on connection: RawConnection) throws {
        var head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
        for (name, value) in requestId(call) { head += "\(name): \(value)\r\n" }
        try connection.write(head + "\r\n")
        let events =
            switch call.format {
            case .anthropic: AnthropicScript.events(answer, model: model(of: call))
            case .openai: OpenAIScript.events(answer, model: model(of: call))
            case .responses: ResponsesScript.events(answer, model: model(of: call))
            }
        for event in events {
            try connection.write(String(event.utf8.count, radix: 16) + "\r\n" + event + "\r\n")
        }
        try connection.write("0\r\n\r\n")
    }

    private static func perform(_ step: ProviderStep, on connection: RawConnection) throws {
        switch step {
        case .begin(let contentType): try connection.beginResponse(headers: ["Content-Type": contentType])
        case .write(let bytes): try connection.write(bytes)
        case .flood(let bytes): while true { try connection.write(bytes) }
        case .drip(let bytes, let milliseconds):
            while true {
                try connection.write(bytes)
                usleep(UInt32(milliseconds) * 1_000)
            }
        case .silence: connection.waitForClose()
        case .reset: connection.reset()
        }
    }

    private static func model(of call: Call) -> String { call.body["model"]?.string ?? "" }

    private static func requestId(_ call: Call) -> [String: String] {
        [call.format == .anthropic ? "request-id" : "x-request-id": "req_\(call.number)"]
    }
}

/// What came in.
private final class Log: Sendable {
    private let state = Mutex<[ProviderDouble.Call]>([])

    var calls: [ProviderDouble.Call] { state.withLock { $0 } }

    func add(_ request: RawRequest) -> ProviderDouble.Call? {
        let format: ProviderDouble.Format
        switch (request.method, request.target) {
        case ("POST", "/v1/messages"): format = .anthropic
        case ("POST", "/v1/chat/completions"): format = .openai
        case ("POST", "/v1/responses"): format = .responses
        default: return nil
        }
        guard let body = try? JSONParser.parse(request.body) else { return nil }
        return state.withLock { calls in
            let call = ProviderDouble.Call(
                format: format, headers: request.headers, body: body, number: calls.count)
            calls.append(call)
            return call
        }
    }
}
