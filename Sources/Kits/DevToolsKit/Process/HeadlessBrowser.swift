import Foundation
import ServiceKit
import Synchronization

/// At most one headless Chromium of this process: started when the first page is opened, ended when none is open for a
/// while, started anew when it has died.
///
/// The browser has no way to the network of its own: its names resolve to nothing and its proxy is not there. Whatever a
/// page asks for is handed to the page's `fetch`, and what that does not give, the page does not get. So nothing depends
/// on a filter that a redirect, a WebSocket, a worker or a name server could slip past.
public actor HeadlessBrowser {
    /// How the browser is run.
    public struct Configuration: Sendable {
        /// The program's path.
        public var program: String
        /// False runs the browser without its own sandbox, which it needs where it is started as root.
        public var isSandboxed = true
        /// How long it goes on without a page.
        public var idle: Duration = .seconds(60)
        /// How long it may take to start.
        public var start: Duration = .seconds(20)
        /// The most pages at one time.
        public var maximumPages = 8

        /// A browser at that path.
        public init(program: String) { self.program = program }
    }

    private let configuration: Configuration
    private var connection: DevToolsConnection?
    private var starting: Task<DevToolsConnection, any Error>?
    private var pages = 0
    private var uses = 0

    /// A browser that is not started yet.
    public init(_ configuration: Configuration) { self.configuration = configuration }

    /// The browser's process, while it runs.
    public var processID: Int32? { connection.flatMap { $0.isClosed ? nil : $0.processID } }

    /// Opens a page of its own: it shares no cookie, cache or storage with any other.
    ///
    /// - Throws: `DevToolsError`; `refused` where too many are open.
    public func open(_ bounds: BrowserPage.Bounds, fetch: @escaping BrowserPage.Fetch) async throws -> BrowserPage {
        guard pages < configuration.maximumPages else {
            throw DevToolsError.refused(method: "open", message: "too many pages are open")
        }
        pages += 1
        uses += 1
        do {
            let connection = try await running()
            return try await BrowserPage.open(on: connection, bounds, fetch: fetch)
        } catch {
            released()
            throw error
        }
    }

    /// Closes a page for good.
    public func close(_ page: BrowserPage) async {
        guard page.beginClosing() else { return }
        await page.dispose()
        released()
    }

    /// Ends the browser and all its pages.
    public func shutDown() {
        starting?.cancel()
        connection?.close()
        connection = nil
    }

    private func released() {
        pages -= 1
        guard pages == 0 else { return }
        let use = uses
        // Only waits: whoever opens a page in between has counted on.
        Task { [configuration] in
            try? await Task.sleep(for: configuration.idle)
            endIfUnused(since: use)
        }
    }

    private func endIfUnused(since use: Int) {
        guard pages == 0, uses == use else { return }
        shutDown()
    }

    private func running() async throws -> DevToolsConnection {
        if let connection, !connection.isClosed { return connection }
        if let starting { return try await starting.value }
        let task = Task { [configuration] in try await Self.start(configuration) }
        starting = task
        defer { starting = nil }
        let connection = try await task.value
        self.connection = connection
        return connection
    }

    private struct Version: Decodable, Sendable { let product: String }

    private static func start(_ configuration: Configuration) async throws -> DevToolsConnection {
        guard access(configuration.program, X_OK) == 0 else { throw DevToolsError.notInstalled }
        var template = Array((NSTemporaryDirectory() + "/spotter-browser-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw DevToolsError.notStarted("no temporary folder could be made") }
        let home = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let removeHome: @Sendable () -> Void = { try? FileManager.default.removeItem(atPath: home) }
        let process: BrowserProcess
        do {
            process = try BrowserProcess(
                program: configuration.program, arguments: arguments(configuration, home), home: home)
        } catch {
            removeHome()
            throw error
        }
        let connection = DevToolsConnection(process, onEnd: removeHome)
        do {
            _ = try await connection.call(
                "Browser.getVersion", Nothing(), within: configuration.start, as: Version.self)
            return connection
        } catch {
            connection.close()
            guard !(error is CancellationError) else { throw error }
            throw DevToolsError.notStarted(
                "\(configuration.program) ended or did not answer"
                    + (configuration.isSandboxed && geteuid() == 0
                        ? "; as root it only runs without its sandbox" : ""))
        }
    }

    private static func arguments(_ configuration: Configuration, _ home: String) -> [String] {
        let flags = [
            "--headless=new", "--remote-debugging-pipe", "--user-data-dir=\(home)/profile", "--no-first-run",
            "--no-startup-window", "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage",
            // No way to the network.
            "--proxy-server=http://127.0.0.1:1", "--proxy-bypass-list=<-loopback>",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-quic",
            "--webrtc-ip-handling-policy=disable_non_proxied_udp",
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
            // Nothing that a browser does for its user by itself.
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
            "--disable-default-apps", "--disable-breakpad", "--disable-client-side-phishing-detection", "--mute-audio",
            "--password-store=basic", "--use-mock-keychain", "--deny-permission-prompts", "--disable-notifications",
            "--disable-features=BackForwardCache,Translate,MediaRouter,OptimizationHints,AutofillServerCommunication",
            "--js-flags=--max-old-space-size=256",
        ]
        return flags + (configuration.isSandboxed ? [] : ["--no-sandbox"])
    }
}
