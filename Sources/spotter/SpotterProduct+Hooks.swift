import EventLoopKit
import Foundation
import HTTPServerKit
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterSecrets
import SpotterWorkflows
import Synchronization

extension SpotterProduct {
    func hooks(organization: String) async throws -> [(hook: Hook, endpoint: HookEndpoint?)] {
        try await withScope(organization) { application, scope in
            var found: [(hook: Hook, endpoint: HookEndpoint?)] = []
            var after: Cursor?
            repeat {
                let page = try await application.hooks.list(PageRequest(limit: 200, after: after), in: scope)
                for hook in page.items {
                    found.append((hook, try await application.hooks.endpoint(of: hook, in: scope)))
                }
                after = page.next
            } while after != nil
            return found
        }
    }

    /// Says what lets messages come to this machine, where nothing does.
    private static func allowing<Value>(_ port: Int, _ make: () async throws -> Value) async throws -> Value {
        do { return try await make() } catch let error as SpotterError
            where error.issues.contains(where: { $0.pointer == "/url" })
        {
            throw SpotterError(
                .invalid,
                "Nothing is sent to this machine unless it is allowed: start the server and this command with "
                    + "SPOTTER_HTTP_ALLOW_PRIVATE=127.0.0.1:\(port).")
        }
    }

    func listen(_ order: HookListening, onHearing: @escaping @Sendable (HookHearing) -> Void) async throws {
        try await withScope(order.organization) { application, scope in
            let listener = HookListener(order, log: log, onHearing)
            let server = HTTPServer(
                configuration: HTTPServerConfiguration(host: "127.0.0.1", port: order.port), loops: application.loops,
                responder: listener, log: log)
            try server.bind()
            let now = application.clock.now()
            let url = "http://127.0.0.1:\(order.port)/"
            try await application.secrets.load(requiringKeys: true)
            let hook: Hook
            if let given = order.hook {
                hook = try await application.hooks.hook(given, in: scope)
                listener.know(try application.hooks.signingSecrets(of: given, in: scope))
            } else {
                let settings = HookSettings(
                    name: "Listener \(UUID().uuidString.prefix(8))", target: HookTarget(url: url, events: order.events))
                let made = try await Self.allowing(order.port) {
                    try await application.hooks.create(settings, secret: nil, at: now, in: scope)
                }
                hook = made.hook
                listener.know([made.secret].compactMap(\.self))
            }
            let signals = ProcessSignals()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await server.run() }
                group.addTask {
                    for await signal in signals.stream where signal == .stop { break }
                    listener.end()
                }
                onHearing(.ready(hook.id, url: hook.settings.target?.url ?? url))
                await listener.ended()
                // The hook goes first, so that nothing is sent to where nobody listens.
                if order.hook == nil {
                    try? await application.hooks.delete(hook.id, version: nil, at: application.clock.now(), in: scope)
                }
                server.shutDown()
                group.cancelAll()
            }
        }
    }
}

/// Takes what is sent to `spotter hooks listen`.
private final class HookListener: HTTPResponder {
    private struct State {
        var secrets: [String] = []
        var count = 0
    }

    private let order: HookListening
    private let log: Log
    private let onHearing: @Sendable (HookHearing) -> Void
    private let state = Mutex(State())
    private let (ends, ending) = AsyncStream.makeStream(of: Void.self)

    init(_ order: HookListening, log: Log, _ onHearing: @escaping @Sendable (HookHearing) -> Void) {
        self.order = order
        self.log = log
        self.onHearing = onHearing
    }

    func know(_ secrets: [String]) {
        for secret in secrets { log.redact(secret) }
        state.withLock { $0.secrets = secrets }
    }

    func end() { ending.finish() }

    func ended() async { for await _ in ends {} }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let message = HookMessage(
            method: request.method.rawValue, url: request.target,
            headers: request.headers.map { (name: $0.name, value: $0.value) }, body: request.body)
        var problem: String?
        do {
            _ = try WebhookJudge().verify(
                message, style: .standard, secrets: state.withLock(\.secrets), at: Date())
        } catch {
            problem = "\(error)"
        }
        onHearing(
            .message(
                id: request.headers["webhook-id"] ?? "", body: String(decoding: request.body, as: UTF8.self),
                problem: problem))
        let isEnough = state.withLock { state in
            state.count += 1
            return order.count.map { state.count >= $0 } ?? false
        }
        if isEnough { end() }
        return HTTPResponse(status: problem == nil ? 204 : 401)
    }
}
