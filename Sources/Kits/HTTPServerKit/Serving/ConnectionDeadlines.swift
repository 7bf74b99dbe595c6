/// Until when a connection may be as it is. Pure; times are milliseconds of a clock that never goes back.
///
/// There is no timer to a request: the server looks at all its connections every `sweepInterval`.
struct ConnectionDeadlines {
    enum Verdict: Equatable {
        case fine
        /// Answer 408 and close.
        case requestIsLate
        /// Close without a word: there is no request to answer. What the kernel has still reaches the client.
        case close
        /// Cut off, and let go of what waits to be read: the client does not read.
        case reset
    }

    private enum Reading {
        case stopped
        case idle(until: Int64)
        case head(until: Int64)
        case body(since: Int64)
        case lingering(until: Int64)
    }

    private var reading: Reading
    private var blockedSince: Int64?
    private var writtenWhileBlocked = 0

    /// When something was last put into the streamed answer.
    var streamedAt: Int64 = 0

    init(acceptedAt now: Int64, configuration: HTTPServerConfiguration) {
        // A fresh connection owes its first byte as soon as the rest of the head.
        reading = .idle(until: now + configuration.headerTimeout.milliseconds)
    }

    mutating func idle(now: Int64, _ configuration: HTTPServerConfiguration) {
        reading = .idle(until: now + configuration.idleTimeout.milliseconds)
    }

    mutating func headIsComing(now: Int64, _ configuration: HTTPServerConfiguration) {
        if case .head = reading { return }
        reading = .head(until: now + configuration.headerTimeout.milliseconds)
    }

    mutating func bodyIsComing(now: Int64) {
        if case .body = reading { return }
        reading = .body(since: now)
    }

    mutating func linger(now: Int64, _ configuration: HTTPServerConfiguration) {
        reading = .lingering(until: now + configuration.lingerTimeout.milliseconds)
        blockedSince = nil
    }

    /// The client owes nothing: its request is being answered.
    mutating func stop() { reading = .stopped }

    /// The client has not read everything; `written` bytes went out just now.
    mutating func outputWaits(now: Int64, written: Int) {
        if blockedSince == nil {
            blockedSince = now
            writtenWhileBlocked = 0
        } else {
            writtenWhileBlocked += written
        }
    }

    mutating func outputIsWritten() { blockedSince = nil }

    /// - Parameter bodyCount: bytes of the body that have come.
    func verdict(now: Int64, bodyCount: Int, _ configuration: HTTPServerConfiguration) -> Verdict {
        if let blockedSince {
            let allowed =
                configuration.readerGrace.milliseconds
                + Self.time(for: writtenWhileBlocked, rate: configuration.minimumReadRate)
            if now - blockedSince > allowed { return .reset }
        }
        switch reading {
        case .stopped: return .fine
        case .idle(let end), .lingering(let end): return now > end ? .close : .fine
        case .head(let end): return now > end ? .requestIsLate : .fine
        case .body(let start):
            let allowed =
                configuration.bodyGrace.milliseconds
                + Self.time(for: bodyCount, rate: configuration.minimumBodyRate)
            return now - start > allowed ? .requestIsLate : .fine
        }
    }

    private static func time(for bytes: Int, rate: Int) -> Int64 { Int64(bytes) * 1000 / Int64(max(rate, 1)) }
}

extension Duration {
    /// Whole milliseconds, at least one for any duration above nothing.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let rest = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return seconds * 1000 + rest
    }
}
