extension CRC32 {
    /// A checksum of bytes that come one after the other.
    public struct Running: Sendable {
        private var sum = ~UInt32(0)

        /// Of no bytes yet.
        public init() {}

        /// Takes the next byte.
        public mutating func append(_ byte: UInt8) { sum = CRC32.next(sum, byte) }

        /// The checksum of all bytes so far.
        public var value: UInt32 { ~sum }
    }
}
