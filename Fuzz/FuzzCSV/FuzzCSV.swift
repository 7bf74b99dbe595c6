import SpotterDomain

/// Gives bytes to the reader of CSV files.
///
/// Whatever comes in, rows are the same however the file is cut, they and their fields are bounded, lines only go up,
/// and what is written of them is read again as the same rows.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCSV(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let delimiter = CSVDialect.delimiter(of: bytes)
    func read(_ pieces: Int) -> [CSVRow]? {
        var reader = CSVReader(delimiter: delimiter)
        var rows: [CSVRow] = []
        var rest = bytes[...]
        do {
            while !rest.isEmpty {
                try reader.read(rest.prefix(pieces), into: &rows)
                rest = rest.dropFirst(pieces)
            }
            try reader.finish(into: &rows)
            return rows
        } catch { return nil }
    }
    let rows = read(Int.max)
    precondition(rows == read(1))
    guard let rows else { return 0 }
    precondition(zip(rows, rows.dropFirst()).allSatisfy { $0.line < $1.line })
    precondition(rows.allSatisfy { (1...CSVReader.mostFields).contains($0.fields.count) })
    let texts = rows.map { $0.fields.map(TextEncoding.windows1252.text) }
    var again = CSVReader(delimiter: UInt8(ascii: ","))
    var written: [CSVRow] = []
    do {
        try again.read(texts.map(CSVWriter.row).joined().utf8, into: &written)
        try again.finish(into: &written)
    } catch { preconditionFailure("\(error)") }
    let back = written.map { $0.fields.map { CSVWriter.plain(String(decoding: $0, as: UTF8.self)) } }
    // A row of one empty field is a blank line, which is no row; what begins with an apostrophe may lose it.
    precondition(back.count == texts.count { $0 != [""] })
    var check = UTF8Check()
    check.read(bytes)
    precondition(check.isSoundAtEnd == (String(validating: bytes, as: UTF8.self) != nil))
    return 0
}
