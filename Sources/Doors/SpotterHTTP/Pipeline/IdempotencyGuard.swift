import Foundation
import HTTPServerKit
import SpotterDomain

/// Keeps the promise of `Idempotency-Key`: the same key and the same request give the same answer, and the effect
/// happens once.
struct IdempotencyGuard: Sendable {
    let receipts: any ReceiptStore

    /// The key of a request; nil if there is none or the route has no use for it.
    ///
    /// - Parameter caller: whose request it is: nobody else is given its answer.
    func key(of request: HTTPRequest, for route: Route, by caller: Caller?) throws -> RequestContext.IdempotencyKey? {
        if case .none = route.idempotency { return nil }
        let values = request.headers.values(of: "idempotency-key")
        guard let key = values.first else { return nil }
        let isPrintable = key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard values.count == 1, isPrintable, (1...255).contains(key.utf8.count) else {
            throw SpotterError(.invalid, "Idempotency-Key must be given once, as 1 to 255 printable ASCII characters.")
        }
        return .init(key: key, fingerprint: Fingerprint.of(request, by: caller?.token))
    }

    func run(_ route: Route, _ context: RequestContext) async throws -> Reply {
        guard let key = context.idempotency else { return try await route.handle(context) }
        do {
            if case .around(let isRepeatable) = route.idempotency {
                return try await around(route, context, key, isRepeatable: isRepeatable)
            }
            return try await route.handle(context)
        } catch is ReceiptExists {
            return try await replay(key, context)
        } catch let error as SpotterError where error.isComplaint {
            // What the request needs may be gone since: its time has passed, or its agent is disabled. One that was
            // done is answered as it was then.
            guard let receipt = try await receipts.receipt(forKey: key.key, in: context.scope),
                receipt.fingerprint == key.fingerprint, receipt.response != nil
            else { throw error }
            return try Self.reply(from: receipt, for: key)
        }
    }

    /// After this long no request is under way any more: the server that began it has died.
    static let patience: TimeInterval = 300

    private func around(
        _ route: Route, _ context: RequestContext, _ key: RequestContext.IdempotencyKey, isRepeatable: Bool
    ) async throws -> Reply {
        let scope = try context.scope
        do {
            try await receipts.begin(
                Receipt(key: key.key, fingerprint: key.fingerprint, createdAt: context.now), in: scope)
        } catch let exists as ReceiptExists {
            guard try await takesOver(key, context, isRepeatable: isRepeatable) else { throw exists }
        }
        do {
            let reply = try await route.handle(context)
            guard case .bytes(let body) = reply.body else { return reply }
            try await receipts.complete(key: key.key, with: .init(status: reply.status, body: body), in: scope)
            return reply
        } catch {
            // The handler had no effect when it throws; the caller may try again with the same key.
            try? await receipts.abandon(key: key.key, in: scope)
            throw error
        }
    }

    /// Whether the work of a request that nobody is at any more is this one's to do again.
    private func takesOver(
        _ key: RequestContext.IdempotencyKey, _ context: RequestContext, isRepeatable: Bool
    ) async throws -> Bool {
        let scope = try context.scope
        let end = context.now.addingTimeInterval(-Self.patience)
        guard let receipt = try await receipts.receipt(forKey: key.key, in: scope), receipt.response == nil,
            receipt.fingerprint == key.fingerprint, receipt.createdAt < end
        else { return false }
        guard isRepeatable else {
            throw SpotterError(
                .conflict,
                "The first request with this key was broken off, and whether it had its effect is not known. Look, and "
                    + "send it with a new key if it is to be done again.")
        }
        return try await receipts.takeOver(key: key.key, begunBefore: end, at: context.now, in: scope)
    }

    private func replay(_ key: RequestContext.IdempotencyKey, _ context: RequestContext) async throws -> Reply {
        guard let receipt = try await receipts.receipt(forKey: key.key, in: context.scope) else {
            throw SpotterError(
                .idempotencyRunning, "The first request with this key is being undone. Try again.", retryAfter: 1)
        }
        return try Self.reply(from: receipt, for: key)
    }

    /// The first request's answer, or why there is none.
    static func reply(from receipt: Receipt, for key: RequestContext.IdempotencyKey) throws -> Reply {
        guard receipt.fingerprint == key.fingerprint else {
            throw SpotterError(
                .idempotencyMismatch, "This Idempotency-Key was used for a different request, or with another token.")
        }
        guard let response = receipt.response else {
            throw SpotterError(.idempotencyRunning, "The first request with this key is still running.", retryAfter: 1)
        }
        var reply = Reply.json(response.body, status: response.status)
        if response.status >= 400 { reply.contentType = "application/problem+json" }
        return reply.with("idempotency-replayed", "true")
    }
}

extension SpotterError {
    /// Whether it says that the request cannot be done as things are.
    fileprivate var isComplaint: Bool {
        [.invalid, .unprocessable, .notFound, .conflict, .limitReached].contains(code)
    }
}

/// What makes two requests the same: the token, and method, target and body.
enum Fingerprint {
    /// The token's id as it is, so that no request of another token can ever be taken for the same; then 128 bits of
    /// FNV-1a. They tell apart what one client sends by mistake; nobody gains by finding a collision in their own keys.
    static func of(_ request: HTTPRequest, by token: TokenID?) -> [UInt8] {
        (token.map { withUnsafeBytes(of: $0.uuid.uuid) { Array($0) } } ?? []) + hash(of: request)
    }

    private static func hash(of request: HTTPRequest) -> [UInt8] {
        var high: UInt64 = 0xcbf2_9ce4_8422_2325
        var low: UInt64 = 0x6c62_272e_07bb_0142
        func mix(_ byte: UInt8) {
            high = (high ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
            low = (low ^ UInt64(byte &+ 0x5b)) &* 0x9e37_79b9_7f4a_7c15
            low ^= low >> 29
        }
        for byte in request.method.rawValue.utf8 { mix(byte) }
        mix(0)
        for byte in request.target.utf8 { mix(byte) }
        mix(0)
        for byte in request.body { mix(byte) }
        return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }
}
