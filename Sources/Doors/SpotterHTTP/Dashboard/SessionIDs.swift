import Foundation
import SpotterDomain

/// Ids of sessions that say by their last six bytes, which they share with it, which token they stand for. Ten bytes of
/// time, counter and chance remain to tell them apart; that they are no secrets is why sessions are signed.
struct SessionIDs: IDGenerator {
    let token: TokenID
    let ids: any IDGenerator

    func uuid(at now: Date) -> UUID {
        var bytes = ids.uuid(at: now).uuid
        let own = token.uuid.uuid
        (bytes.10, bytes.11, bytes.12) = (own.10, own.11, own.12)
        (bytes.13, bytes.14, bytes.15) = (own.13, own.14, own.15)
        return UUID(uuid: bytes)
    }

    /// Whether a session's id is one for the token.
    static func isSession(_ id: TokenID, of token: TokenID) -> Bool {
        let (left, right) = (id.uuid.uuid, token.uuid.uuid)
        return (left.10, left.11, left.12) == (right.10, right.11, right.12)
            && (left.13, left.14, left.15) == (right.13, right.14, right.15)
    }
}
