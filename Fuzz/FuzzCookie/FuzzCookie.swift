import HTTPServerKit

/// Gives bytes to the reader of cookies: a name holds neither of the characters that end one, and a value no end of a pair.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCookie(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    for pair in CookieField.pairs(in: text) {
        precondition(!pair.name.contains("=") && !pair.name.contains(";"), "a name goes too far")
        precondition(!pair.value.contains(";"), "a value goes too far")
        precondition(pair.name.first != " ", "a name begins with a blank")
    }
    return 0
}
