/// What has arrived of a body and was not taken yet: the decisions about back-pressure and the byte limit.
struct BodyBuffer: Sendable {
    /// What to do with bytes that arrived.
    enum Verdict: Sendable, Equatable {
        /// They are kept.
        case accepted
        /// They are not kept: the transfer is to pause and to offer them again.
        case pause
        /// They are more than the body may have: the transfer is to end.
        case tooLarge
    }

    /// The most bytes that the whole body may have.
    let limit: Int
    /// The most bytes that wait for the consumer; a single delivery may always be kept.
    let highWater: Int
    private(set) var total = 0
    private var bytes: [UInt8] = []

    init(limit: Int, highWater: Int) {
        self.limit = limit
        self.highWater = highWater
    }

    var isEmpty: Bool { bytes.isEmpty }

    mutating func receive(_ part: UnsafeRawBufferPointer) -> Verdict {
        guard part.count <= limit - total else { return .tooLarge }
        guard bytes.isEmpty || bytes.count + part.count <= highWater else { return .pause }
        total += part.count
        bytes.append(contentsOf: part)
        return .accepted
    }

    /// Keeps as much as the limit still allows, of bytes that were too many.
    mutating func fill(_ part: UnsafeRawBufferPointer) {
        let room = part.prefix(limit - total)
        total += room.count
        bytes.append(contentsOf: room)
    }

    /// Everything that waits.
    mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}
