/// Cuts what a browser writes into frames: each is one JSON object, and a zero byte ends it.
public struct FrameSplitter: Sendable {
    /// The longest frame, in bytes; one that is longer ends the connection.
    public static let longestFrame = 16 << 20

    private let limit: Int
    private var rest: [UInt8] = []

    /// - Parameter limit: the longest frame, in bytes.
    public init(limit: Int = longestFrame) { self.limit = limit }

    /// Takes bytes as they come and returns the frames that are whole by now.
    public mutating func receive(_ bytes: some Collection<UInt8>) throws(DevToolsError) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 0) {
            rest.append(contentsOf: bytes[start..<end])
            guard rest.count <= limit else { throw .protocolViolation("a frame is longer than \(limit) bytes") }
            frames.append(rest)
            rest = []
            start = bytes.index(after: end)
        }
        rest.append(contentsOf: bytes[start...])
        guard rest.count <= limit else { throw .protocolViolation("a frame is longer than \(limit) bytes") }
        return frames
    }
}
