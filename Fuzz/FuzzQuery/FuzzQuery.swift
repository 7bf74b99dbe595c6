import HTTPServerKit

/// Gives bytes to the reader of queries and forms: what it takes means the same when it is written down again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzQuery(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    guard let query = try? URLQuery(text, limit: 50) else { return 0 }
    precondition(query.parameters.count <= 50, "more parameters than are taken")
    let again = query.parameters.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    guard let second = try? URLQuery(again, limit: 50) else { preconditionFailure("what was read cannot be written") }
    precondition(second == query, "what was read is not what is written")
    precondition(Set(query.names).count == query.names.count, "a name is listed twice")
    return 0
}

private func encoded(_ text: String) -> String {
    text.utf8.map { byte in
        let hex = String(byte, radix: 16)
        return "%" + (hex.utf8.count == 1 ? "0" : "") + hex
    }.joined()
}
