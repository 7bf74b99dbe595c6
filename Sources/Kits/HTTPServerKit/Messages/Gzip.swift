import CZlib

/// The content coding `gzip` (RFC 1952).
public enum Gzip {
    /// How much work goes into it.
    public enum Effort: Sendable {
        /// For what is packed once and sent many times.
        case most
        /// For what is packed for one answer.
        case least
    }

    /// The bytes packed.
    ///
    /// - Returns: nil where zlib has no memory, or the bytes are too many for one go (4 GiB).
    public static func compress(_ bytes: [UInt8], effort: Effort = .most) -> [UInt8]? {
        guard let count = UInt32(exactly: bytes.count) else { return nil }
        var stream = z_stream()
        // 15 is the largest window; 16 more ask for gzip's frame instead of zlib's.
        let opened = deflateInit2_(
            &stream, effort == .most ? Z_BEST_COMPRESSION : Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(count))))
        let room = output.count
        let left = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output -> Int? in
                stream.next_in = input.baseAddress
                stream.avail_in = count
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(clamping: room)
                return deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.avail_out) : nil
            }
        }
        guard let left else { return nil }
        return Array(output.prefix(room - left))
    }
}
