import SpotterDomain
import Testing

struct CSVTests {
    private func rows(_ text: String, by delimiter: Character = ",", pieces: Int = .max) throws -> [[String]] {
        try read(Array(text.utf8), by: delimiter, pieces: pieces).map {
            $0.fields.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private func read(_ bytes: [UInt8], by delimiter: Character = ",", pieces: Int = .max) throws -> [CSVRow] {
        var reader = CSVReader(delimiter: delimiter.asciiValue ?? 0)
        var rows: [CSVRow] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            try reader.read(rest.prefix(pieces), into: &rows)
            rest = rest.dropFirst(pieces)
        }
        try reader.finish(into: &rows)
        return rows
    }

    // The rules of RFC 4180, section 2, one by one, and what is found in the wild.
    @Test(arguments: [
        ("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]]),
        ("aaa,bbb,ccc\r\nzzz,yyy,xxx", [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]]),
        ("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx", [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]]),
        ("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx", [["aaa", "b\r\nbb", "ccc"], ["zzz", "yyy", "xxx"]]),
        ("\"aaa\",\"b\"\"bb\",\"ccc\"", [["aaa", "b\"bb", "ccc"]]),
        ("a,b\nc,d\re,f\r\n\r\n\ng,h", [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]),
        (",\n\"\",\"\"\n", [["", ""], ["", ""]]),
        ("a b, c ,\td", [["a b", " c ", "\td"]]),
        ("say \"hi\",x", [["say \"hi\"", "x"]]),
        ("\"\"\"\"", [["\""]]),
        ("", []),
        ("\n\r\n", []),
        ("a,", [["a", ""]]),
    ])
    func `rows are read however they are cut`(_ text: String, _ expected: [[String]]) throws {
        #expect(try rows(text) == expected)
        for pieces in 1...3 { #expect(try rows(text, pieces: pieces) == expected) }
    }

    @Test func `a row knows where it begins`() throws {
        #expect(try read(Array("h\n\n\"a\nb\"\r\nc\rd".utf8)).map(\.line) == [1, 3, 5, 6])
    }

    @Test func `what cannot be read says where`() {
        let open = #expect(throws: CSVError.self) { try rows("a\nb,\"c\nd") }
        #expect(open?.description == "line 2: a quote is opened and never closed")
        let after = #expect(throws: CSVError.self) { try rows("a\n\"b\"c") }
        #expect(after?.line == 2)
        let large = #expect(throws: CSVError.self) {
            try rows("a\n\"" + String(repeating: "x", count: CSVReader.largestField + 1))
        }
        #expect(large?.line == 2)
        #expect(throws: CSVError.self) { try rows(String(repeating: ",", count: CSVReader.mostFields)) }
    }

    @Test(arguments: [
        ("a,b,c\n1;2", ","), ("a;b;c\n1,2,3,4", ";"), ("a\tb\n", "\t"), ("\"a,b,c\";d\n", ";"), ("a|b", "|"),
        ("name", ","), ("\n\na;b", ";"), ("", ","),
    ])
    func `the separator is told by the first row`(_ text: String, _ expected: Character) {
        #expect(CSVDialect.delimiter(of: text.utf8) == expected.asciiValue)
    }

    @Test func `what is not UTF-8 is told at any cut, and read as Windows has it`() {
        func isSound(_ bytes: [UInt8]) -> Bool {
            var (whole, cut) = (UTF8Check(), UTF8Check())
            whole.read(bytes)
            for byte in bytes { cut.read([byte]) }
            #expect(whole.isSoundAtEnd == cut.isSoundAtEnd)
            return whole.isSoundAtEnd
        }
        #expect(isSound(Array("Álvarez €\u{1F600}".utf8)))
        for bytes: [UInt8] in [
            [0xC1, 0x80], [0xE9], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xF5],
        ] {
            #expect(!isSound(bytes))
        }
        #expect(TextEncoding.windows1252.text(of: [0x80, 0x20, 0xC1, 0x6C, 0x76, 0xE9, 0x93]) == "€ Álvé“")
    }

    @Test(arguments: [
        ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""), ("@SUM(A1)", "'@SUM(A1)"), ("+1", "+1"),
        ("-12,5", "\"-12,5\""), ("+44 7700 900123", "'+44 7700 900123"), ("plain", "plain"), ("a,b", "\"a,b\""),
        ("-", "'-"), ("'=x", "''=x"), ("'quoted'", "'quoted'"), ("", ""), ("\tx", "\"'\tx\""), ("a\nb", "\"a\nb\""),
    ])
    func `nothing that is written is a formula, and it is read as it was`(_ text: String, _ written: String) throws {
        #expect(CSVWriter.field(text) == written)
        let read = try rows(CSVWriter.row([text, "x"])).first?.first
        #expect(read.map(CSVWriter.plain) == text)
    }
}
