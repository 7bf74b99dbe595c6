import SpotterDomain
import Synchronization

/// How many streams and sockets there may be at one time, in one process.
public struct StreamQuotas: Sendable, Hashable {
    /// Opened with one token, also by way of the dashboard.
    public var perToken: Int
    /// Opened with all of an organisation's tokens.
    public var perOrganization: Int

    /// Quotas: by default a tenth, and four tenths, of the connections that a server takes.
    public init(perToken: Int = 1_000, perOrganization: Int = 4_000) {
        self.perToken = perToken
        self.perOrganization = perOrganization
    }
}

/// Counts long connections, so that nobody holds all that there are. Each process counts its own, as it has its own.
final class StreamSeats: Sendable {
    private struct Taken {
        var byToken: [TokenID: Int] = [:]
        var byOrganization: [OrganizationID: Int] = [:]
    }

    /// When to come again, in seconds: nobody knows when a stream ends.
    private static let patience = 5

    private let quotas: StreamQuotas
    private let taken = Mutex(Taken())

    init(_ quotas: StreamQuotas) { self.quotas = quotas }

    /// How many are taken with a token now.
    func count(of token: TokenID) -> Int { taken.withLock { $0.byToken[token] ?? 0 } }

    /// A seat for a stream that is about to be opened. It is free again when nobody holds it any more.
    ///
    /// - Throws: `rateLimited` where the token or the organisation has as many as it may.
    func take(for caller: Caller) throws -> StreamSeat {
        let (token, organization) = (caller.token, caller.scope.organization)
        try taken.withLock { taken in
            let mine = taken.byToken[token] ?? 0
            let ours = taken.byOrganization[organization] ?? 0
            guard mine < quotas.perToken else { throw Self.refusal("This token", quotas.perToken) }
            guard ours < quotas.perOrganization else { throw Self.refusal("The organisation", quotas.perOrganization) }
            taken.byToken[token] = mine + 1
            taken.byOrganization[organization] = ours + 1
        }
        return StreamSeat { [weak self] in self?.release(token, organization) }
    }

    private func release(_ token: TokenID, _ organization: OrganizationID) {
        taken.withLock { taken in
            taken.byToken[token] = Self.less(taken.byToken[token])
            taken.byOrganization[organization] = Self.less(taken.byOrganization[organization])
        }
    }

    /// Nil for none, so that what is not open takes no room.
    private static func less(_ count: Int?) -> Int? { count.flatMap { $0 > 1 ? $0 - 1 : nil } }

    private static func refusal(_ who: String, _ most: Int) -> SpotterError {
        SpotterError(
            .rateLimited,
            "\(who) has \(most) event streams and sockets open, which is as many as it may. Close one of them first.",
            retryAfter: patience)
    }
}

/// The right to hold one long connection, until this object is let go of: when the stream has ended, or when the answer
/// that was to be one is never sent.
final class StreamSeat: Sendable {
    private let release: @Sendable () -> Void

    init(release: @escaping @Sendable () -> Void) { self.release = release }

    deinit { release() }
}
