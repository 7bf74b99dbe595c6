import Foundation
import HTTPServerKit
public import SpotterDomain
import Synchronization

/// What the audit log is told of requests: each that may change something carries a slip.
struct RequestAudit: Sendable {
    let ids: any IDGenerator

    /// Handles the request with a slip for what it changes; what only reads has none.
    func carry(
        _ route: Route, _ context: RequestContext, _ handle: () async throws -> Reply
    ) async throws -> Reply {
        guard [.post, .put, .patch, .delete].contains(route.method) else { return try await handle() }
        let draft = AuditDraft(
            id: AuditEntryID(ids.uuid(at: context.now)), actor: Self.actor(route, context), action: route.name,
            resource: Self.resource(context), requestId: context.requestID)
        return try await AuditSlip.$current.withValue(AuditSlip(draft), operation: handle)
    }

    /// Does one of a caller's acts within a long connection with a slip of its own.
    ///
    /// - Parameter action: the name of the operation that does the same.
    func carry<Value>(
        _ action: String, of caller: Caller, _ requestID: String, at now: Date, _ act: () async throws -> Value
    ) async throws -> Value {
        let draft = AuditDraft(
            id: AuditEntryID(ids.uuid(at: now)), actor: Self.actor(caller), action: action, requestId: requestID)
        return try await AuditSlip.$current.withValue(AuditSlip(draft), operation: act)
    }

    /// Who asks: the token's holder, or, where no token is asked for, whoever has signed the message or the link.
    private static func actor(_ route: Route, _ context: RequestContext) -> AuditActor {
        guard let caller = context.caller else {
            return route.tag == HookReceptionRoutes.tag
                ? AuditActor(.hook, id: context.parameters["hook_id"]) : AuditActor(.link)
        }
        return actor(caller)
    }

    /// The token that somebody acts with.
    static func actor(_ caller: Caller) -> AuditActor {
        AuditActor(
            caller.role == .operator ? .operator : .token, id: caller.token.description, role: caller.role)
    }

    /// The id in the path that is nearest to its end. What is being made has no id yet; and what is no id, such as the key
    /// of a note, may be a person's name.
    private static func resource(_ context: RequestContext) -> String? {
        context.parameters.values.last { text in
            let parts = text.split(separator: "_", omittingEmptySubsequences: false)
            guard parts.count >= 2, let code = parts.last, code.utf8.count == 26 else { return false }
            return code.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
        }
    }
}

/// Tokens that were refused although their signatures are good, counted until the audit log is told of them: one entry for
/// each token and minute, however often it knocks.
public final class RefusedTokens: Sendable {
    private struct Key: Hashable {
        let token: TokenID
        let organization: OrganizationID
    }

    private let counts = Mutex<[Key: Int]>([:])
    private static let capacity = 10_000

    /// None so far.
    public init() {}

    func note(_ token: TokenID, of organization: OrganizationID) {
        counts.withLock { counts in
            let key = Key(token: token, organization: organization)
            guard counts.count < Self.capacity || counts[key] != nil else { return }
            counts[key, default: 0] += 1
        }
    }

    /// Tells the audit log of those that there were since it was last told. What cannot be written is lost, but for a line
    /// in the program's log: nothing was changed by it. Of an organisation that is gone nothing is told: nobody reads it.
    public func tell(
        _ audit: any AuditStore, _ organizations: any OrganizationStore, _ ids: any IDGenerator, _ clock: any WallClock
    ) async throws {
        let noted = counts.withLock { counts in
            defer { counts.removeAll() }
            return counts
        }
        for (key, count) in noted {
            let draft = AuditDraft(
                id: AuditEntryID(ids.uuid(at: clock.now())), actor: AuditActor(.token, id: key.token.description),
                action: "token.refused", resource: key.token.description, outcome: .denied,
                fields: ["times=\(count)"])
            let scope = OrganizationScope(key.organization)
            do {
                _ = try await organizations.organization(in: scope)
            } catch let error as SpotterError where error.code == .notFound { continue }
            try await audit.note(draft, in: scope)
        }
    }
}

extension Services {
    /// Writes the request's entry of the audit log by itself, unless it was written with a change: for acts that change
    /// nothing in the database.
    func keepAudit(in scope: OrganizationScope) async throws {
        guard let slip = AuditSlip.current else { return }
        for draft in slip.drafts(in: scope.organization) { try await audit.note(draft, in: scope) }
        slip.wasKept(in: scope.organization)
    }
}
