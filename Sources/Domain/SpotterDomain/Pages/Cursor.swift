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
            throw SpotterError.invalid("/after", "is not a cursor that this list gave out")
        }
        self.uuid = uuid
    }
}

extension Cursor: CustomStringConvertible {
    /// The text that callers hand back.
    public var description: String { TypeID.encode(uuid, prefix: "cur") }
}
