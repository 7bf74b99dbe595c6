import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterDomain
import SpotterProviders
import SpotterTesting
import Synchronization

/// One loop and one client for every test.
let sharedClient = HTTPClient(loops: [EventLoop(name: "provider-tests")])

/// The key that no error may show.
let secretKey = "sk-canary-0123456789"

/// Providers joined to a double, whose waiting takes no time and is written down.
struct ProviderFixture: Sendable {
    let double: ProviderDouble
    let sleeps = Recorder<Duration>()
    let deltas = Recorder<ModelDelta>()
    var silenceLimit: Duration = .seconds(20)
    var random = 1.0
    var now = Date(timeIntervalSince1970: 784_111_777)

    init(_ replies: ProviderReply...) throws { double = try ProviderDouble(replies: replies) }

    init(script: @escaping ProviderDouble.Script) throws { double = try ProviderDouble(script) }

    func provider(_ format: ProviderDouble.Format) throws -> any ModelProvider {
        var timing = CallTiming()
        timing.connectTimeout = .seconds(120)
        timing.silenceLimit = silenceLimit
        timing.sleep = { [sleeps] in sleeps.add($0) }
        timing.random = { [random] in random }
        timing.now = { [now] in now }
        let kind: ProviderKind = format == .anthropic ? .anthropic : .openai
        let url = format == .anthropic ? double.anthropicURL : double.openAIURL
        let api: OpenAIAPI = format == .responses ? .responses : .chat
        guard let access = ProviderAccess(kind, apiKey: secretKey, baseURL: url, api: api) else {
            throw CancellationError()
        }
        return format == .anthropic
            ? AnthropicProvider(client: sharedClient, access: access, timing: timing)
            : OpenAIProvider(client: sharedClient, access: access, timing: timing)
    }

    /// Asks the double, and keeps the deltas.
    func complete(_ format: ProviderDouble.Format, _ request: ModelRequest) async throws -> ModelResponse {
        try await provider(format).complete(request) { [deltas] in deltas.add($0) }
    }

    /// The error that a call ends with.
    func failure(_ format: ProviderDouble.Format, _ request: ModelRequest = .sample()) async -> ModelError? {
        do {
            _ = try await complete(format, request)
            return nil
        } catch {
            return error as? ModelError
        }
    }
}

/// A list that several threads may add to.
final class Recorder<Value: Sendable>: Sendable {
    private let list = Mutex<[Value]>([])
    var values: [Value] { list.withLock { $0 } }
    func add(_ value: Value) { list.withLock { $0.append(value) } }
}

extension ModelRequest {
    /// With time enough for a machine that does a thousand other tests meanwhile.
    static func sample(
        model: String = "some-model", messages: [ModelMessage] = [.user("Hello")], isStreaming: Bool = true,
        timeout: Duration = .seconds(600)
    ) -> ModelRequest {
        ModelRequest(
            model: model, system: "Be kind.", messages: messages, tools: [.search], temperature: 0.5,
            maxOutputTokens: 500, isStreaming: isStreaming, timeout: timeout)
    }
}

extension ToolDescription {
    static let search = ToolDescription(name: "search", summary: "Finds clients.", parameters: JSONSchema(.object))
}

/// Every combination of a wire format and a way to answer.
let everyWay: [(format: ProviderDouble.Format, isStreaming: Bool)] = ProviderDouble.Format.allCases.flatMap {
    [($0, true), ($0, false)]
}
