import SigningKit
public import SpotterDomain

/// SHA-256 by OpenSSL.
public struct SHA256Digest: ContentDigest {
    /// There is only one.
    public init() {}

    /// 64 lower-case hexadecimal digits.
    public func hex(_ bytes: [UInt8]) throws -> String { try SHA256.hex(bytes) }
}
