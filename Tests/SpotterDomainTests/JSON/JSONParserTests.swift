import SpotterDomain
import Testing

/// What the parser takes and what it refuses, after the cases of RFC 8259 and the JSON test suite of N. Seriot.
struct JSONParserTests {
    // MARK: Accepted

    static let accepted: [(String, JSONValue)] = [
        ("[]", []), ("{}", [:]), (" [ ] ", []), ("\t{\n}\r", [:]), ("null", nil), ("true", true), ("false", false),
        ("\"\"", ""), ("\" \"", " "), ("[\"a\"]", ["a"]), ("[null]", [nil]),
        ("[1,null,null,null,2]", [1, nil, nil, nil, 2]),
        ("0", 0), ("-0", 0), ("1", 1), ("-1", -1), ("123456789", 123_456_789), ("20e1", 200.0), ("1E2", 100.0),
        ("1e+2", 100.0), ("1e-2", 0.01), ("123.456e78", 123.456e78), ("-0.5", -0.5), ("0.1", 0.1), ("1.0", 1.0),
        ("9223372036854775807", 9_223_372_036_854_775_807), ("-9223372036854775808", -9_223_372_036_854_775_808),
        // Beyond 64 bits a whole number is a float, as everywhere else in JSON.
        ("9223372036854775808", .double(9_223_372_036_854_775_808)),
        ("-9223372036854775809", .double(-9_223_372_036_854_775_808)),
        ("1e308", 1e308), ("1e-400", 0.0), ("-1e-400", .double(-0.0)),
        ("{\"a\":\"b\"}", ["a": "b"]), ("{\"a\":1,\"b\":2}", ["a": 1, "b": 2]), ("{\"\":0}", ["": 0]),
        ("{\"a\":[]}", ["a": []]), ("{ \"a\" : [ 1 , 2 ] }", ["a": [1, 2]]), ("{\"a\":{\"a\":1}}", ["a": ["a": 1]]),
        ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{C}\n\r\t"), ("\"\\u0041\\u00e9\\u20AC\"", "Aé€"),
        ("\"\\uD83D\\uDE00\"", "😀"), ("\"\\ud83d\\ude00\"", "😀"), ("\"\\uDBFF\\uDFFF\"", "\u{10FFFF}"),
        ("\"😀é€\"", "😀é€"), ("\"\u{7F}\"", "\u{7F}"), ("\"\u{2028}\u{2029}\"", "\u{2028}\u{2029}"),
        ("\"\u{FFFF}\"", "\u{FFFF}"),
        ("\"\\uFEFF\"", "\u{FEFF}"), ("\"\\u0001\"", "\u{1}"), ("\"a/b\"", "a/b"),
        ("\"// no comment\"", "// no comment"),
        ("[[[[[[]]]]]]", [[[[[[]]]]]]),
    ]

    @Test(arguments: accepted)
    func `valid JSON is read as what it says`(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    // MARK: Refused

    /// The text, where the fault is, and a part of what is said of it.
    static let refused: [(String, Int, String)] = [
        ("", 0, "a value is missing"), ("  ", 2, "a value is missing"), ("[", 1, "missing"), ("{", 1, "name"),
        ("[1", 2, "','"), ("[1,", 3, "missing"), ("[,1]", 1, "cannot start"), ("[1,,2]", 3, "cannot start"),
        ("[1,]", 3, "cannot start"), ("[1 2]", 3, "','"), ("[\"a\",\n4\n,1,1,", 13, "missing"),
        ("]", 0, "cannot start"),
        ("[]]", 2, "follows"), ("{}}", 2, "follows"), ("1 2", 2, "follows"), ("[] //", 3, "follows"),
        ("{}#", 2, "follows"), ("/* */[]", 0, "cannot start"), ("{1:1}", 1, "name"), ("{a:1}", 1, "name"),
        ("{'a':1}", 1, "name"), ("{\"a\"}", 4, "':'"), ("{\"a\" 1}", 5, "':'"), ("{\"a\"::1}", 5, "cannot start"),
        ("{\"a\":}", 5, "cannot start"), ("{\"a\":1,}", 7, "name"), ("{\"a\":1 \"b\":2}", 7, "','"),
        ("{,}", 1, "name"), ("{\"a\":1,,\"b\":2}", 7, "name"), ("{null:1}", 1, "name"), ("{[]:1}", 1, "name"),
        ("nul", 0, "unknown word"), ("nulL", 0, "unknown word"), ("tru", 0, "unknown word"),
        ("fals", 0, "unknown word"),
        ("True", 0, "cannot start"), ("truefalse", 4, "follows"), ("nullx", 4, "follows"),
        ("undefined", 0, "cannot start"),
        ("NaN", 0, "cannot start"), ("Infinity", 0, "cannot start"), ("-Infinity", 1, "digit"), ("-NaN", 1, "digit"),
        ("01", 1, "start with 0"), ("-01", 2, "start with 0"), ("00", 1, "start with 0"), ("+1", 0, "cannot start"),
        (".5", 0, "cannot start"), ("1.", 2, "digit"), ("-", 1, "digit"), ("--1", 1, "digit"), ("1e", 2, "digit"),
        ("1e+", 3, "digit"), ("1.e1", 2, "digit"), ("-.5", 1, "digit"), ("1.2.3", 3, "follows"), ("0x1F", 1, "follows"),
        ("1_000", 1, "follows"), ("1e1.5", 3, "follows"), ("1e400", 0, "out of range"), ("[-1e400]", 1, "out of range"),
        ("１", 0, "cannot start"), ("\"", 1, "not closed"), ("\"abc", 4, "not closed"), ("\"\\", 2, "not closed"),
        ("\"\\\"", 3, "not closed"), ("'a'", 0, "cannot start"), ("\"\\x41\"", 2, "unknown escape"),
        ("\"\\'\"", 2, "unknown escape"), ("\"\\U0041\"", 2, "unknown escape"), ("\"\\a\"", 2, "unknown escape"),
        ("\"\\u12\"", 3, "hexadecimal"), ("\"\\u12G4\"", 5, "hexadecimal"), ("\"\\u 123\"", 3, "hexadecimal"),
        ("\"\\u+123\"", 3, "hexadecimal"), ("\"\n\"", 1, "control"), ("\"\t\"", 1, "control"),
        ("\"a\u{0}b\"", 2, "control"),
        ("\"\u{1F}\"", 1, "control"), ("[\"a\\\n\"]", 4, "escape"), ("\u{C}[]", 0, "cannot start"),
        ("\u{A0}[]", 0, "cannot start"),
        ("[]\u{0}", 2, "follows"), ("\u{2060}[]", 0, "cannot start"), ("<.>", 0, "cannot start"),
        ("*", 0, "cannot start"),
        // Half a character.
        ("\"\\uD800\"", 7, "surrogate"), ("\"\\uDC00\"", 7, "surrogate"), ("\"\\uD800\\uD800\"", 13, "surrogate"),
        ("\"\\uD800\\n\"", 8, "surrogate"), ("\"\\uD800x\"", 7, "surrogate"), ("\"\\uDFFF\\uD800\"", 7, "surrogate"),
        ("\"\\uD83D\\u0041\"", 13, "surrogate"),
        // PostgreSQL can store no U+0000.
        ("\"\\u0000\"", 7, "U+0000"), ("{\"\\u0000\":1}", 8, "U+0000"),
        // Every name once.
        ("{\"a\":1,\"a\":2}", 7, "appears twice"), ("{\"a\":1,\"a\":1}", 7, "appears twice"),
        ("{\"a\":1,\"\\u0061\":2}", 7, "appears twice"), ("[{\"x\":{\"b\":1,\"b\":1}}]", 13, "\"b\" appears twice"),
        ("\u{FEFF}[]", 0, "byte order mark"), ("[\u{FEFF}]", 1, "cannot start"),
    ]

    @Test(arguments: refused)
    func `invalid JSON is refused where it is wrong`(_ text: String, _ offset: Int, _ message: String) throws {
        let failure = try #require(throws: JSONParser.Failure.self) { try JSONParser.parse(text) }
        #expect(failure.message.contains(message), "\(failure)")
        #expect(failure.offset == offset, "\(failure)")
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22],
            [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0xBF, 0xBF, 0xBF, 0x22], [0x22, 0xE2, 0x82, 0x22], [0x22, 0x80, 0x22], [0x22, 0xC3, 0x22],
            [0x22, 0x5C, 0x6E, 0xFF, 0x22], [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused inside strings`(_ bytes: [UInt8]) throws {
        let failure = try #require(throws: JSONParser.Failure.self) { try JSONParser.parse(bytes) }
        #expect(failure.message == "invalid UTF-8 in a string")
    }

    @Test(
        arguments: [
            [0xFF], [0xFE, 0xFF], [0xC3, 0xA9], [0x00], [0x00, 0x5B, 0x00, 0x5D], [0x5B, 0x00, 0x5D, 0x00],
            [0x5B, 0xE9, 0x5D],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 or another encoding are refused outside strings`(_ bytes: [UInt8]) {
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(bytes) }
    }

    // MARK: Bounds

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func `nesting is bounded exactly`(_ open: String, _ close: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth) + (open == "[" ? "" : "1") + String(repeating: close, count: depth)
        }
        #expect(throws: Never.self) { try JSONParser.parse(nested(128)) }
        let failure = try #require(throws: JSONParser.Failure.self) { try JSONParser.parse(nested(129)) }
        #expect(failure.message == "nested deeper than 128")
        #expect(throws: Never.self) { try JSONParser.parse(Array("[[1]]".utf8), maximumDepth: 2) }
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(Array("[[[]]]".utf8), maximumDepth: 2) }
    }

    @Test func `a hundred thousand open brackets are refused and not a crash`() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(text) }
        let wide = "[" + String(repeating: "[],", count: 100_000) + "[]]"
        #expect(throws: Never.self) { try JSONParser.parse(wide) }
    }

    @Test func `an object of many members keeps their order and finds each`() throws {
        let names = (0..<5_000).map { "member \($0 &* 7919 % 5_000)" }
        let text = "{" + names.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",") + "}"
        let object = try #require(try JSONParser.parse(text).object)
        #expect(object.keys == names)
        #expect(names.enumerated().allSatisfy { object[$1] == .int(Int64($0)) })
        let doubled = text.dropLast() + ",\"member 17\":1}"
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(String(doubled)) }
    }

    @Test func `every prefix of a valid text is refused`() throws {
        let text = #"{"a":[1,-2.5e3,true,null,"x\u00e9\n😀"],"b":{"c":"d"}}"#
        let bytes = Array(text.utf8)
        #expect(throws: Never.self) { try JSONParser.parse(bytes) }
        for end in bytes.indices {
            let failure = try #require(throws: JSONParser.Failure.self, "\(end)") {
                try JSONParser.parse(Array(bytes[..<end]))
            }
            #expect((0...end).contains(failure.offset))
        }
    }
}
