import HTTPClientKit

/// Any bytes, cut anywhere, give the same events as in one piece, within the limit.
///
/// The first byte of the input says how long the pieces are.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzServerSentEvents(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    let whole = events(of: [bytes])
    let length = Int(first) + 1
    let pieces = stride(from: 0, to: bytes.count, by: length).map { place in
        Array(bytes[place..<min(place + length, bytes.count)])
    }
    precondition(events(of: pieces) == whole, "the events depend on where the bytes were cut")
    return 0
}

private struct Outcome: Equatable {
    var events: [ServerSentEvent] = []
    var isTooLarge = false
}

private func events(of pieces: [[UInt8]]) -> Outcome {
    let limit = 4096
    var parser = ServerSentEventParser(maximumEventBytes: limit)
    var outcome = Outcome()
    for piece in pieces {
        do {
            outcome.events += try parser.feed(piece)
        } catch {
            // The events before the one that is too large are lost with its piece: how many depends on the cut.
            return Outcome(isTooLarge: true)
        }
    }
    for event in outcome.events { precondition(event.data.utf8.count <= 3 * limit, "an event is over the limit") }
    return outcome
}
