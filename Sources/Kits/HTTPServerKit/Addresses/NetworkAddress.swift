import Foundation

/// An IPv4 or IPv6 address. An IPv4 address that is written within an IPv6 one (`::ffff:10.0.0.1`) is the IPv4 address.
public struct NetworkAddress: Sendable, Hashable {
    /// 4 or 16 bytes, in network order.
    public let bytes: [UInt8]

    /// Reads an address as `inet_pton` does: no port, no brackets, no zone; nil for anything else.
    public init?(_ text: some StringProtocol) {
        // Longer than any address, and a zero byte would end the text early.
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        let text = String(text)
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = four
            return
        }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        bytes = sixteen.starts(with: Self.mapped) ? Array(sixteen.suffix(4)) : sixteen
    }

    /// What an IPv6 address that holds an IPv4 address begins with (RFC 4291, 2.5.5.2).
    static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
}

/// Addresses that have their first bits in common: `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
public struct AddressNetwork: Sendable, Hashable {
    private let bytes: [UInt8]
    private let bits: Int

    /// Reads an address, or an address and how many bits count (RFC 4632, RFC 4291); nil for anything else. Bits after
    /// those that count are of no interest.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ NetworkAddress($0) }) else { return nil }
        let most = address.bytes.count * 8
        var bits = most
        if parts.count == 2 {
            let digits = parts[1]
            guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                var count = Int(digits)
            else { return nil }
            // Of an IPv4 address written as an IPv6 one, the first 96 bits say just that.
            if most == 32, parts[0].contains(":") { count -= NetworkAddress.mapped.count * 8 }
            guard (0...most).contains(count) else { return nil }
            bits = count
        }
        bytes = address.bytes
        self.bits = bits
    }

    /// Whether an address, of the same family, is one of these.
    public func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == bytes.count else { return false }
        let whole = bits / 8
        guard address.bytes.prefix(whole).elementsEqual(bytes.prefix(whole)) else { return false }
        guard bits % 8 != 0 else { return true }
        let mask = UInt8.max << UInt8(8 - bits % 8)
        return address.bytes[whole] & mask == bytes[whole] & mask
    }
}
