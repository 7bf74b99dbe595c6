import HTTPServerKit

/// Any bytes, as what proxies write of where a request came from and as a list of trusted proxies: nothing traps, what is
/// read are addresses, and there are never more of them than are looked at.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzForwarded(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let fields = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for hops in [ForwardedHops.xForwardedFor(fields), ForwardedHops.forwarded(fields)] {
        precondition(hops.count <= ForwardedHops.most, "more hops than are looked at")
        for case let hop? in hops { precondition(hop.bytes.count == 4 || hop.bytes.count == 16, "no address") }
    }
    for field in fields {
        guard let network = AddressNetwork(field) else { continue }
        let address = NetworkAddress(field.split(separator: "/")[0])
        precondition(address.map(network.contains) == true, "a network without the address it is named by")
    }
    return 0
}
