import CLibcurl
import Foundation

/// An address that a name resolved to, before a connection to it is made.
public struct RemoteAddress: Sendable, Hashable {
    /// 4 bytes of IPv4 or 16 bytes of IPv6, in network order.
    public let bytes: [UInt8]
    /// The port, 1…65535.
    public let port: UInt16

    /// - Returns: `nil` unless there are 4 or 16 bytes.
    public init?(bytes: [UInt8], port: UInt16) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
        self.port = port
    }

    /// Reads an address with its port as an operator writes them: `127.0.0.1:8080` or `[::1]:8080`; `nil` for anything
    /// else, names included.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), port > 0, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        var host = String(text[..<colon])
        let isIPv6 = host.hasPrefix("[") && host.hasSuffix("]")
        if isIPv6 { host = String(host.dropFirst().dropLast()) }
        var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, host, &bytes) == 1 else { return nil }
        self.bytes = bytes
        self.port = port
    }

    /// Reads a socket address; `nil` for anything other than IPv4 and IPv6.
    init?(_ address: UnsafeRawPointer, family: Int32, length: Int) {
        switch family {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            let inet = address.loadUnaligned(as: sockaddr_in.self)
            bytes = withUnsafeBytes(of: inet.sin_addr) { [UInt8]($0) }
            port = UInt16(bigEndian: inet.sin_port)
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            let inet = address.loadUnaligned(as: sockaddr_in6.self)
            bytes = withUnsafeBytes(of: inet.sin6_addr) { [UInt8]($0) }
            port = UInt16(bigEndian: inet.sin6_port)
        default: return nil
        }
    }
}

/// Decides about every address before a connection to it is made: after the name was resolved, so that no spelling of
/// a host and no answer of a name server gets past it. Runs on the loop's thread and must not block.
public typealias AddressPolicy = @Sendable (RemoteAddress) -> Bool
