import SpotterDomain
import Testing

/// What expressions give, and how they refuse.
struct ExpressionTests {
    private static let scope = ExpressionScope(
        [
            "input": ["name": "Ana", "age": 31, "score": 2.5, "tags": ["vip", "new"], "none": nil, "a-b": true],
            "vars": ["count": 3, "flag": true],
        ],
        families: ["nodes": { $0 == "review" ? ["state": "completed", "output": ["approved": true]] : nil }])

    private func value(_ text: String) throws -> JSONValue {
        try SpotterDomain.Expression(text).evaluate(in: Self.scope)
    }

    private func error(_ text: String) -> ExpressionError? {
        do {
            _ = try value(text)
            return nil
        } catch { return error as? ExpressionError }
    }

    @Test(
        arguments: [
            ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("10 / 4", 2.5), ("10 / 5", 2), ("7 % 4", 3), ("-7 % 4", -3),
            ("- 2", -2),
            ("1.5e3", 1500.0), ("9007199254740993 + 0", 9_007_199_254_740_993), ("'a' + \"b\"", "ab"),
            ("'it\\'s'", "it's"),
            ("[1, 'x'] + [true]", [1, "x", true]), ("2 - 1 - 1", 0), ("8 / 2 / 2", 2), ("--1", 1),
        ] as [(String, JSONValue)])
    func `numbers, texts and lists are put together`(_ text: String, _ wanted: JSONValue) throws {
        #expect(try value(text) == wanted)
    }

    @Test(
        arguments: [
            ("input.name", "Ana"), ("input[\"a-b\"]", true), ("input.tags[1]", "new"), ("input.tags[9]", nil),
            ("input.tags[-1]", nil), ("input.name.first", nil), ("input.nothing.at.all", nil),
            ("nodes.review.output.approved", true), ("nodes['review'].state", "completed"), ("nodes.other.state", nil),
            ("input.tags[vars.count - 3]", "vip"), ("input['na' + 'me']", "Ana"), ("['a', 'b'][1]", "b"),
        ] as [(String, JSONValue)])
    func `what is not there is null`(_ text: String, _ wanted: JSONValue) throws {
        #expect(try value(text) == wanted)
    }

    @Test(
        arguments: [
            ("1 == 1.0", true), ("9007199254740993 == 9007199254740992.0", false), ("null == null", true),
            ("input.none == null", true), ("1 == '1'", false), ("1 != '1'", true), ("2 > 1.5", true),
            ("'a' < 'b'", true),
            ("3 >= 3", true), ("[1, 2] == [1.0, 2]", true), ("'vip' in input.tags", true),
            ("'x' not in input.tags", true),
            ("'an' in 'banana'", true), ("'nan' in 'banna'", false), ("'name' in input", true), ("1 in null", false),
            ("not true or true", true), ("not (true or true)", false), ("!true || true", true), ("not 1 == 2", true),
            ("true && !false", true), ("null or false", false), ("not input.none", true),
            ("false and 1 / 0 == 1", false),
            ("true or nodes", true), ("not not true", true),
        ] as [(String, JSONValue)])
    func `things are compared and joined`(_ text: String, _ wanted: JSONValue) throws {
        #expect(try value(text) == wanted)
    }

    @Test(
        arguments: [
            ("len('äöü')", 3), ("len(input.tags)", 2), ("len(null)", 0), ("lower('AB')", "ab"), ("upper('ab')", "AB"),
            ("trim('  a b\\n')", "a b"), ("contains('banana', 'nan')", true), ("contains(input.tags, 'vip')", true),
            ("starts_with('abc', 'ab')", true), ("ends_with('abc', 'bc')", true), ("exists(input.none)", false),
            ("default(input.none, 5)", 5), ("default(1, 1 / 0)", 1), ("if(vars.flag, 'y', 1 / 0)", "y"),
            ("number(' 12 ')", 12), ("number('1.5')", 1.5), ("number('0x10')", nil), ("number('inf')", nil),
            ("number('')", nil), ("string([1, 'a'])", "[1,\"a\"]"), ("string('a')", "a"), ("min(3, 1.5, 2)", 1.5),
            ("max([1, 9, 3])", 9), ("max([])", nil), ("sum([1, 2, 3.5])", 6.5), ("round(2.5)", 3),
            ("round(2.345, 2)", 2.35),
            ("floor(-1.5)", -2), ("ceil(1.2)", 2), ("abs(-3)", 3), ("join(input.tags, ', ')", "vip, new"),
        ] as [(String, JSONValue)])
    func `functions give what they say`(_ text: String, _ wanted: JSONValue) throws {
        #expect(try value(text) == wanted)
    }

    @Test(
        arguments: [
            ("", .syntax, 1), ("1 +", .syntax, 4), ("(1", .syntax, 3), ("1 2", .syntax, 3), ("'abc", .syntax, 1),
            ("a = 1", .syntax, 3), ("1 < 2 < 3", .syntax, 7), ("input.", .syntax, 7), ("input.1", .syntax, 7),
            ("lenn(1)", .unknownName, 1), ("len()", .syntax, 1), ("len(1, 2)", .syntax, 1), ("1x", .syntax, 2),
            ("99999999999999999999", .outOfRange, 1), ("9223372036854775807 + 1", .outOfRange, 21),
            ("-9223372036854775807 - 2", .outOfRange, 22), ("1e308 * 10", .outOfRange, 7),
            ("1 / 0", .divisionByZero, 3),
            ("1 % 0", .divisionByZero, 3), ("1.5 / 0", .divisionByZero, 5), ("1 + 'a'", .typeMismatch, 3),
            ("1 < 'a'", .typeMismatch, 3), ("null < 1", .typeMismatch, 6), ("not 1", .typeMismatch, 5),
            ("true and 'x'", .typeMismatch, 10), ("- 'a'", .typeMismatch, 1), ("lower(1)", .typeMismatch, 7),
            ("inptu.name", .unknownName, 1), ("nodes", .unknownName, 1), ("1 in 2", .typeMismatch, 3),
            ("ä", .syntax, 1),
            ("'é' + 1", .typeMismatch, 5), ("'\\q'", .syntax, 3), ("a[1", .syntax, 4),
            ("input.tags[true]", .typeMismatch, 12),
            ("{}", .syntax, 1), ("a; b", .syntax, 2), ("a not b", .syntax, 7), ("1..2", .syntax, 3),
        ] as [(String, ExpressionError.Code, Int)])
    func `mistakes have a code and a place`(_ text: String, _ code: ExpressionError.Code, _ position: Int) {
        let error = error(text)
        #expect(error?.code == code, "\(text): \(String(describing: error))")
        #expect(error?.position == position, "\(text): \(String(describing: error))")
    }

    @Test func `hints name what was probably meant`() {
        #expect(error("lenn(1)")?.message == #"there is no function lenn; did you mean "len"?"#)
        #expect(error("inptu.a")?.message == #"there is nothing called inptu; did you mean "input"?"#)
    }

    @Test func `the least whole number has no trap`() throws {
        #expect(try value("(-9223372036854775807 - 1) % -1") == 0)
        #expect(error("(-9223372036854775807 - 1) / -1")?.code == .outOfRange)
        #expect(error("-(-9223372036854775807 - 1)")?.code == .outOfRange)
        #expect(error("abs(-9223372036854775807 - 1)")?.code == .outOfRange)
        #expect(error("round(1.5, 99)")?.code == .typeMismatch)
    }

    @Test func `depth and length are bounded and long chains are not deep`() throws {
        #expect(error(String(repeating: "(", count: 51) + "1" + String(repeating: ")", count: 51))?.code == .tooLarge)
        #expect(try value(String(repeating: "(", count: 50) + "1" + String(repeating: ")", count: 50)) == 1)
        #expect(error(String(repeating: "!", count: 2_000) + "true")?.code == .tooLarge)
        #expect(error(String(repeating: "not ", count: 900) + "true")?.code == .tooLarge)
        #expect(error(String(repeating: "[", count: 3_000))?.code == .tooLarge)
        #expect(try value("1" + String(repeating: "+1", count: 1_999)) == 2_000)
        #expect(try value("input" + String(repeating: ".a", count: 1_900)) == nil)
        #expect(error(String(repeating: " ", count: 4_000) + "1")?.code == .tooLarge)
    }

    @Test func `results and work are bounded`() throws {
        let long = ExpressionScope(["input": ["text": .string(String(repeating: "a", count: 60_000))]])
        #expect(throws: ExpressionError.self) { try Expression("input.text + input.text").evaluate(in: long) }
        let list = ExpressionScope(["input": .array(Array(repeating: "abc", count: 9_000))])
        #expect(throws: ExpressionError.self) { try Expression("len(input + input)").evaluate(in: list) }
        let many = "input == input" + String(repeating: " and input == input", count: 200)
        let huge = ExpressionScope(["input": .array(Array(repeating: "abcdefgh", count: 100_000))])
        #expect { try Expression(many).isTrue(in: huge) } throws: { ($0 as? ExpressionError)?.code == .tooLarge }
    }

    @Test func `looking for a text takes no longer where it nearly is everywhere`() throws {
        let text = String(repeating: "a", count: 1_000_000)
        let scope = ExpressionScope(["text": .string(text), "part": .string(String(text.prefix(500_000)) + "b")])
        #expect(try Expression("part in text").isTrue(in: scope) == false)
    }

    @Test func `a condition must be true or false and null is false`() throws {
        #expect(try Expression("vars.flag").isTrue(in: Self.scope))
        #expect(try !Expression("input.none").isTrue(in: Self.scope))
        #expect { try Expression("vars.count").isTrue(in: Self.scope) } throws: {
            ($0 as? ExpressionError)?.code == .typeMismatch
        }
    }
}
