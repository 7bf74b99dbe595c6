import Foundation
import SpotterDomain

extension Command {
    /// Runs the command as the operator's act: what it changes in an organisation is told to the audit log, with that
    /// change. Commands that run the product itself are no act; what is done by it has actors of its own.
    func withAudit(_ work: () async throws -> Void) async throws {
        guard !["up", "serve", "migrate", "bench"].contains(path[0]) else { return try await work() }
        let draft = AuditDraft(
            id: AuditEntryID(RandomIDGenerator().uuid(at: Date())), actor: AuditActor(.operator),
            action: "cli \(path.joined(separator: " "))")
        try await AuditSlip.$current.withValue(AuditSlip(draft), operation: work)
    }
}
