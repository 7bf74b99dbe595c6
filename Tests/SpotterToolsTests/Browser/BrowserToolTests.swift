import DevToolsKit
import Foundation
import SpotterDomain
import SpotterTesting
import SpotterTools
import Testing

/// What agents do with pages, by a real browser.
@Suite(.timeLimit(.minutes(5)), .serialized) struct BrowserToolTests {
    @Test func `a page is read with its title, text, links and controls`() async throws {
        let site = try WebSite([
            "/": """
            <!doctype html><head><title> Iron  Temple </title></head><h1>Classes</h1><p style="display:none">hidden</p>
            <a href="/spin">Spin</a> <a href="javascript:alert(1)">no</a> <a href="ftp://x/">no</a>
            <form action="/book"><label>Your name <input name="who" value="Ana"></label>
            <input type="password" name="pin" value="secret"><input type="hidden" name="token" value="t">
            <select name="day"><option>Monday</option><option selected>Tuesday</option></select>
            <input type="file"><button>Book</button></form>
            """
        ])
        let gym = try await BrowserFixture.make(site)
        let page = try await gym.open("/", run: gym.newRun())
        #expect(page["title"] == "Iron Temple")
        #expect(page["url"]?.string == gym.url("/"))
        #expect(page["status"] == 200)
        #expect(page["text"]?.string?.contains("Classes") == true)
        #expect(page["text"]?.string?.contains("hidden") == false)
        #expect(page["links"]?.array?.map { $0["text"] } == ["Spin"])
        #expect(page["links"]?.array?.first?["url"]?.string == gym.url("/spin"))
        let controls = page["controls"]?.array ?? []
        #expect(controls.map { $0["kind"] } == ["text", "password", "select", "button"])
        #expect(controls.map { $0["name"] } == ["Your name", "pin", "day", "Book"])
        #expect(controls.map { $0["value"] } == ["Ana", nil, "Tuesday", nil])
        #expect(controls[2]["options"] == ["Monday", "Tuesday"])
        await gym.desk.shutDown()
    }

    @Test func `what is typed and chosen is sent, cookies are kept, and redirects are followed`() async throws {
        let site = try WebSite([
            "/": """
            <form method="post" action="/book"><label>Name <input name="who"></label>
            <label>Day <select name="day"><option value="1">Monday</option><option value="2">Tuesday</option></select></label>
            <button>Book</button></form>
            """,
            "/done": "<title>Booked</title>See you.",
        ])
        site.show(
            "/",
            .init(
                headers: ["Content-Type": "text/html", "Set-Cookie": "visit=7; HttpOnly"],
                body: """
                    <form method="post" action="/book" target="_blank"><label>Name <input name="who"></label>
                    <label>Day <select name="day"><option value="1">Monday</option><option value="2">Tuesday</option></select></label>
                    <button>Book</button></form>
                    """))
        site.show("/book", .init(status: 302, headers: ["Location": "/done"]))
        let gym = try await BrowserFixture.make(site)
        let run = gym.newRun()
        var page = try await gym.open("/", run: run)
        page = try await gym.act("type", "Name", on: page, value: "Ana & Bo", run: run)
        page = try await gym.act("select", "Day", on: page, value: "Tuesday", run: run)
        page = try await gym.act("click", "Book", on: page, run: run)
        #expect(page["title"] == "Booked")
        #expect(page["url"]?.string == gym.url("/done"))
        let posts = site.visits.filter { $0.method == "POST" }
        #expect(posts.map(\.body) == ["who=Ana+%26+Bo&day=2"])
        #expect(posts.map(\.cookie) == ["visit=7"])
        await gym.desk.shutDown()
    }

    @Test func `parts of a page are read by selectors, as lists and as records`() async throws {
        let site = try WebSite([
            "/": """
            <ul><li data-id="1"><h3>Spin</h3><a href="/spin">more</a></li><li data-id="2"><h3>Yoga</h3></li></ul>
            <input type="password" value="secret">
            """
        ])
        let gym = try await BrowserFixture.make(site)
        let run = gym.newRun()
        let tool = ExtractData(desk: gym.desk)
        #expect(try await gym.failure { try await gym.call(tool, ["selector": "h3"], run: run) }.contains("No page"))
        _ = try await gym.open("/", run: run)
        #expect(try await gym.call(tool, ["selector": "h3"], run: run)["rows"] == ["Spin", "Yoga"])
        #expect(try await gym.call(tool, ["selector": "li@data-id"], run: run)["rows"] == ["1", "2"])
        let records = try await gym.call(
            tool, ["selector": "li", "fields": ["name": "h3", "link": "a@href", "id": "@data-id"], "limit": 1], run: run
        )
        #expect(records["rows"]?.array?.first?["name"] == "Spin")
        #expect(records["rows"]?.array?.first?["link"]?.string == gym.url("/spin"))
        #expect(records["rows"]?.array?.first?["id"] == "1")
        #expect(records["found"] == 2 && records["is_cut"] == true)
        #expect(try await gym.call(tool, ["selector": "input@value"], run: run)["rows"] == [""])
        #expect(
            try await gym.failure { try await gym.call(tool, ["selector": "h3["], run: run) }.contains("CSS selector"))
        await gym.desk.shutDown()
    }

    @Test func `an element of a page that is gone, or called otherwise, is not touched`() async throws {
        let site = try WebSite([
            "/": "<button onclick=\"fetch('/clicked')\">Go</button><script>const b = 1</script>",
            "/other": "<button onclick=\"fetch('/clicked')\">Go</button>",
        ])
        let gym = try await BrowserFixture.make(site)
        let run = gym.newRun()
        let first = try await gym.open("/", run: run)
        let second = try await gym.open("/other", run: run)
        #expect(first["controls"]?.array?.first?["element"] != second["controls"]?.array?.first?["element"])
        #expect(try await gym.failure { try await gym.act("click", "Go", on: first, run: run) }.contains("changed"))
        let element = try #require(second["controls"]?.array?.first?["element"])
        let page = try #require(second["url"])
        let tool = InteractElement(desk: gym.desk)
        let renamed: JSONValue = ["element": element, "name": "Stop", "page": page, "action": "click"]
        #expect(try await gym.failure { try await gym.call(tool, renamed, run: run) }.contains("called \"Go\""))
        let elsewhere: JSONValue = ["element": element, "name": "Go", "page": "http://gym.test/", "action": "click"]
        #expect(
            try await gym.failure { try await gym.call(tool, elsewhere, run: run) }.contains("not http://gym.test/"))
        let typed: JSONValue = ["element": element, "name": "Go", "page": page, "action": "type", "value": "x"]
        #expect(try await gym.failure { try await gym.call(tool, typed, run: run) }.contains("typed"))
        #expect(!site.targets.contains("/clicked"))
        _ = try await gym.act("click", "Go", on: second, run: run)
        #expect(site.targets.filter { $0 == "/clicked" }.count == 1)
        await gym.desk.shutDown()
    }

    @Test func `a dry run opens and does nothing`() async throws {
        let site = try WebSite(["/": "hello"])
        let gym = try await BrowserFixture.make(site)
        let run = gym.newRun()
        let opened = try await gym.call(
            NavigateBrowser(desk: gym.desk), ["url": .string(gym.url("/"))], run: run, isDryRun: true)
        #expect(opened["would_open"]?.string == gym.url("/"))
        let done = try await gym.call(
            InteractElement(desk: gym.desk),
            ["element": "d1e1", "name": "Go", "page": "http://gym.test/", "action": "click"], run: run, isDryRun: true)
        #expect(done["dry_run"] == true)
        #expect(site.connections == 0)
        #expect(await gym.browser.processID == nil)
    }

    @Test func `the tools say what they are to policies`() async throws {
        let gym = try await BrowserFixture.make(try WebSite())
        let (navigate, extract) = (NavigateBrowser(desk: gym.desk), ExtractData(desk: gym.desk))
        let interact = InteractElement(desk: gym.desk)
        #expect(
            [navigate.yieldsUntrustedText, extract.yieldsUntrustedText, interact.yieldsUntrustedText] == [
                true, true, true,
            ])
        #expect(navigate.sensitiveValues(of: ["url": "https://GYM.test/x"]).map(\.text) == ["gym.test"])
        #expect(interact.effect == .unsafe && interact.access == .outward)
        // It says no host: so where words of strangers were read, people are asked.
        #expect(interact.sensitiveArguments.isEmpty)
    }
}
