import Testing
import YAMLKit

struct YAMLTreeTests {
    static let gym = """
        # a gym
        slug: iron-temple
        open: [mon, "tue"]
        limits:
          agents: 6
          "rate/minute": 1.5
        prompt: |
          Be kind.
          Be brief.
        nothing:
        """

    @Test func `a document becomes a tree`() throws {
        let node = try YAMLDocument.parse(Self.gym)
        #expect(node.mapping?.map(\.name) == ["slug", "open", "limits", "prompt", "nothing"])
        #expect(node["slug"]?.string == "iron-temple")
        #expect(node["open"]?.sequence?.map(\.string) == ["mon", "tue"])
        #expect(node["open"]?.sequence?.map(\.scalar?.style) == [.plain, .quoted])
        #expect(node["limits"]?["agents"]?.int == 6)
        #expect(node["limits"]?["rate/minute"]?.double == 1.5)
        #expect(node["prompt"]?.string == "Be kind.\nBe brief.\n")
        #expect(node["prompt"]?.scalar?.style == .block)
        #expect(node["nothing"]?.isNull == true)
        #expect(node["unknown"] == nil)
        #expect(node["slug"]?["below"] == nil)
    }

    @Test func `every node knows its place`() throws {
        var visits: [String] = []
        try YAMLDocument.parse(Self.gym).walk { visit in
            visits.append("\(visit.pointer) \(visit.mark)\(visit.keyMark.map { " key \($0)" } ?? "")")
        }
        #expect(
            visits == [
                " 2:1", "/slug 2:7 key 2:1", "/open 3:7 key 3:1", "/open/0 3:8", "/open/1 3:13",
                "/limits 5:3 key 4:1", "/limits/agents 5:11 key 5:3", "/limits/rate~1minute 6:18 key 6:3",
                "/prompt 7:9 key 7:1", "/nothing 10:9 key 10:1",
            ])
        #expect(try YAMLDocument.parse(Self.gym).marks["/limits/rate~1minute"] == Mark(line: 6, column: 18))
    }

    @Test func `columns count characters, not bytes`() throws {
        let node = try YAMLDocument.parse("{ключ: 1, 💪: [é, x]}")
        #expect(node.marks["/ключ"] == Mark(line: 1, column: 8))
        #expect(node.marks["/💪/1"] == Mark(line: 1, column: 18))
    }

    @Test(arguments: ["a: 1\nb:\n  - x\n", "a: 1\r\nb:\r\n  - x\r\n", "\u{FEFF}a: 1\nb:\n  - x", "a: 1\rb:\r  - x\r"])
    func `line endings and a byte order mark move nothing`(text: String) throws {
        let node = try YAMLDocument.parse(text)
        #expect(node.marks["/a"] == Mark(line: 1, column: 4))
        #expect(node.marks["/b/0"] == Mark(line: 3, column: 5))
        #expect(node["b"]?.sequence?.first?.string == "x")
    }

    @Test func `an alias stands for its anchor, at the place where it is used`() throws {
        let node = try YAMLDocument.parse("base: &b {x: 1}\nother: *b\nlast: &b 2\nagain: *b\n")
        #expect(node["other"]?["x"]?.int == 1)
        #expect(node.marks["/other"] == Mark(line: 2, column: 8))
        #expect(node.marks["/other/x"] == Mark(line: 1, column: 14))
        #expect(node["again"]?.int == 2)
    }

    @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n", "--- ~\n...\n", "\u{FEFF}"])
    func `an empty document is nothing`(text: String) throws {
        #expect(try YAMLDocument.parse(text).isNull)
    }

    @Test func `several documents are read when asked for`() throws {
        let documents = try YAMLDocument.parseAll(bytes: Array("a: &x 1\n---\nb\n--- # none\n".utf8))
        #expect(documents.map(\.kind) == ["a mapping", "a text", "nothing"])
        #expect(documents[1].mark == Mark(line: 3, column: 1))
        #expect(try YAMLDocument.parseAll(bytes: []).isEmpty)
    }

    @Test func `a NUL by escape is a character and ends nothing`() throws {
        #expect(try YAMLDocument.parse(#""a\0b""#).string == "a\0b")
    }

    @Test(arguments: [
        ("[]", "a list"), ("{}", "a mapping"), ("~", "nothing"), ("true", "true or false"), ("1", "a whole number"),
        ("1.5", "a number"), ("x", "a text"),
    ])
    func `a node says in words what it is`(text: String, kind: String) throws {
        #expect(try YAMLDocument.parse(text).kind == kind)
    }

    @Test func `a first line moves all places`() throws {
        let node = try YAMLDocument.parse("a: 1", firstLine: 10)
        #expect(node.marks["/a"] == Mark(line: 10, column: 4))
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse("a: @", file: "x.md", firstLine: 10) }
        #expect(error?.description == "x.md:10:4: a text cannot begin with '@': put it in quotes")
    }
}
