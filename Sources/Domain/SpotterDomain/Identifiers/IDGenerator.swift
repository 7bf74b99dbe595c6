public import Foundation
import Synchronization

/// Makes ids, injected so that tests can foresee them.
public protocol IDGenerator: Sendable {
    /// A UUID of version 7 for the time `now`.
    func uuid(at now: Date) -> UUID
}

extension IDGenerator {
    /// A new id of any kind.
    public func id<Kind>(at now: Date) -> Identifier<Kind> {
        let id = Identifier<Kind>(uuid(at: now))
        AuditSlip.current?.noteMade(id)
        return id
    }
}

/// Random UUIDv7 (RFC 9562, 5.7), strictly increasing within the process also inside one millisecond.
public final class RandomIDGenerator: IDGenerator {
    private struct State {
        var milliseconds: UInt64 = 0
        var counter: UInt16 = 0
    }

    private let state = Mutex(State())

    /// A generator that has made no id yet.
    public init() {}

    /// A UUIDv7 greater than all before it, also where the clock has gone back.
    public func uuid(at now: Date) -> UUID {
        var random = SystemRandomNumberGenerator()
        let tail = random.next()
        let wanted = UInt64(max(0, now.timeIntervalSince1970 * 1000))
        let (milliseconds, counter) = state.withLock { state -> (UInt64, UInt16) in
            if wanted > state.milliseconds {
                state.milliseconds = wanted
                state.counter = UInt16(truncatingIfNeeded: tail >> 48) & 0x07FF
            } else if state.counter == 0x0FFF {
                // The counter is full: borrow the next millisecond rather than repeat an id.
                state.milliseconds += 1
                state.counter = 0
            } else {
                state.counter += 1
            }
            return (state.milliseconds, state.counter)
        }
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { bytes in
            let high = milliseconds << 16 | 0x7000 | UInt64(counter)
            let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return UUID(uuid: bytes)
    }
}
