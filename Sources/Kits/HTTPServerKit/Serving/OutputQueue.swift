/// Bytes on their way to a client: a buffer that small writes are gathered in, and large bodies that are not copied.
struct OutputQueue {
    /// Bodies from this size on are queued as they are.
    private static let large = 16384
    /// A buffer that grew beyond this is given back once it is empty.
    private static let retained = 65536

    private var sealed: [[UInt8]] = []
    private var firstSealed = 0
    private var open: [UInt8] = []
    private var offset = 0

    /// Bytes not yet written.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Bytes kept, those that are written already included.
    var heldBytes: Int { open.count + sealed.reduce(0) { $0 + $1.count } }

    /// Gathers what `build` appends.
    @inline(__always)
    mutating func gather(_ build: (inout [UInt8]) -> Void) {
        let before = open.count
        build(&open)
        count += open.count - before
    }

    /// Adds a body.
    mutating func append(_ bytes: [UInt8]) {
        guard bytes.count >= Self.large else {
            gather { $0.append(contentsOf: bytes) }
            return
        }
        if offset > 0, firstSealed == sealed.count { dropWrittenPrefix() }
        if !open.isEmpty {
            sealed.append(open)
            open = []
        }
        sealed.append(bytes)
        count += bytes.count
    }

    /// Hands the oldest bytes to `send`, which says how many it took, until it takes fewer than it was given.
    ///
    /// - Parameter send: gets the bytes and whether more follow them.
    /// - Returns: what `send` returned last, `nil` when everything was taken.
    mutating func drain(_ send: (UnsafeRawBufferPointer, _ moreFollows: Bool) -> SocketOutcome) -> SocketOutcome? {
        while count > 0 {
            let outcome = sendFirst(send)
            guard case .bytes(let sent) = outcome else { return outcome }
            count -= sent
            offset += sent
            advance()
        }
        return nil
    }

    private func sendFirst(_ send: (UnsafeRawBufferPointer, Bool) -> SocketOutcome) -> SocketOutcome {
        let isSealed = firstSealed < sealed.count
        return (isSealed ? sealed[firstSealed] : open).withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            return send(rest, rest.count < count)
        }
    }

    private mutating func advance() {
        if firstSealed < sealed.count {
            guard offset == sealed[firstSealed].count else { return }
            sealed[firstSealed] = []
            firstSealed += 1
            offset = 0
            if firstSealed == sealed.count {
                sealed.removeAll(keepingCapacity: true)
                firstSealed = 0
            }
        } else if offset == open.count {
            if open.capacity > Self.retained { open = [] } else { open.removeAll(keepingCapacity: true) }
            offset = 0
        } else if offset > Self.retained {
            dropWrittenPrefix()
        }
    }

    private mutating func dropWrittenPrefix() {
        open.removeFirst(offset)
        offset = 0
    }
}
