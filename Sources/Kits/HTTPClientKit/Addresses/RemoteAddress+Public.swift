extension RemoteAddress {
    /// Whether the address belongs to the public Internet.
    ///
    /// False for everything that the IANA special-purpose registries (RFC 6890 and its updates) keep from global
    /// routing, and for every IPv6 form that embeds an IPv4 address, whatever that address is.
    public var isPublic: Bool { bytes.count == 4 ? Self.isPublicIPv4(bytes) : Self.isPublicIPv6(bytes) }

    private static let reservedIPv4: [(prefix: [UInt8], bits: Int)] = [
        ([0, 0, 0, 0], 8), ([10, 0, 0, 0], 8), ([100, 64, 0, 0], 10), ([127, 0, 0, 0], 8), ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12), ([192, 0, 0, 0], 24), ([192, 0, 2, 0], 24), ([192, 31, 196, 0], 24),
        ([192, 52, 193, 0], 24), ([192, 88, 99, 0], 24), ([192, 168, 0, 0], 16), ([192, 175, 48, 0], 24),
        ([198, 18, 0, 0], 15), ([198, 51, 100, 0], 24), ([203, 0, 113, 0], 24), ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ]

    private static func isPublicIPv4(_ bytes: [UInt8]) -> Bool {
        !reservedIPv4.contains { hasPrefix(bytes, $0.prefix, bits: $0.bits) }
    }

    /// Global unicast is 2000::/3; of it these are special. Loopback, mapped and compatible addresses, NAT64, unique
    /// local, link-local and multicast addresses all lie outside.
    private static let reservedIPv6: [(prefix: [UInt8], bits: Int)] = [
        // Teredo, benchmarking, ORCHID and the rest of the protocol assignments; documentation; 6to4.
        ([0x20, 0x01, 0x00, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02, 0x00, 0x00], 16),
        ([0x26, 0x20, 0x00, 0x4F, 0x80, 0x00], 48), ([0x3F, 0xFF, 0x00, 0x00], 20),
    ]

    private static func isPublicIPv6(_ bytes: [UInt8]) -> Bool {
        guard hasPrefix(bytes, [0x20], bits: 3) else { return false }
        // ISATAP interface identifiers carry an IPv4 address (RFC 5214 §6.1).
        if bytes[8] & 0xFC == 0, bytes[9] == 0, bytes[10] == 0x5E, bytes[11] == 0xFE { return false }
        return !reservedIPv6.contains { hasPrefix(bytes, $0.prefix, bits: $0.bits) }
    }

    private static func hasPrefix(_ bytes: [UInt8], _ prefix: [UInt8], bits: Int) -> Bool {
        let whole = bits / 8
        guard bytes.prefix(whole).elementsEqual(prefix.prefix(whole)) else { return false }
        guard bits % 8 != 0 else { return true }
        let mask = UInt8.max << UInt8(8 - bits % 8)
        return bytes[whole] & mask == prefix[whole] & mask
    }
}
