import HTTPServerKit

/// Any bytes, cut anywhere, give the same messages as in one piece, within the limit, and leave a connection that closes.
///
/// How it closes may differ: pongs that wait when Close is due are not sent any more, and wslay looks at the reason of a
/// Close only as far as it came together with its code. The first byte of the input says how long the pieces are.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWebSocket(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    guard let first = input.first else { return 0 }
    let bytes = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    let whole = messages(of: bytes, length: max(bytes.count, 1))
    precondition(
        messages(of: bytes, length: Int(first) + 1) == whole, "the messages depend on where the bytes were cut")
    return 0
}

private func messages(of bytes: UnsafeRawBufferPointer, length: Int) -> [String] {
    let limit = 1024
    let framing = WebSocketFraming(maximumMessageBytes: limit)
    var messages: [String] = []
    for place in stride(from: 0, to: bytes.count, by: length) {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[place..<min(place + length, bytes.count)])
        for case .text(let text) in framing.receive(piece) { messages.append(text) }
    }
    for text in messages { precondition(text.utf8.count <= limit, "a message is over the limit") }
    // Whatever came before, this side can still say what it has to, and close.
    framing.send("text")
    framing.ping()
    framing.close(.normal)
    precondition(framing.isClosing && framing.codeSent != nil, "a connection that never closes")
    return messages
}
