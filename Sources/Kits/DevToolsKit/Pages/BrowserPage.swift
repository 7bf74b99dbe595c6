import Foundation
import ServiceKit
import Synchronization

/// One page in a context of its own: what it reads and keeps, no other page sees, and it is gone when it is closed.
///
/// Every request of it, of its frames and of its workers goes to `fetch`. Scripts of this kit's user run in a world
/// apart, where the page's own scripts have no say.
public final class BrowserPage: Sendable {
    /// Gives the page what it asks for; nil refuses it.
    public typealias Fetch = @Sendable (ResourceRequest) async -> ResourceResponse?

    /// What a page may use.
    public struct Bounds: Sendable {
        /// How long it may load before what is there counts.
        public var load: Duration = .seconds(15)
        /// How long one script may take.
        public var script: Duration = .seconds(8)
        /// The most requests between one call of `navigate` or `settle` and the next.
        public var requests = 300

        /// The defaults of each.
        public init() {}
    }

    private struct State {
        var world: Int?
        var document = 0
        var pending = 0
        var requests = 0
        var isClosing = false
    }

    private let connection: DevToolsConnection
    private let bounds: Bounds
    private let context: String
    private let target: String
    private let session: String
    private let fetch: Fetch
    private let state = Mutex(State())
    private let paused: AsyncStream<PausedRequest>.Continuation
    private let serving = Mutex<Task<Void, Never>?>(nil)

    private init(
        _ connection: DevToolsConnection, _ bounds: Bounds, context: String, target: String, session: String,
        fetch: @escaping Fetch
    ) {
        self.connection = connection
        self.bounds = bounds
        self.context = context
        self.target = target
        self.session = session
        self.fetch = fetch
        let (requests, paused) = AsyncStream.makeStream(of: PausedRequest.self, bufferingPolicy: .bufferingOldest(512))
        self.paused = paused
        // Ends with `dispose`: requests come whenever the page likes, whoever waits for it.
        let task = Task { [self] in
            await withDiscardingTaskGroup { group in
                for await request in requests { group.addTask { [self] in await serve(request) } }
                group.cancelAll()
            }
        }
        serving.withLock { $0 = task }
    }

    // MARK: Life

    private struct ContextMade: Decodable, Sendable { let browserContextId: String }
    private struct TargetMade: Decodable, Sendable { let targetId: String }
    private struct Attached: Decodable, Sendable { let sessionId: String }

    static func open(
        on connection: DevToolsConnection, _ bounds: Bounds, fetch: @escaping Fetch
    ) async throws -> BrowserPage {
        let context = try await connection.call(
            "Target.createBrowserContext", ["disposeOnDetach": true], as: ContextMade.self
        ).browserContextId
        do {
            try await connection.call(
                "Browser.setDownloadBehavior", ["behavior": "deny", "browserContextId": context], as: Nothing.self)
            let target = try await connection.call(
                "Target.createTarget", ["url": "about:blank", "browserContextId": context], as: TargetMade.self
            ).targetId
            let session = try await connection.call(
                "Target.attachToTarget", Attach(targetId: target), as: Attached.self
            ).sessionId
            let page = BrowserPage(
                connection, bounds, context: context, target: target, session: session, fetch: fetch)
            do { try await page.prepare() } catch {
                page.stopServing()
                throw error
            }
            return page
        } catch {
            connection.tell("Target.disposeBrowserContext", ["browserContextId": context])
            throw error
        }
    }

    private struct Attach: Encodable, Sendable {
        let targetId: String
        let flatten = true
    }
    private struct Patterns: Encodable, Sendable { let patterns = [["urlPattern": "*"]] }

    private func prepare() async throws {
        connection.listen(to: session) { [weak self] frame in self?.hear(frame) }
        // First of all: from here on nothing is asked for that does not come by here.
        try await command("Fetch.enable", Patterns())
        try await command("Page.enable", Nothing())
        try await command("Inspector.enable", Nothing())
        try await command("Network.enable", Nothing())
        try await command("Network.setBypassServiceWorker", ["bypass": true])
        try await command("Page.setInterceptFileChooserDialog", ["enabled": true])
        try await command("Page.addScriptToEvaluateOnNewDocument", ["source": Self.quiet])
    }

    /// Takes from pages what only leads away from them; what is left of it has no way to the network all the same.
    private static let quiet = """
        for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport", "open", "print"]) {
          try { delete globalThis[name]; Object.defineProperty(globalThis, name, { value: undefined }); } catch {}
        }
        """

    /// True for the first who asks.
    func beginClosing() -> Bool {
        state.withLock { state in
            defer { state.isClosing = true }
            return !state.isClosing
        }
    }

    func dispose() async {
        stopServing()
        _ = try? await connection.call(
            "Target.disposeBrowserContext", ["browserContextId": context], as: Nothing.self)
    }

    private func stopServing() {
        connection.listen(to: session, nil)
        paused.finish()
        serving.withLock { $0?.cancel() }
    }

    // MARK: Requests

    private func hear(_ frame: DevToolsFrame) {
        switch frame.kind {
        case .event("Fetch.requestPaused"):
            guard let request = try? frame.parameters(as: PausedRequest.self) else { return }
            let isAllowed = state.withLock { state in
                state.requests += 1
                guard state.requests <= bounds.requests else { return false }
                state.pending += 1
                return true
            }
            guard isAllowed else { return refuse(request) }
            if case .enqueued = paused.yield(request) { return }
            refuse(request)
            state.withLock { $0.pending -= 1 }
        case .event("Page.javascriptDialogOpening"):
            connection.tell("Page.handleJavaScriptDialog", ["accept": false], session: session)
        case .event("Inspector.targetCrashed"): connection.abandon(session)
        default: break
        }
    }

    private struct Fulfilment: Encodable, Sendable {
        let requestId: String
        let responseCode: Int
        let responseHeaders: [[String: String]]
        let body: String
    }

    private func serve(_ paused: PausedRequest) async {
        defer { state.withLock { $0.pending -= 1 } }
        let request = paused.request(mainFrame: target)
        guard !request.hasUnknownBody, request.purpose != .decoration, let response = await fetch(request) else {
            return refuse(paused)
        }
        connection.tell(
            "Fetch.fulfillRequest",
            Fulfilment(
                requestId: paused.id, responseCode: response.status,
                responseHeaders: response.headers.map { ["name": $0.name, "value": $0.value] },
                body: Data(response.body).base64EncodedString()), session: session)
    }

    private func refuse(_ request: PausedRequest) {
        connection.tell(
            "Fetch.failRequest", ["requestId": request.id, "errorReason": "AccessDenied"], session: session)
    }

    // MARK: What is done with it

    private struct Navigated: Decodable, Sendable {
        let errorText: String?
    }

    /// Goes to an address and waits until the page has loaded, as far as it does within its time.
    ///
    /// - Returns: whether there is a page now.
    public func navigate(to url: String) async throws -> Bool {
        state.withLock { $0.requests = 0 }
        let answer = try await connection.call(
            "Page.navigate", ["url": url], session: session, within: bounds.load + .seconds(2), as: Navigated.self)
        return answer.errorText == nil
    }

    /// Waits until nothing is asked for any more; returns whether it came to that within the page's time.
    public func settle() async throws -> Bool {
        let end = ContinuousClock.now + bounds.load
        var calm = 0
        while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(60))
            guard state.withLock({ $0.pending == 0 }), try await isReady() else {
                calm = 0
                continue
            }
            calm += 1
            if calm == 3 { return true }
        }
        return false
    }

    /// What is asked for from now on counts towards a bound of its own.
    public func beginAct() { state.withLock { $0.requests = 0 } }

    private func isReady() async throws -> Bool {
        do {
            return try await run("() => document.readyState !== 'loading'", Nothing(), as: Bool.self).value
        } catch DevToolsError.refused { return false } catch DevToolsError.protocolViolation { return false }
    }

    private struct World: Decodable, Sendable { let executionContextId: Int }
    private struct WorldWish: Encodable, Sendable {
        let frameId: String
        let worldName = "reader"
    }
    private struct Evaluation: Decodable, Sendable {
        struct Exception: Decodable, Sendable { let text: String? }
        let exceptionDetails: Exception?
    }
    private struct Outcome<Value: Decodable & Sendable>: Decodable, Sendable {
        struct Result: Decodable, Sendable { let value: Value }
        let result: Result?
        let exceptionDetails: Evaluation.Exception?
    }
    private struct FunctionCall<Argument: Encodable & Sendable>: Encodable, Sendable {
        struct Value: Encodable, Sendable { let value: Argument }
        let functionDeclaration: String
        let executionContextId: Int
        let arguments: [Value]
        let returnByValue = true
        let awaitPromise = true
    }

    /// What a script has answered, and about which document: each that the page goes to has another number.
    public struct Answer<Value: Sendable>: Sendable {
        /// What it returned.
        public let value: Value
        /// The number of the document.
        public let document: Int
    }

    /// Calls a function, given as JavaScript, with one argument, in a world of the page's that its own scripts do not reach.
    ///
    /// - Throws: `DevToolsError`; `refused` also where the function throws.
    public func run<Argument: Encodable & Sendable, Value: Decodable & Sendable>(
        _ function: String, _ argument: Argument, as type: Value.Type
    ) async throws -> Answer<Value> {
        var tries = 0
        while true {
            let (world, document) = try await world()
            do {
                let outcome = try await connection.call(
                    "Runtime.callFunctionOn",
                    FunctionCall(
                        functionDeclaration: function, executionContextId: world, arguments: [.init(value: argument)]),
                    session: session, within: bounds.script, as: Outcome<Value>.self)
                guard outcome.exceptionDetails == nil, let result = outcome.result else {
                    throw DevToolsError.refused(method: "run", message: "the script failed")
                }
                return Answer(value: result.value, document: document)
            } catch DevToolsError.refused(let method, let message) where method == "Runtime.callFunctionOn" {
                // The page has gone to another document, and that world with the one before.
                state.withLock { if $0.world == world { $0.world = nil } }
                tries += 1
                guard tries < 3 else { throw DevToolsError.refused(method: method, message: message) }
            }
        }
    }

    private func world() async throws -> (Int, document: Int) {
        if let known = state.withLock({ state in state.world.map { ($0, state.document) } }) { return known }
        let world = try await connection.call(
            "Page.createIsolatedWorld", WorldWish(frameId: target), session: session, as: World.self
        ).executionContextId
        return state.withLock { state in
            state.world = world
            state.document += 1
            return (world, state.document)
        }
    }

    private func command<Parameters: Encodable & Sendable>(_ method: String, _ parameters: Parameters) async throws {
        _ = try await connection.call(method, parameters, session: session, as: Nothing.self)
    }
}
