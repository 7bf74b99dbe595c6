import SpotterDomain

/// Gives bytes to what reads `traceparent` and `tracestate` and the names of custom metrics: nothing traps, and what is read is written
/// so that it reads the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTraceParent(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    if let parent = TraceParent(text) {
        precondition(TraceParent(parent.text) == parent)
        precondition(text.utf8.dropFirst(3).starts(with: parent.text.utf8.dropFirst(3).prefix(49)))
    }
    if let state = TraceState(text) {
        precondition(TraceState(state.text) == state)
        precondition(state.text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        var parent = TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        parent?.state = state
        precondition(parent.flatMap { TraceParent(kept: $0.kept) } == parent)
    }
    _ = AlertMetric.problem(with: text)
    _ = CustomSample(name: text, kind: .gauge, labels: [text: text], value: 1).issues
    return 0
}
