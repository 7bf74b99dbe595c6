import DevToolsKit

/// Any bytes, cut anywhere, give the same frames as in one piece, and reading them does no harm.
///
/// The first byte of the input says how long the pieces are.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDevTools(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    let length = Int(first) + 1
    let pieces = stride(from: 0, to: bytes.count, by: length).map { place in
        Array(bytes[place..<min(place + length, bytes.count)])
    }
    let whole = frames(of: [bytes])
    precondition(frames(of: pieces) == whole, "the frames depend on where the bytes were cut")
    for bytes in whole ?? [] {
        guard let frame = try? DevToolsFrame(bytes), case .event = frame.kind,
            let paused = try? frame.parameters(as: PausedRequest.self)
        else { continue }
        let request = paused.request(mainFrame: "F")
        precondition(request.body == nil || !request.hasUnknownBody, "a body is known and unknown at once")
    }
    return 0
}

/// Nil where a frame is too long.
private func frames(of pieces: [[UInt8]]) -> [[UInt8]]? {
    var splitter = FrameSplitter(limit: 4096)
    var frames: [[UInt8]] = []
    for piece in pieces {
        guard let more = try? splitter.receive(piece) else { return nil }
        frames += more
    }
    return frames
}
