import HTTPServerKit

/// Any bytes, cut anywhere, give the same messages, the same answer and the same Close as in one piece, within the limit.
///
/// The first byte of the input says how long the pieces are.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWebSocket(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    guard let first = input.first else { return 0 }
    let bytes = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    let whole = outcome(of: bytes, length: max(bytes.count, 1))
    precondition(outcome(of: bytes, length: Int(first) + 1) == whole, "the messages depend on where the bytes were cut")
    return 0
}

private struct Outcome: Equatable {
    var events: [WebSocketFraming.Event] = []
    var output: [UInt8] = []
    var code: UInt16?
    var isReading = true
}

private func outcome(of bytes: UnsafeRawBufferPointer, length: Int) -> Outcome {
    let limit = 1024
    let framing = WebSocketFraming(maximumMessageBytes: limit)
    var outcome = Outcome()
    for place in stride(from: 0, to: bytes.count, by: length) {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[place..<min(place + length, bytes.count)])
        outcome.events += framing.receive(piece)
    }
    for case .text(let text) in outcome.events { precondition(text.utf8.count <= limit, "a message is over the limit") }
    outcome.output = framing.takeOutput()
    outcome.code = framing.codeSent
    outcome.isReading = framing.isReading
    // Whatever came before, this side can still say what it has to, and close.
    framing.send("text")
    framing.ping()
    framing.close(.normal)
    precondition(framing.isClosing && framing.codeSent != nil, "a connection that never closes")
    return outcome
}
