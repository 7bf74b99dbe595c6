import SpotterDomain
import Testing

struct JSONValueTests {
    @Test(arguments: [
        "[]", "{}", "null", #"{"b":1,"a":[true,false,null,"x"]}"#, #""\"\\\n\r\t\u0001\u007f/é😀""#,
        "[0.1,-2.5,1e+300,100]",
        #"{"":{"":[{}]}}"#, "-9223372036854775808",
    ])
    func `compact text is written as it was read`(_ text: String) throws {
        #expect(try JSONParser.parse(text).description == text)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.1, "0.1"), (1e21, "1e+21"), (.leastNonzeroMagnitude, "5e-324"),
        (9_007_199_254_740_991, "9007199254740991"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
    ])
    func `numbers are written shortly, and what JSON lacks as null`(_ number: Double, _ text: String) throws {
        #expect(JSONValue.double(number).description == text)
        if number.isFinite { #expect(try JSONParser.parse(text).double == number) }
    }

    @Test func `random values survive writing and reading`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let value = Self.random(depth: 4, &random)
            #expect(try JSONParser.parse(value.bytes) == value)
        }
    }

    private static func random(depth: Int, _ random: inout SystemRandomNumberGenerator) -> JSONValue {
        func text() -> String {
            let scalars = (0..<Int.random(in: 0...8, using: &random)).compactMap { _ -> Character? in
                let code = [UInt32.random(in: 1...0x7F), .random(in: 1...0x2FFF), .random(in: 0x1F000...0x1FAFF)]
                return code.randomElement(using: &random).flatMap(Unicode.Scalar.init).map(Character.init)
            }
            return String(scalars)
        }
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(.random(in: .min ... .max, using: &random))
        case 3: return .double(.random(in: -1e6...1e6, using: &random) + 0.5)
        case 4: return .string(text())
        case 5: return .array((0..<3).map { _ in Self.random(depth: depth - 1, &random) })
        default:
            var object = JSONObject()
            for _ in 0..<4 { object[text()] = Self.random(depth: depth - 1, &random) }
            return .object(object)
        }
    }

    @Test func `members are reached by name and index`() {
        let value: JSONValue = ["a": [1, ["b": "c"]], "n": nil]
        #expect(value["a"]?[1]?["b"] == "c")
        #expect(value["a"]?[2] == nil && value["a"]?[-1] == nil && value["x"] == nil && value["a"]?["b"] == nil)
        #expect(value["n"]?.isNull == true)
        #expect(JSONValue.double(3).int == 3 && JSONValue.double(3.5).int == nil && JSONValue.double(1e300).int == nil)
        #expect(JSONValue.int(3).double == 3)
    }

    @Test func `the order of members makes no difference to equality and hash`() {
        let left: JSONValue = ["a": 1, "b": [true]]
        let right: JSONValue = ["b": [true], "a": 1]
        #expect(left == right && left.hashValue == right.hashValue)
        #expect(left != ["a": 1, "b": [false]] && left != ["a": 1])
        #expect(left.description != right.description)
    }

    @Test(arguments: [3, 40])
    func `objects replace, remove and keep their order, few members or many`(_ count: Int) {
        var object = JSONObject()
        for index in 0..<count { object["k\(index)"] = .int(Int64(index)) }
        object["k1"] = "new"
        object["k0"] = nil
        object["nothing"] = nil
        object["k0"] = "again"
        #expect(object.keys == (1..<count).map { "k\($0)" } + ["k0"])
        #expect(object["k1"] == "new" && object["k0"] == "again" && object["k2"] == 2)
        #expect(object.count == count)
    }

    /// The examples of RFC 7396, appendix A.
    @Test(
        arguments: [
            (["a": "b"], ["a": "c"], ["a": "c"]), (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
            (["a": "b"], ["a": nil], [:]),
            (["a": "b", "b": "c"], ["a": nil], ["b": "c"]), (["a": ["b"]], ["a": "c"], ["a": "c"]),
            (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
            (["a": ["b": "c"]], ["a": ["b": "d", "c": nil]], ["a": ["b": "d"]]),
            (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]), (["a", "b"], ["c", "d"], ["c", "d"]),
            (["a": "b"], ["c"], ["c"]),
            (["a": "foo"], nil, nil), (["a": "foo"], "bar", "bar"), (["e": nil], ["a": 1], ["e": nil, "a": 1]),
            ([1, 2], ["a": "b", "c": nil], ["a": "b"]), ([:], ["a": ["bb": ["ccc": nil]]], ["a": ["bb": [:]]]),
        ] as [(JSONValue, JSONValue, JSONValue)])
    func `a merge patch does what the RFC says`(_ target: JSONValue, _ patch: JSONValue, _ result: JSONValue) {
        #expect(target.merging(patch: patch) == result)
    }
}
