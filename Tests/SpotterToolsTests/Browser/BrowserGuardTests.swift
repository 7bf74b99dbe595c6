import DevToolsKit
import Foundation
import SpotterDomain
import SpotterTesting
import SpotterTools
import Testing

/// Where pages cannot get, and whom they cannot see, by a real browser.
@Suite(.timeLimit(.minutes(5)), .serialized) struct BrowserGuardTests {
    @Test func `without a browser in its file a gym has none, and the words say how to get one`() async throws {
        let site = try WebSite()
        let gym = try await BrowserFixture.make(site) { $0 = BrowserPolicy() }
        let message = try await gym.failure { try await gym.open("/", run: gym.newRun()) }
        #expect(message.contains("browser: {enabled: true"))
        #expect(await gym.browser.processID == nil)
    }

    @Test(arguments: [
        "https://evil.test/", "file:///etc/passwd", "data:text/html,hi", "javascript:alert(1)", "chrome://version",
        "view-source:http://gym.test/", "http://ana:pw@gym.test/", "about:blank", "http://127.0.0.1/", "gym.test",
        "http://gym.test:22/", "blob:http://gym.test/1",
    ])
    func `an address outside the list is never opened`(url: String) async throws {
        let site = try WebSite()
        let gym = try await BrowserFixture.make(site)
        _ = try await gym.failure {
            try await gym.call(NavigateBrowser(desk: gym.desk), ["url": .string(url)], run: gym.newRun())
        }
        #expect(site.connections == 0)
        await gym.desk.shutDown()
    }

    @Test func `plain http is spoken only where the file says so`() async throws {
        let gym = try await BrowserFixture.make(try WebSite()) { $0.allowsPlainHTTP = false }
        #expect(try await gym.failure { try await gym.open("/", run: gym.newRun()) }.contains("Plain http"))
    }

    @Test func `a name of the list that leads inside is not connected to`() async throws {
        let site = try WebSite(["/": "the vault"])
        // 127.0.0.1 is open for the tests; 127.0.0.2 is an address of the same machine that nobody opened.
        let gym = try await BrowserFixture.make(site, names: ["inside.test": "127.0.0.2"])
        let message = try await gym.failure { try await gym.open("/", host: "inside.test", run: gym.newRun()) }
        #expect(message.contains("not on the public Internet"))
        #expect(site.connections == 0)
        await gym.desk.shutDown()
    }

    @Test func `nothing that a page tries gets to a place that is not allowed`() async throws {
        let inside = try WebSite(["/": "the vault"])
        let site = try WebSite()
        let port = inside.port
        site.show(
            "/",
            """
            <title>Trap</title><body>start
            <img src="http://127.0.0.1:\(port)/image"><link rel=preconnect href="http://127.0.0.1:\(port)">
            <link rel=stylesheet href="http://127.0.0.1:\(port)/style"><script src="http://127.0.0.1:\(port)/script"></script>
            <iframe src="http://127.0.0.1:\(port)/frame"></iframe><iframe src="file:///etc/passwd"></iframe>
            <script>
            fetch("http://127.0.0.1:\(port)/fetch").catch(() => {});
            fetch("http://localhost:\(port)/fetch").catch(() => {});
            fetch("http://inside.test:\(port)/named").catch(() => {});
            fetch("/away").catch(() => {});
            navigator.sendBeacon("http://127.0.0.1:\(port)/beacon", "x");
            new Worker("/worker.js");
            navigator.serviceWorker?.register("/service.js").catch(() => {});
            try { new WebSocket("ws://127.0.0.1:\(port)/socket") } catch {}
            try { new EventSource("http://127.0.0.1:\(port)/events") } catch {}
            try { new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:\(port)" }] }) } catch {}
            try { window.open("http://127.0.0.1:\(port)/window") } catch {}
            </script>
            """)
        let worker = "fetch('http://127.0.0.1:\(port)/worker').catch(() => {})"
        site.show("/worker.js", .init(headers: ["Content-Type": "text/javascript"], body: worker))
        site.show("/service.js", .init(headers: ["Content-Type": "text/javascript"], body: worker))
        site.show("/away", .init(status: 307, headers: ["Location": "http://127.0.0.1:\(port)/away"]))
        let gym = try await BrowserFixture.make(site, names: ["inside.test": "127.0.0.1"])
        let page = try await gym.open("/", run: gym.newRun())
        #expect(page["title"] == "Trap")
        #expect(inside.connections == 0)
        let hosts = Set((page["not_loaded"]?.array ?? []).compactMap { $0["host"]?.string })
        #expect(hosts.contains("127.0.0.1"))
        #expect(site.targets.contains("/worker.js"))
        await gym.desk.shutDown()
        #expect(inside.connections == 0)
    }

    @Test func `a page that goes away to such a place is not shown`() async throws {
        let inside = try WebSite(["/": "the vault"])
        let site = try WebSite(["/": "<script>location = 'http://127.0.0.1:\(inside.port)/'</script>"])
        site.show("/moved", .init(status: 302, headers: ["Location": "http://127.0.0.1:\(inside.port)/"]))
        let gym = try await BrowserFixture.make(site)
        for path in ["/", "/moved"] {
            let message = try await gym.failure { try await gym.open(path, run: gym.newRun()) }
            #expect(message.contains("127.0.0.1 is not allowed"), "\(path): \(message)")
        }
        #expect(inside.connections == 0)
        await gym.desk.shutDown()
    }

    @Test func `files are not downloaded, and pages that are too large are not loaded`() async throws {
        let site = try WebSite(["/large": String(repeating: "x", count: 30_000)])
        site.show(
            "/file",
            .init(
                headers: ["Content-Type": "application/zip", "Content-Disposition": "attachment; filename=a.zip"],
                body: "zip"))
        let gym = try await BrowserFixture.make(site) { $0.maxBytes = 20_000 }
        let run = gym.newRun()
        #expect(try await gym.failure { try await gym.open("/file", run: run) }.contains("file to download"))
        #expect(try await gym.failure { try await gym.open("/large", run: run) }.contains("larger"))
        await gym.desk.shutDown()
    }

    @Test func `what one run has, no other sees, and it is gone with the run`() async throws {
        let site = try WebSite(["/": "<script>document.cookie = 'seen=1'; localStorage.a = 'b'</script>first"])
        let gym = try await BrowserFixture.make(site)
        let (one, two) = (gym.newRun(), gym.newRun())
        _ = try await gym.open("/", run: one)
        _ = try await gym.open("/", run: one)
        #expect(site.visits.filter { $0.target == "/" }.map(\.cookie) == [nil, "seen=1"])
        _ = try await gym.open("/", run: two)
        #expect(site.visits.last { $0.target == "/" }?.cookie == nil)
        let other = OrganizationScope(gym.home.id())
        let tool = ExtractData(desk: gym.desk)
        #expect(
            try await gym.failure { try await gym.call(tool, ["selector": "body"], run: one, in: other) }
                .contains("No page"))
        let third = try await gym.failure { try await gym.open("/", run: gym.newRun()) }
        #expect(third.contains("max_pages"))
        await gym.desk.end(one, in: gym.home.scope)
        #expect(await gym.desk.pages == 1)
        #expect(try await gym.failure { try await gym.call(tool, ["selector": "body"], run: one) }.contains("No page"))
        _ = try await gym.open("/", run: gym.newRun())
        await gym.desk.shutDown()
    }

    @Test func `a page that keeps itself busy is given up, and the next one works`() async throws {
        let site = try WebSite(["/": "<script>setTimeout(() => { while (true) {} }, 0)</script>", "/well": "well"])
        let gym = try await BrowserFixture.make(site)
        let run = gym.newRun()
        _ = try await gym.failure { try await gym.open("/", run: run) }
        #expect(await gym.desk.pages == 0)
        #expect(try await gym.open("/well", run: run)["text"] == "well")
        await gym.desk.shutDown()
    }

    @Test func `a browser that dies is said so, and started anew`() async throws {
        let site = try WebSite(["/": "hello"])
        let gym = try await BrowserFixture.make(site)
        let run = gym.newRun()
        _ = try await gym.open("/", run: run)
        let first = try #require(await gym.browser.processID)
        kill(first, SIGKILL)
        let message = try await gym.failure {
            try await gym.call(ExtractData(desk: gym.desk), ["selector": "body"], run: run)
        }
        #expect(message.contains("Open the page again"))
        #expect(try await gym.open("/", run: run)["text"] == "hello")
        #expect(await gym.browser.processID != first)
        await gym.desk.shutDown()
    }

    @Test func `where no browser is installed, the words say what an operator does`() async throws {
        let site = try WebSite()
        let gym = try await BrowserFixture.make(site)
        let missing = HeadlessBrowser(.init(program: "/nowhere/chromium"))
        await #expect(throws: DevToolsError.notInstalled) {
            _ = try await missing.open(.init()) { _ in nil }
        }
        let silent = HeadlessBrowser(.init(program: "/bin/true"))
        await #expect(throws: DevToolsError.self) { _ = try await silent.open(.init()) { _ in nil } }
        #expect(gym.site.connections == 0)
    }
}
