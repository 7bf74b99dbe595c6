import EventLoopKit
import HTTPServerKit
import ServiceKit
import Synchronization

/// A responder made of closures.
struct TestResponder: HTTPResponder {
    var limit: @Sendable (HTTPRequestHead) -> Int = { _ in 1 << 20 }
    var answer: @Sendable (HTTPRequest) async -> HTTPResponse

    func bodyLimit(for head: HTTPRequestHead) -> Int { limit(head) }
    func respond(to request: HTTPRequest) async -> HTTPResponse { await answer(request) }
    func errorResponse(status: Int, detail: String, remoteAddress: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["content-type": "text/test"], body: .bytes(Array(detail.utf8)))
    }

    /// Answers with the method, the target and the body.
    static let echo = TestResponder { request in
        .text(200, "\(request.method.rawValue) \(request.target) \(String(decoding: request.body, as: UTF8.self))")
    }
}

/// What a running server is given to a test as.
struct TestServer: Sendable {
    let port: Int
    let server: HTTPServer
    /// Returns when `run()` has returned.
    let running: Task<Void, any Error>

    /// Runs blocking client code on a thread of its own.
    func client<Value: Sendable>(_ work: @escaping @Sendable (RawClient) throws -> Value) async throws -> Value {
        let port = port
        return try await onThread { try work(RawClient(port: port)) }
    }

    /// Sends `text` and returns the first response.
    func response(to text: String) async throws -> (status: Int, text: String, headers: [String: String]) {
        try await client { client in
            try client.send(text)
            let response = try client.response()
            return (response.status, response.text, response.headers)
        }
    }
}

/// Runs a server on a free port for as long as `body` takes.
func withServer<Value: Sendable>(
    _ responder: TestResponder = .echo, loops count: Int = 1, log: Log = .silent,
    configure: (inout HTTPServerConfiguration) -> Void = { _ in }, _ body: (TestServer) async throws -> Value
) async throws -> Value {
    var configuration = HTTPServerConfiguration(port: 0)
    configuration.sweepInterval = .milliseconds(10)
    configuration.lingerTimeout = .milliseconds(200)
    configuration.drainGrace = .seconds(5)
    configure(&configuration)
    let loops = EventLoopGroup(count: count)
    let server = HTTPServer(configuration: configuration, loops: loops, responder: responder, log: log)
    let port = try server.bind()
    let running = Task { try await server.run() }
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(TestServer(port: port, server: server, running: running)))
    } catch { result = .failure(error) }
    running.cancel()
    try await running.value
    loops.stop()
    return try result.get()
}

/// Something that happens once, and that a test can wait for.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func fire() { continuation.yield() }

    /// Waits for the next `fire()`; false when the test's task was cancelled first.
    @discardableResult
    func wait() async -> Bool {
        for await _ in stream { return true }
        return false
    }
}

/// A number that several threads count on.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .acquiring) }
    @discardableResult
    func add(_ number: Int = 1) -> Int { count.add(number, ordering: .acquiringAndReleasing).newValue }
}
