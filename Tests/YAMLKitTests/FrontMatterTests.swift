import Testing
import YAMLKit

struct FrontMatterTests {
    @Test(arguments: [
        "---\nname: Coach\ntools: [a]\n---\n# Hello\n\nYou are kind.\n",
        "---\r\nname: Coach\r\ntools: [a]\r\n---\r\n# Hello\r\n\r\nYou are kind.\r\n",
        "\u{FEFF}---  \nname: Coach\ntools: [a]\n--- \t\n# Hello\n\nYou are kind.\n",
    ])
    func `a file is split and its places stay right`(text: String) throws {
        let file = try FrontMatter.split(text, file: "coach.md")
        #expect(file.bodyFirstLine == 5)
        #expect(file.body.replacing("\r\n", with: "\n") == "# Hello\n\nYou are kind.\n")
        let node = try #require(try file.parse())
        #expect(node["name"]?.string == "Coach")
        #expect(node.marks["/tools/0"] == Mark(line: 3, column: 9))
    }

    @Test func `an error in the front matter has the line of the whole file`() throws {
        let file = try FrontMatter.split("---\na: 1\na: 2\n---\nbody", file: "coach.md")
        let error = #expect(throws: YAMLError.self) { try file.parse() }
        #expect(error?.description == "coach.md:3:1: the key 'a' is here a second time: first at 2:1")
    }

    @Test(arguments: ["", "# Title\n---\na: 1\n---\n", " ---\na: 1\n---\n", "----\na: 1\n---\n", "\n---\na: 1\n---\n"])
    func `a text that does not begin with a fence is all body`(text: String) throws {
        let file = try FrontMatter.split(text)
        #expect(file.yaml == nil)
        #expect(file.body == text)
        #expect(file.bodyFirstLine == 1)
        #expect(try file.parse() == nil)
    }

    @Test func `only the first closing fence counts`() throws {
        let file = try FrontMatter.split("---\na: '--- no'\n---\nbody\n---\nmore")
        #expect(file.yaml == "a: '--- no'\n")
        #expect(file.body == "body\n---\nmore")
        #expect(file.bodyFirstLine == 4)
    }

    @Test func `front matter may be empty, and so may the body`() throws {
        let file = try FrontMatter.split("---\n---")
        #expect(file.yaml == "")
        #expect(file.body == "")
        #expect(file.bodyFirstLine == 3)
        #expect(try file.parse()?.isNull == true)
    }

    @Test(arguments: ["---", "---\n", "---\na: 1\n", "---\na: 1\n----\nbody", "---\na: 1\n --- \nbody"])
    func `a half-written file is refused`(text: String) {
        let error = #expect(throws: YAMLError.self) { try FrontMatter.split(text, file: "coach.md") }
        #expect(error?.description == "coach.md:1:1: the front matter opened here has no closing '---'")
    }

    @Test func `a body that is not UTF-8 is refused with the line of the whole file`() {
        let bytes = Array("---\na: 1\n---\nok\né".utf8) + [0xE9]
        let error = #expect(throws: YAMLError.self) { try FrontMatter.split(bytes: bytes, file: "coach.md") }
        #expect(error?.description == "coach.md:5:2: not UTF-8: save the file as UTF-8")
    }

    @Test func `a file over the limit is refused`() {
        let limits = YAMLLimits(maximumBytes: 10)
        #expect(throws: YAMLError.self) { try FrontMatter.split("---\n---\nlong body", limits: limits) }
    }
}
