import Foundation
import SpotterDomain
import Testing

/// The writer's quick ways give what its slow ways would.
struct JSONWriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(capacity: 0)
        write(&writer)
        return writer.text
    }

    @Test func `a character that needs an escape is found wherever it stands`() throws {
        for length in 0...24 {
            for position in 0..<length {
                for character in ["\"", "\\", "\u{0}", "\u{1F}", "\u{7F}", "\n", "~", "\u{80}", "é"] {
                    let before = String(repeating: "a", count: position)
                    let string = before + character + String(repeating: "]", count: length - position - 1)
                    let slow = string.unicodeScalars.map(escaped).joined()
                    #expect(text { $0.write(string) } == "\"\(slow)\"")
                }
            }
        }
    }

    private func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\0", "\u{1F}", "\u{7F}": "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        default: String(scalar)
        }
    }

    @Test(arguments: [
        0.7, 0.07, 1.05, -0.25, 12.5, 0.29, 1e-3, 1e-7, 0.1 + 0.2, 123_456.78, 9_999_999_999.99, 1e15 + 0.5, 1e22, .pi,
        -1.5, 0.005, 4.35, 1.005, 2.675, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ])
    func `a fraction is written as Swift describes it`(_ number: Double) {
        #expect(text { $0.write(number) } == "\(number)")
    }

    @Test func `every hundredth is written as Swift describes it`() {
        for hundredths in -20_000...20_000 where hundredths % 100 != 0 {
            let number = Double(hundredths) / 100
            #expect(text { $0.write(number) } == "\(number)")
        }
    }

    @Test(arguments: [0, 7, -7, 10, 99, 100, -100, 1_234_567_890, Int.max, Int.min])
    func `an integer is written in decimal`(_ number: Int) {
        #expect(text { $0.write(number) } == "\(number)")
        #expect(text { $0.write(Int64(number)) } == "\(number)")
    }

    @Test func `an integer beyond 64 bits keeps its digits`() {
        #expect(text { $0.write(UInt64.max) } == "18446744073709551615")
    }

    @Test func `members that are nil are left out, or null where asked for`() {
        let object = text { json in
            json.object { json in
                json.member("a", String?.none)
                json.member("b", 1)
                json.member("c", [true, false])
                json.member("d", orNull: Int?.none)
                json.member("e", ["y": "2", "x": "1"])
            }
        }
        #expect(object == #"{"b":1,"c":[true,false],"d":null,"e":{"x":"1","y":"2"}}"#)
    }

    @Test func `what was taken is gone, and the writer goes on`() {
        var writer = JSONWriter()
        writer.write("first")
        #expect(writer.take() == Array(#""first""#.utf8))
        writer.write(2)
        #expect(writer.text == "2")
    }
}
