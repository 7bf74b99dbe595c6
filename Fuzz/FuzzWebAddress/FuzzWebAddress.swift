import HTTPClientKit

/// Any bytes, as a URL and as a `Location`: what is accepted is plainly one host and one port, and reads the same when
/// it is read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWebAddress(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    if let address = try? WebAddress(text) { check(address) }
    if let base = try? WebAddress("https://api.example.com/a/b?c"), let next = try? base.following(text) { check(next) }
    return 0
}

private func check(_ address: WebAddress) {
    precondition((1...65_535).contains(address.port), "a port out of range")
    precondition(address.text.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "a byte that no URL has")
    precondition(!address.host.isEmpty && !address.host.hasSuffix("."), "a host that is no host")
    precondition(!address.host.contains { "@/\\?#% ".contains($0) }, "a host that holds more than a host")
    guard let again = try? WebAddress(address.text) else { preconditionFailure("what was read cannot be read again") }
    precondition(again == address, "the second reading differs")
}
