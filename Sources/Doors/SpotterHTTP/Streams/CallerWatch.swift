import SpotterDomain

/// Asks again and again whether whoever opened a long connection would still be let in.
struct CallerWatch: Sendable {
    /// Beside the four seconds for which a caller is remembered: a revocation is felt within five. Drawn anew each time,
    /// so that of many streams of one caller one looks it up and the others find what it found.
    private static var pause: Duration { .milliseconds(Int.random(in: 50...500)) }

    let services: Services
    let context: RequestContext

    /// Does `work` until it ends or is cancelled because the caller is no longer let in.
    func during(_ work: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask { try await untilRefused() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Returns when the token is revoked or expired, or the session is, has ended, or has lost its token.
    func untilRefused() async throws {
        while true {
            // Before that the answer would be the one that is remembered.
            try await Task.sleep(for: max(remembered, .milliseconds(250)) + Self.pause)
            do {
                try await ask()
            } catch let error as SpotterError where error.code == .unauthenticated {
                return
            } catch let error as SpotterError where error.code != .cancelled {
                // The database does not answer: that says nothing about the caller.
                continue
            }
        }
    }

    private var remembered: Duration {
        services.authenticator.timeRemembered(context.authorization, of: context.request)
    }

    private func ask() async throws {
        let now = services.clock.now()
        // A WebSocket's token may have come in another field than the request itself would be asked for.
        if let authorization = context.authorization {
            _ = try await services.authenticator.caller(authorization: authorization, at: now)
        } else {
            _ = try await services.authenticator.caller(of: context.request, at: now)
        }
    }
}
