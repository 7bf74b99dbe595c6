import DevToolsKit
import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterDomain
import SpotterTesting
import SpotterTools
import Synchronization
import Testing

private let loop = EventLoop(name: "browser-tests")

/// A web site on loopback: what it shows by path, and what was asked of it.
final class WebSite: Sendable {
    struct Page: Sendable {
        var status = 200
        var headers: [String: String] = ["Content-Type": "text/html; charset=utf-8"]
        var body = ""
    }

    struct Visit: Sendable {
        let method: String
        let target: String
        let body: String
        let cookie: String?
    }

    private final class Record: Sendable {
        let visits = Mutex<[Visit]>([])
        let pages: Mutex<[String: Page]>
        init(_ pages: [String: Page]) { self.pages = Mutex(pages) }
    }

    private let record: Record
    private let server: RawServer

    init(_ pages: [String: String] = [:]) throws {
        let record = Record(pages.mapValues { Page(body: $0) })
        self.record = record
        server = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                record.visits.withLock {
                    $0.append(
                        Visit(
                            method: request.method, target: request.target, body: request.text,
                            cookie: request.headers["cookie"]))
                }
                let page = record.pages.withLock { $0[request.target] }
                guard let page else {
                    try connection.respond(status: 404, body: "no")
                    continue
                }
                try connection.respond(status: page.status, headers: page.headers, body: page.body)
            }
        }
    }

    var port: Int { server.port }
    var visits: [Visit] { record.visits.withLock { $0 } }
    /// Also those that asked for nothing.
    var connections: Int { server.connectionCount }
    var targets: [String] { visits.map(\.target) }

    func show(_ path: String, _ page: Page) { record.pages.withLock { $0[path] = page } }
    func show(_ path: String, _ body: String) { show(path, Page(body: body)) }
}

/// The tools of the browser with a real Chromium, which must be there: `make deps` installs it.
struct BrowserFixture {
    struct Policies: BrowserPolicies {
        let policy: BrowserPolicy
        func browserPolicy(in scope: OrganizationScope) -> BrowserPolicy { policy }
    }

    let home: TestOrganization
    let browser: HeadlessBrowser
    let desk: BrowserDesk
    let site: WebSite

    /// - Parameter names: addresses of names beside `gym.test`, which is the site.
    static func make(
        _ site: WebSite, policy change: (inout BrowserPolicy) -> Void = { _ in }, names: [String: String] = [:],
        idle: Duration = .seconds(300)
    ) async throws -> BrowserFixture {
        var policy = BrowserPolicy(
            isEnabled: true, hosts: ["gym.test", "inside.test"].compactMap { HostPattern($0) }, allowsPlainHTTP: true)
        policy.loadSeconds = 10
        change(&policy)
        var configuration = GuardedClient.Configuration()
        configuration.openAddresses = [try #require(RemoteAddress("127.0.0.1:\(site.port)"))]
        configuration.resolver = { host, _ in host == "gym.test" ? ["127.0.0.1"] : names[host].map { [$0] } ?? [] }
        let browser = HeadlessBrowser(try Self.configuration())
        let desk = BrowserDesk(
            browser: browser, client: GuardedClient(loops: [loop], configuration: configuration),
            policies: Policies(policy: policy), idle: idle)
        return BrowserFixture(
            home: try await TestOrganization.make(in: .memory()), browser: browser, desk: desk, site: site)
    }

    static func configuration() throws -> HeadlessBrowser.Configuration {
        let program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome-stable"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        var configuration = HeadlessBrowser.Configuration(
            program: try #require(program, "Chromium is not there: make deps installs it."))
        configuration.isSandboxed = geteuid() != 0
        // Builds and tests may keep the machine busy.
        configuration.start = .seconds(60)
        return configuration
    }

    func url(_ path: String, host: String = "gym.test") -> String { "http://\(host):\(site.port)\(path)" }

    func call(
        _ tool: any Tool, _ arguments: JSONValue, run: ExecutionID, isDryRun: Bool = false,
        in scope: OrganizationScope? = nil
    ) async throws -> JSONValue {
        let context = ToolContext(
            scope: scope ?? home.scope, organization: home.organization, now: Date(timeIntervalSince1970: 0),
            effectKey: "step_1", isDryRun: isDryRun, caller: .init(execution: run))
        return try await tool.call(arguments, in: context)
    }

    func open(_ path: String, host: String = "gym.test", run: ExecutionID) async throws -> JSONValue {
        try await call(NavigateBrowser(desk: desk), ["url": .string(url(path, host: host))], run: run)
    }

    /// Does something with the control or link of that name.
    func act(
        _ action: String, _ name: String, on page: JSONValue, value: String? = nil, run: ExecutionID
    ) async throws -> JSONValue {
        let all = (page["links"]?.array ?? []) + (page["controls"]?.array ?? [])
        let found = try #require(all.first { $0["name"]?.string == name || $0["text"]?.string == name })
        var arguments = try #require(JSONValue.object([:]).object)
        arguments["element"] = found["element"]
        arguments["name"] = .string(name)
        arguments["page"] = page["url"]
        arguments["action"] = .string(action)
        arguments["value"] = value.map(JSONValue.string)
        return try await call(InteractElement(desk: desk), .object(arguments), run: run)
    }

    func failure(_ work: () async throws -> JSONValue) async throws -> String {
        let error = await #expect(throws: ToolFailure.self) { _ = try await work() }
        return try #require(error).message
    }

    func newRun() -> ExecutionID { home.id() }
}
