import Testing
import YAMLKit

/// YAML 1.2.2 §10.3.2, with whole numbers of a leading zero kept as text.
struct CoreSchemaTests {
    @Test(arguments: ["", "~", "null", "Null", "NULL"])
    func `these are null`(text: String) throws {
        let node = try YAMLDocument.parse("k: \(text)")["k"]
        #expect(node?.resolved == .null)
        #expect(node?.text == text)
    }

    @Test(arguments: [("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false)])
    func `these are booleans`(text: String, value: Bool) throws {
        #expect(try YAMLDocument.parse(text).resolved == .bool(value))
    }

    @Test(arguments: [
        ("0", 0), ("7", 7), ("-1", -1), ("+12", 12), ("0o17", 15), ("0x1F", 31), ("0xff", 255), ("-0", 0),
        ("9223372036854775807", .max), ("-9223372036854775808", .min), ("0x7fffffffffffffff", .max),
    ])
    func `these are whole numbers`(text: String, value: Int) throws {
        let node = try YAMLDocument.parse(text)
        #expect(node.resolved == .int(value))
        #expect(node.text == text)
        #expect(node.double == Double(value))
    }

    @Test(arguments: [
        ("1.5", 1.5), ("-0.25", -0.25), ("1.", 1), (".5", 0.5), ("-.5", -0.5), ("+1.5e3", 1500), ("1e3", 1000),
        ("1E-2", 0.01), ("00.5", 0.5), ("0e0", 0), (".inf", .infinity), ("-.Inf", -.infinity), ("+.INF", .infinity),
        ("1e-400", 0), ("1.10", 1.1),
    ])
    func `these are floating-point numbers`(text: String, value: Double) throws {
        let node = try YAMLDocument.parse(text)
        #expect(node.resolved == .float(value))
        #expect(node.int == nil)
        #expect(node.text == text)
    }

    @Test func `not a number is a floating-point number`() throws {
        #expect(try YAMLDocument.parse(".nan").double?.isNaN == true)
    }

    @Test(arguments: [
        "no", "No", "NO", "yes", "on", "off", "y", "n", "tRUE", "nUll", "0777", "007", "-012", "00", "12:30", "1:2:3",
        "1_000", "0b101", "0o8", "0o", "0x", "0xg", "-0x1", "+0o7", "1e", "1e+", "e3", ".", "+", ".e1", "1.2.3",
        "2024-01-01", "1 000", "+.nan", "inf", "nan", "١٢", "１２", "1,5", "--1", "1-", "0x1p4", "0x1.8", "infinity",
    ])
    func `these stay texts`(text: String) throws {
        #expect(try YAMLDocument.parse("k: \(text)")["k"]?.string == text)
    }

    @Test(arguments: [#""1""#, "'true'", "|-\n  1", ">-\n  null", "!!str 1", "! 1", #""""#])
    func `quoted, block and tagged values are texts`(text: String) throws {
        let node = try YAMLDocument.parse("k: \(text)")["k"]
        #expect(node?.string != nil)
        #expect(node?.string == node?.text)
    }

    @Test(
        arguments: [
            ("!!int \"12\"", .int(12)), ("!!float 1", .float(1)), ("!!bool 'true'", .bool(true)), ("!!null ''", .null),
            ("!<tag:yaml.org,2002:str> 5", .string("5")),
        ] as [(String, YAMLScalar)])
    func `core tags decide`(text: String, value: YAMLScalar) throws {
        #expect(try YAMLDocument.parse(text).resolved == value)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "0xFFFFFFFFFFFFFFFF", "0o7777777777777777777777", "1e400",
        "123456789012345678901234567890",
    ])
    func `a number that does not fit is refused, not rounded`(text: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse("k: \(text)") }
        #expect(error?.mark == Mark(line: 1, column: 4))
        #expect(error?.message == "the number \(text) does not fit 64 bits: quote it if it is a text")
    }
}
