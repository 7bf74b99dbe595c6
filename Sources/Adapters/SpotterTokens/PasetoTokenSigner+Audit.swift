import Foundation
import SigningKit
public import SpotterDomain

/// Checkpoints of the audit log as PASETO v4.public, with an implicit assertion of their own.
extension PasetoTokenSigner: AuditCheckpointSigner {
    /// The checkpoint's members, signed.
    public func text(for checkpoint: AuditCheckpoint) throws -> String {
        try keys.sign(JSONWriter.encode(checkpoint), implicitAssertion: checkpointAssertion)
    }

    /// The checkpoint, if its signature is ours.
    public func checkpoint(of text: String) throws -> AuditCheckpoint {
        do {
            guard text.utf8.count <= 4_096 else { throw Self.unknownCheckpoint }
            let payload = try keys.verify(text, implicitAssertion: checkpointAssertion)
            return try JSONParser.parse(payload).decodedUnchecked(as: AuditCheckpoint.self)
        } catch { throw Self.unknownCheckpoint }
    }

    private static let unknownCheckpoint = SpotterError(
        .invalid, "The checkpoint was not signed by this installation, or was changed.")
}
