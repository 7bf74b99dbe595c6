import Testing
import YAMLKit

/// What a YAML text may do wrong, each with the message that its writer reads.
struct YAMLFaultTests {
    @Test(arguments: [
        ("a:\n\tb: 1\n", "2:1: a tab is not allowed here: YAML is indented with spaces"),
        ("a: 1\n\tb: 2\n", "2:1: a tab is not allowed here: YAML is indented with spaces"),
        ("a: |\n\tx\n", "2:1: a tab is not allowed here: YAML is indented with spaces"),
        ("a: 1\nb: 2\na: 3\n", "3:1: the key 'a' is here a second time: first at 1:1"),
        ("x: {a: 1, \"a\": 2}\n", "1:11: the key 'a' is here a second time: first at 1:5"),
        ("\u{E9}: 1\ne\u{301}: 2\n", "2:1: the key 'e\u{301}' is here a second time: first at 1:1"),
        ("a: *b\n", "1:4: no anchor '&b' before this alias"),
        ("a: &a [1, *a]\n", "1:11: the alias '*a' stands inside its own anchor"),
        ("a: &a {b: &b {c: *a}}\n", "1:18: the alias '*a' stands inside its own anchor"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "3:3: merge keys ('<<') are not supported: write the fields out"),
        ("[a]: 1\n", "1:1: a key must be a single value, not a list or a mapping"),
        ("a: &a [1]\n*a : 2\n", "2:1: a key must be a single value, not a list or a mapping"),
        ("{: 1}\n", "1:2: a key or a value is missing here"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document ('---'): only one is expected in this file"),
        ("a: b: c\n", "1:5: a ':' is not allowed here: quote a text with ': ' in it, or check the indentation"),
        ("a: 1\n b: 2\n", "2:3: a ':' is not allowed here: quote a text with ': ' in it, or check the indentation"),
        ("a: 1\nfoo\nb: 2\n", "2:1: a ':' is missing after this key"),
        ("a: \"x\n", "1:4: the quoted text that begins here is never closed"),
        ("a: [1, 2\nb: 3\n", "2:2: expected ',' or ']' in the list opened at 1:4"),
        ("a: {b: 1\n", "2:1: expected ',' or '}' in the mapping opened at 1:4"),
        ("a: }\n", "1:4: a key or a value is missing here"),
        ("? \n: 1\n", "1:2: a key is missing before the ':'"),
        ("a: - b\n", "1:4: a list of '- ' begins on a line of its own"),
        ("a: @x\n", "1:4: a text cannot begin with '@': put it in quotes"),
        ("a: %x\n", "1:4: a text cannot begin with '%': put it in quotes"),
        ("é: ok\na: `x`\n", "2:4: a text cannot begin with '`': put it in quotes"),
        ("a: x\u{1}y\n", "1:5: the control character U+0001 is not allowed"),
        ("\n\na: é\u{7}", "3:5: the control character U+0007 is not allowed"),
        ("a: \u{FFFF}", "1:4: the control character U+FFFF is not allowed"),
        (
            "a: !foo x\n",
            "1:4: the tag '!foo' is not allowed: only !!str, !!int, !!float, !!bool, !!null, !!seq and !!map are"
        ),
        ("a: !e!foo x\n", "1:4: unknown tag"),
        ("a: !!int x\n", "1:4: the tag !!int does not fit this value"),
        ("a: !!seq x\n", "1:4: the tag !!seq does not fit this value"),
        ("a: !!map [x]\n", "1:4: the tag !!map does not fit this value"),
        ("a: !!str {}\n", "1:4: the tag !!str does not fit this value"),
    ])
    func `a fault is named with its place`(text: String, message: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text, file: "gym.yaml") }
        #expect(error?.description == "gym.yaml:\(message)")
    }

    @Test(arguments: [
        "!!python/object/apply:os.system [ls]", "!!binary aGk=", "!!timestamp 2024-01-01", "!!set {a}", "!!omap []",
        "!ruby/object:Gem {}", "!<tag:example.com,2024:x> y", "!!merge x", "!!js/function 'x'", "! [a]",
    ])
    func `a tag that would construct something is refused`(text: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.mark == Mark(line: 1, column: 1))
        #expect(error?.message.contains("is not allowed: only !!str") == true)
    }

    @Test(
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], "1:4"), ([0x61, 0x0A, 0xC3, 0xA9, 0xC3], "2:2"), ([0xC0, 0x80], "1:1"),
            ([0xED, 0xA0, 0x80], "1:1"), ([0xF4, 0x90, 0x80, 0x80], "1:1"), ([0xE0, 0x80, 0x80], "1:1"),
            ([0xFF, 0xFE, 0x61, 0x00], "1:1"), ([0x61, 0x0D, 0x0A, 0x80], "2:1"), ([0xF0, 0x9F, 0x92], "1:1"),
        ] as [([UInt8], String)])
    func `bytes that are not UTF-8 are refused at their place`(bytes: [UInt8], mark: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(bytes: bytes, file: "f") }
        #expect(error?.description == "f:\(mark): not UTF-8: save the file as UTF-8")
    }

    @Test func `ten megabytes are refused unread`() {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 10 << 20)
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(bytes: bytes) }
        #expect(error?.description == "<input>:1:1: 10485760 bytes: at most 1048576 are read")
    }

    @Test func `an anchor bomb is refused before it is written out`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.message == "more than 100000 values, aliases written out")
    }

    @Test func `a long text repeated by aliases is refused`() {
        let text = "- &a \(String(repeating: "x", count: 1 << 19))\n" + String(repeating: "- *a\n", count: 20)
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.description == "<input>:9:3: more than 4194304 bytes of text, aliases written out")
    }

    @Test(arguments: [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")])
    func `nesting is counted`(open: String, close: String) throws {
        func nested(_ levels: Int) -> String {
            String(repeating: open, count: levels) + String(repeating: close, count: levels)
        }
        if !close.isEmpty {
            #expect(throws: Never.self) { try YAMLDocument.parse(nested(open == "[" ? 64 : 63)) }
            let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(nested(65)) }
            #expect(error?.message == "nested more than 64 levels deep")
        }
        #expect(throws: YAMLError.self) { try YAMLDocument.parse(nested(20_000)) }
    }

    @Test func `nesting by aliases is counted`() {
        var text = "a0: &a0 [x]\n"
        for level in 1...70 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.description == "<input>:63:12: nested more than 64 levels deep by the alias '*a61'")
    }

    @Test(arguments: ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}"])
    func `a heap of directives, which libyaml reads in quadratic time, is refused`(lineBreak: String) {
        let text = (0..<40_000).map { "%TAG !a\($0)! b\(lineBreak)" }.joined() + "--- x\n"
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.message == "more than 16 %TAG directives")
    }

    @Test func `a few directives are read`() throws {
        let node = try YAMLDocument.parse("%YAML 1.2\n%TAG !y! tag:yaml.org,2002:\n---\n!y!str 1\n")
        #expect(node.string == "1")
    }

    @Test func `the limits are the caller's`() {
        let limits = YAMLLimits(maximumBytes: 20, maximumDepth: 2, maximumNodes: 3, maximumText: 4)
        for text in ["[a, b, c, d]", "[[x, [y]]]", "[abcde]", "# over twenty characters"] {
            #expect(throws: YAMLError.self) { try YAMLDocument.parse(text, limits: limits) }
        }
        #expect(throws: Never.self) { try YAMLDocument.parse("[a, b]", limits: limits) }
    }

    @Test func `every truncation of a file gives a tree or an error`() {
        let bytes = Array((YAMLTreeTests.gym + "\nx: &a !!str \"\\u00e9\"\ny: {k: *a, l: 'it''s'}\nz: >-\n  💪\n").utf8)
        var failures = 0
        for length in 0...bytes.count {
            do {
                _ = try YAMLDocument.parse(bytes: Array(bytes.prefix(length)))
            } catch {
                failures += 1
                #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty)
            }
        }
        #expect((1..<bytes.count).contains(failures))
    }

    @Test func `every changed byte gives a tree or an error`() {
        let bytes = Array(YAMLTreeTests.gym.utf8)
        for index in bytes.indices {
            for byte in [0x00, 0x09, 0x0A, 0x22, 0x23, 0x26, 0x2A, 0x3A, 0x5B, 0x7D, 0x85, 0xE2, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] = byte
                do {
                    _ = try YAMLDocument.parse(bytes: changed)
                } catch {
                    #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty)
                }
            }
        }
    }
}
