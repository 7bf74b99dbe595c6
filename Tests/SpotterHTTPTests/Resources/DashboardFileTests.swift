import Foundation
import HTTPServerKit
import SpotterDomain
import Testing

@testable import SpotterHTTP

/// How the dashboard's files are served.
struct DashboardFileTests {
    /// The repository's own folder.
    private static let folder: String = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("dashboard").path
    }()

    private static func page(_ api: TestAPI) async throws -> (page: Answer, build: String) {
        let page = try await api.send(.get, "/", token: nil)
        let build = try #require(page.text.firstMatch(of: /\/assets\/([0-9a-f]{16})\/main\.js/)).1
        return (page, String(build))
    }

    @Test func `the page is asked for anew, under a policy that lets nothing in`() async throws {
        try await TestAPI.with(dashboard: Self.folder) { api in
            let (page, _) = try await Self.page(api)
            #expect(page.status == 200)
            #expect(page.headers.values(of: "cache-control") == ["no-cache"])
            let policy = try #require(page.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'"))
            #expect(!policy.contains("unsafe"))
            #expect(page.headers["x-frame-options"] == "DENY")
            #expect(!page.text.contains("<script>") && !page.text.contains("<style") && !page.text.contains("{{"))
        }
    }

    @Test func `files are kept for ever under the hash of all, and asked for anew under another`() async throws {
        try await TestAPI.with(dashboard: Self.folder) { api in
            let (_, build) = try await Self.page(api)
            let file = try await api.send(.get, "/assets/\(build)/main.js", token: nil)
            #expect(file.status == 200)
            #expect(file.contentType == "text/javascript; charset=utf-8")
            #expect(file.headers["cache-control"] == "public, max-age=31536000, immutable")
            let other = try await api.send(.get, "/assets/0000000000000000/main.js", token: nil)
            #expect(other.headers["cache-control"] == "no-cache")
            #expect(other.body == file.body)
        }
    }

    @Test func `all styles come as one file, in their order`() async throws {
        try await TestAPI.with(dashboard: Self.folder) { api in
            let (page, build) = try await Self.page(api)
            #expect(page.text.components(separatedBy: "rel=\"stylesheet\"").count == 2)
            let sheet = try await api.send(.get, "/assets/\(build)/css/all.css", token: nil)
            #expect(sheet.status == 200)
            #expect(!sheet.text.contains("@import"))
            let names = ["base", "components", "shell", "pages", "chat", "work"]
            let all = try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/css")
            #expect(Set(all) == Set(names.map { "\($0).css" } + ["all.css"]))
            var rest = sheet.text[...]
            for name in names {
                let text = try String(contentsOfFile: "\(Self.folder)/css/\(name).css", encoding: .utf8)
                let place = try #require(rest.range(of: text), "\(name).css is missing, or out of its order")
                rest = rest[place.upperBound...]
            }
        }
    }

    @Test func `what a browser has is not sent again`() async throws {
        try await TestAPI.with(dashboard: Self.folder) { api in
            let (page, _) = try await Self.page(api)
            let tag = try #require(page.headers["etag"])
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let again = try await api.send(.get, "/", token: nil, headers: [("if-none-match", known)])
                #expect(again.status == 304)
                #expect(again.body.isEmpty)
            }
            #expect(try await api.send(.get, "/", token: nil, headers: [("if-none-match", "\"x\"")]).status == 200)
        }
    }

    @Test(arguments: [("gzip", true), ("br, gzip;q=0.5", true), ("*", true), ("gzip;q=0", false), ("br", false)])
    func `files are packed for who can unpack them`(_ accepted: String, _ isPacked: Bool) async throws {
        try await TestAPI.with(dashboard: Self.folder) { api in
            let plain = try await api.send(.get, "/", token: nil)
            let answer = try await api.send(.get, "/", token: nil, headers: [("accept-encoding", accepted)])
            #expect(answer.headers["content-encoding"] == (isPacked ? "gzip" : nil))
            #expect(answer.headers["vary"] == "Accept-Encoding, Origin")
            #expect(answer.body.starts(with: [0x1F, 0x8B]) == isPacked)
            #expect((answer.headers["etag"] != plain.headers["etag"]) == isPacked)
        }
    }

    @Test(arguments: [
        "/assets/x/../../Package.swift", "/assets/x/..%2f..%2fPackage.swift", "/assets/x//etc/passwd", "/assets/x/",
        "/assets/", "/assets", "/assets/x/%2e%2e/index.html", "/assets/x/.hidden.js", "/index.html", "/dashboard",
        "/assets/x/main.js/", "/assets/x/MAIN.js", "/assets/x/main%2ejs", "/assets/x/index.html",
    ])
    func `nothing but the catalogue is served`(_ path: String) async throws {
        try await TestAPI.with(dashboard: Self.folder) { api in
            let answer = try await api.send(.get, path, token: nil)
            #expect(answer.status == 404)
        }
    }

    @Test func `files are read and not written`() async throws {
        try await TestAPI.with(dashboard: Self.folder) { api in
            let answer = try await api.send(.post, "/", ["a": 1], token: nil)
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test func `without its files there is no dashboard, and nothing breaks`() async throws {
        try await TestAPI.with { api in
            let answer = try await api.send(.get, "/", token: nil)
            #expect(answer.status == 404)
        }
    }

    @Test func `no file asks for markup to be read, or for anything from elsewhere`() throws {
        let files = try #require(FileManager.default.enumerator(atPath: Self.folder)).compactMap { $0 as? String }
        #expect(files.contains("main.js"))
        let forbidden = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "setInterval(",
        ]
        for path in files where path.hasSuffix(".js") {
            let text = try String(contentsOfFile: "\(Self.folder)/\(path)", encoding: .utf8)
            for word in forbidden { #expect(!text.contains(word), "\(path) says \(word)") }
            #expect(text.firstMatch(of: /from '(?!\.)/) == nil, "\(path) imports from elsewhere")
        }
    }
}
