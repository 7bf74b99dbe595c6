public import Foundation

/// A place in a list: the id of the last element seen. Opaque outside; holds nothing of another organisation, because
/// the next page is read under the caller's own row-level security whatever the cursor says.
public struct Cursor: Sendable, Hashable {
    /// The bits of the last id seen.
    public let uuid: UUID

    /// The place just after the element with this id.
    public init(_ uuid: UUID) { self.uuid = uuid }

    /// Reads a cursor that `description` wrote.
    ///
    /// - Throws: `SpotterError` with code `.invalid` for anything else.
    public init(_ text: String) throws {
        guard let uuid = TypeID.decode(text, prefix: "cur") else {
            throw Self.refusal
        }
        self.uuid = uuid
    }

    /// What every cursor looks like.
    public static let pattern = "^cur_[0-7][0-9a-hjkmnp-tv-z]{25}$"

    /// What a list says to a cursor of another list.
    public static let refusal = SpotterError.invalid("/after", "is not a cursor that this list gave out")

    /// A place in a list of versions, which have numbers and no ids.
    public init(version: Int) {
        let low = UInt64(clamping: version)
        uuid = withUnsafeBytes(of: (UInt64(0), low.bigEndian)) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    /// The number of the version, at least 1; nil for a place in a list of anything else.
    public var version: Int? {
        let (high, low) = withUnsafeBytes(of: uuid.uuid) {
            ($0.loadUnaligned(as: UInt64.self), UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
        guard high == 0, low > 0 else { return nil }
        return Int(exactly: low)
    }
}

extension Cursor: CustomStringConvertible {
    /// The text that callers hand back.
    public var description: String { TypeID.encode(uuid, prefix: "cur") }
}
