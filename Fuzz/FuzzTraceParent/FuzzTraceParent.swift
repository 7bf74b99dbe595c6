import SpotterDomain

/// Gives bytes to what reads `traceparent` and the names of custom metrics: nothing traps, and what is read is written
/// so that it reads the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTraceParent(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    if let parent = TraceParent(text) {
        precondition(TraceParent(parent.text) == parent)
        precondition(text.utf8.dropFirst(3).starts(with: parent.text.utf8.dropFirst(3).prefix(49)))
    }
    _ = AlertMetric.problem(with: text)
    _ = CustomSample(name: text, kind: .gauge, labels: [text: text], value: 1).issues
    return 0
}
