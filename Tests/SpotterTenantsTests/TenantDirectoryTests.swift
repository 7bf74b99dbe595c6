import Foundation
import SpotterDomain
import Testing

@testable import SpotterTenants

/// The folder as a whole: all or nothing, and nothing from outside.
struct TenantDirectoryTests {
    private func tenant(_ slug: String) -> String { "slug: \(slug)\nname: Gym\ntimezone: UTC\ncurrency: EUR\n" }

    private func directory(
        _ folder: TemporaryFolder, afterReading: @escaping @Sendable (String) -> Void = { _ in }
    ) -> TenantDirectory {
        let files = ConfigurationFolder(path: folder.path, ending: ".yaml", afterReading: afterReading)
        return TenantDirectory(folder: files, vocabulary: .system(packs: nil))
    }

    private func issues(_ folder: TemporaryFolder, _ directory: TenantDirectory) -> [String] {
        folder.issues { () throws(ConfigurationError) in try directory.read() }
    }

    @Test func `every field of a file reaches the definition`() throws {
        let folder = try TemporaryFolder([
            "a.yaml": """
            slug: iron-temple
            name: "Iron Temple"
            timezone: America/New_York
            currency: USD
            plan: pro
            templates: [gym]
            providers:
              openai: {api_key: env:OPENAI_API_KEY, base_url: 'http://127.0.0.1:9/v1'}
              anthropic: {api_key: file:/run/secrets/anthropic}
            model_fallback: offline
            budgets: [{period: month, limit: "50.00"}, {period: day, tokens: 2000000}]
            limits: {requests_per_minute: 600, max_agents: 0x10}
            demo: {members: 40, classes: 8}
            """
        ])
        let tenants = try directory(folder).load()
        #expect(
            tenants == [
                TenantDefinition(
                    slug: "iron-temple", name: "Iron Temple", timezone: "America/New_York", currency: "USD", plan: .pro,
                    templates: ["gym"],
                    providers: [
                        "openai": .init(apiKey: "env:OPENAI_API_KEY", baseUrl: "http://127.0.0.1:9/v1"),
                        "anthropic": .init(apiKey: "file:/run/secrets/anthropic"),
                    ], limits: .init(requestsPerMinute: 600, maxAgents: 16),
                    budgets: [.init(period: .month, limit: "50.00"), .init(period: .day, tokens: 2_000_000)],
                    modelFallback: "offline", demo: .init(members: 40, classes: 8))
            ])
    }

    @Test func `tenants come by slug, and other files are passed over`() throws {
        let folder = try TemporaryFolder([
            "1.yaml": tenant("zeta"), "2.yaml": tenant("alpha"), "README.md": "# Tenants", ".hidden.yaml": "[",
            "3.yaml.bak": "[", "4.json": "{",
        ])
        #expect(try directory(folder).load().map(\.slug) == ["alpha", "zeta"])
    }

    @Test func `an empty folder holds nobody`() throws {
        let folder = try TemporaryFolder()
        #expect(try directory(folder).load().isEmpty)
    }

    @Test func `the faults of all files are told together, by file and place`() throws {
        let folder = try TemporaryFolder([
            "b.yaml": "slug: B\nname: 3\ntimezone: UTC\ncurency: EUR\n", "a.yaml": "slug: [\n",
            "c.yaml": tenant("fine"),
        ])
        let issues = issues(folder, directory(folder))
        #expect(issues.count == 5)
        #expect(
            issues.map { $0.prefix(8) } == ["a.yaml:2", "b.yaml:1", "b.yaml:1", "b.yaml:2", "b.yaml:4"], "\(issues)")
    }

    @Test func `the error that crosses rooms has a line for each issue`() throws {
        let folder = try TemporaryFolder(["a.yaml": tenant("a-b") + "x: 1\ny: 2\n"])
        let error = try #require(throws: SpotterError.self) { try directory(folder).load() }
        #expect(error.code == .invalid)
        #expect(error.message.split(separator: "\n").count == 2)
        #expect((error.cause as? ConfigurationError)?.issues.count == 2)
    }

    @Test func `one slug in two files is refused with both places`() throws {
        let folder = try TemporaryFolder(["a.yaml": tenant("iron"), "b.yaml": "# copy\n" + tenant("iron")])
        let issues = issues(folder, directory(folder))
        #expect(issues == ["b.yaml:2:7: slug is taken: a.yaml:1:7 has the same"])
    }

    @Test func `a link out of the folder is refused`() throws {
        let outside = try TemporaryFolder(["secret.yaml": tenant("secret")])
        let folder = try TemporaryFolder(["a.yaml": tenant("fine")])
        try folder.link("b.yaml", to: outside.file("secret.yaml"))
        try folder.link("c.yaml", to: "../\(URL(fileURLWithPath: outside.path).lastPathComponent)/secret.yaml")
        #expect(
            issues(folder, directory(folder)) == [
                "b.yaml:1:1: is a symbolic link that leads outside the folder",
                "c.yaml:1:1: is a symbolic link that leads outside the folder",
            ])
    }

    @Test func `a link to a neighbour whose path only begins alike is refused`() throws {
        let folder = try TemporaryFolder()
        let twin = "\(folder.path)-twin"
        try FileManager.default.createDirectory(atPath: twin, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: twin) }
        try Data(tenant("twin").utf8).write(to: URL(fileURLWithPath: "\(twin)/a.yaml"))
        try folder.link("a.yaml", to: "\(twin)/a.yaml")
        #expect(issues(folder, directory(folder)) == ["a.yaml:1:1: is a symbolic link that leads outside the folder"])
    }

    @Test func `links inside the folder are followed, as mounted configurations need`() throws {
        let folder = try TemporaryFolder([".data": tenant("mounted")])
        try folder.link("a.yaml", to: ".data")
        #expect(try directory(folder).load().map(\.slug) == ["mounted"])
    }

    @Test func `a dangling link, a folder and a pipe are no files`() throws {
        let folder = try TemporaryFolder()
        try folder.link("a.yaml", to: "nowhere")
        try FileManager.default.createDirectory(atPath: folder.file("b.yaml"), withIntermediateDirectories: false)
        #expect(mkfifo(folder.file("c.yaml"), 0o600) == 0)
        #expect(
            issues(folder, directory(folder)) == [
                "a.yaml:1:1: cannot be read: No such file or directory", "b.yaml:1:1: must be a regular file",
                "c.yaml:1:1: must be a regular file",
            ])
    }

    @Test(arguments: [(1 << 20, false), (1 << 20 + 1, true), (10 << 20, true)])
    func `a file of over 1 MiB is refused unread`(size: Int, isRefused: Bool) throws {
        let text = tenant("big") + "#"
        let folder = try TemporaryFolder(["a.yaml": text + String(repeating: "x", count: size - text.utf8.count)])
        #expect(issues(folder, directory(folder)) == (isRefused ? ["a.yaml:1:1: must not be larger than 1 MiB"] : []))
    }

    @Test(arguments: ["replaced", "rewritten in place", "grown", "cut", "deleted"])
    func `a file that changes while it is read is not used`(change: String) throws {
        let folder = try TemporaryFolder(["a.yaml": tenant("before")])
        let other = tenant("after-")
        let directory = directory(folder) { file in
            let handle = FileHandle(forUpdatingAtPath: file)
            switch change {
            case "replaced": try? Data(other.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
            case "rewritten in place": try? handle?.write(contentsOf: Data(other.utf8))
            case "grown":
                _ = try? handle?.seekToEnd()
                try? handle?.write(contentsOf: Data("plan: pro\n".utf8))
            case "cut": try? handle?.truncate(atOffset: 5)
            default: try? FileManager.default.removeItem(atPath: file)
            }
        }
        #expect(
            issues(folder, directory) == [
                "a.yaml:1:1: was changed while it was being read; nothing of it is used, try again"
            ])
    }

    @Test func `a file that is only half there is refused, and the folder with it`() throws {
        let whole = tenant("whole")
        for length in 1..<(whole.utf8.count - "EUR\n".utf8.count) {
            let folder = try TemporaryFolder(["a.yaml": tenant("fine"), "b.yaml": String(whole.prefix(length))])
            let issues = issues(folder, directory(folder))
            #expect(!issues.isEmpty && issues.allSatisfy { $0.hasPrefix("b.yaml:") }, "\(length): \(issues)")
        }
    }

    @Test func `a file with the other ending is not passed over in silence`() throws {
        let folder = try TemporaryFolder(["a.yml": tenant("fine")])
        #expect(issues(folder, directory(folder)) == ["a.yml:1:1: must be named .yaml to be read"])
    }

    @Test func `a missing folder is an error, not an empty one`() throws {
        let vocabulary = TenantVocabulary.system(packs: nil)
        let error = try #require(throws: SpotterError.self) {
            try TenantDirectory(path: "/nowhere/tenants", vocabulary: vocabulary).load()
        }
        #expect(error.message == "/nowhere/tenants: cannot be read: No such file or directory")
    }
}
