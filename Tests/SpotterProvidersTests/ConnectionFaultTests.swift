import EventLoopKit
import HTTPClientKit
import HTTPServerKit
import ServiceKit
import SpotterDomain
import SpotterProviders
import SpotterTesting
import Testing

/// Providers that cannot be reached, or that say too little: every fault ends in a typed error, within bounds of time.
@Suite(.timeLimit(.minutes(5))) struct ConnectionFaultTests {
    private static func provider(
        _ format: ProviderDouble.Format, at url: String, _ client: HTTPClient = sharedClient,
        _ sleeps: Recorder<Duration> = Recorder()
    ) throws -> any ModelProvider {
        var timing = CallTiming()
        timing.connectTimeout = .seconds(120)
        timing.sleep = { sleeps.add($0) }
        let access = ProviderAccess(
            format == .anthropic ? .anthropic : .openai, apiKey: secretKey, baseURL: url,
            api: format == .responses ? .responses : .chat)
        guard let access else { throw CancellationError() }
        return format == .anthropic
            ? AnthropicProvider(client: client, access: access, timing: timing)
            : OpenAIProvider(client: client, access: access, timing: timing)
    }

    private static func failure(_ provider: any ModelProvider, isStreaming: Bool) async -> ModelError? {
        do {
            _ = try await provider.complete(.sample(isStreaming: isStreaming)) { _ in }
            return nil
        } catch {
            return error as? ModelError
        }
    }

    @Test(arguments: everyWay)
    func `a name without an address is unreachable, after two attempts more`(
        way: (ProviderDouble.Format, Bool)
    ) async throws {
        let sleeps = Recorder<Duration>()
        let provider = try Self.provider(way.0, at: "http://no-such-host.invalid", sharedClient, sleeps)
        let error = await Self.failure(provider, isStreaming: way.1)
        #expect(error?.kind == .unreachable)
        #expect(error?.usage == nil)
        #expect(sleeps.values.count == 2)
    }

    @Test(arguments: everyWay)
    func `a certificate that has expired is no connection, and nothing is sent or tried again`(
        way: (ProviderDouble.Format, Bool)
    ) async throws {
        let certificate = try TestCertificate(validity: -7_200 ... -3_600)
        var settings = HTTPServerConfiguration(port: 0)
        settings.tls = .init(certificateChain: certificate.chain, privateKey: certificate.key)
        let loops = EventLoopGroup(count: 1)
        let asked = Recorder<String>()
        let server = HTTPServer(
            configuration: settings, loops: loops, responder: Listener(asked: asked), log: .silent)
        let port = try server.bind()
        let running = Task { try await server.run() }
        let loop = EventLoop(name: "provider-tls")
        var trusting = HTTPClient.Configuration()
        trusting.certificateAuthorityFile = certificate.chain
        let client = HTTPClient(loops: [loop], configuration: trusting)
        let sleeps = Recorder<Duration>()
        let provider = try Self.provider(way.0, at: "https://localhost:\(port)", client, sleeps)
        let error = await Self.failure(provider, isStreaming: way.1)
        running.cancel()
        try await running.value
        loops.stop()
        #expect(error?.kind == .unreachable)
        #expect(error.map { !$0.message.contains("canary") } ?? false)
        #expect(sleeps.values.isEmpty)
        #expect(asked.values.isEmpty)
    }

    @Test(arguments: everyWay)
    func `a byte now and then ends at the call's deadline`(way: (ProviderDouble.Format, Bool)) async throws {
        let fixture = try ProviderFixture { call in
            .steps([
                .begin(contentType: call.isStreaming ? "text/event-stream" : "application/json"),
                .drip(Array(" ".utf8), milliseconds: 20),
            ])
        }
        let error = await fixture.failure(way.0, .sample(isStreaming: way.1, timeout: .milliseconds(300)))
        #expect(error?.kind == .timedOut)
        #expect(fixture.double.calls.count == 1)
    }

    @Test(arguments: everyWay)
    func `a body without an end is cut at its limit`(way: (ProviderDouble.Format, Bool)) async throws {
        let fixture = try ProviderFixture { _ in
            .steps([.begin(contentType: "application/json"), .flood([UInt8](repeating: 0x20, count: 1 << 20))])
        }
        // Time enough for a busy machine to read all of it.
        let error = await fixture.failure(way.0, .sample(isStreaming: way.1, timeout: .seconds(600)))
        #expect(error?.kind == .malformed)
    }
}

/// Notes what it is asked.
private struct Listener: HTTPResponder {
    let asked: Recorder<String>

    func bodyLimit(for head: HTTPRequestHead) -> Int { 1 << 20 }
    func respond(to request: HTTPRequest) async -> HTTPResponse {
        asked.add(request.target)
        return HTTPResponse(status: 200, headers: [:], body: .bytes([]))
    }
    func errorResponse(status: Int, detail: String, remoteAddress: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: [:], body: .bytes([]))
    }
}
