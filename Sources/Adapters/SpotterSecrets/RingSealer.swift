import Foundation
public import SigningKit
public import SpotterDomain

/// Seals organisations' secrets with AES-256-GCM and the keys of a ring.
///
/// What is authenticated beside each value: fixed words, the organisation's 16 bytes, and the name; and, by the kit, the
/// key's id.
public struct RingSealer: SecretSealer {
    private let ring: SealingRing

    /// - Parameter ring: its first key seals, all of them open.
    public init(_ ring: SealingRing) { self.ring = ring }

    /// See `SecretSealer`.
    public var keyID: String { ring.sealingKeyID }

    /// See `SecretSealer`.
    /// - Throws: `SigningError` when OpenSSL fails.
    public func seal(_ value: SecretValue, as name: SecretName, in scope: OrganizationScope) throws -> SealedBytes {
        let box = try ring.seal(Array(value.text.utf8), associatedData: Self.place(of: name, in: scope))
        return SealedBytes(box.serialized, keyID: box.keyID)
    }

    /// See `SecretSealer`.
    public func open(_ sealed: SealedBytes, as name: SecretName, in scope: OrganizationScope) throws -> SecretValue {
        do {
            let box = try SealedBox(serialized: sealed.bytes)
            let bytes = try ring.open(box, associatedData: Self.place(of: name, in: scope))
            guard let text = String(validating: bytes, as: UTF8.self) else { throw SecretFault.altered }
            return try SecretValue(text)
        } catch SigningError.unknownKey(let id) {
            throw SecretFault.unknownKey(id: Self.isPrintable(id) ? id ?? "" : "of another form")
        } catch {
            throw SecretFault.altered
        }
    }

    private static func place(of name: SecretName, in scope: OrganizationScope) -> [UInt8] {
        let organization = withUnsafeBytes(of: scope.organization.uuid.uuid) { Array($0) }
        return Array("spotter secret of an organization 1\0".utf8) + organization + Array(name.rawValue.utf8)
    }

    /// The id comes out of the database and goes into logs.
    private static func isPrintable(_ id: String?) -> Bool {
        id?.utf8.allSatisfy { (0x21...0x7E).contains($0) } ?? false
    }
}
