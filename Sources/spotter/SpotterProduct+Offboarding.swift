import Foundation
import PostgresKit
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres

extension SpotterProduct {
    func offboard(_ slug: String, to folder: String?, isDryRun: Bool) async throws -> [PrivacyFinding] {
        try await withApplication(roles: []) { application, opened, templates in
            let organization = try await self.organization(slug, in: application)
            // The next start would make it anew.
            guard isDryRun || !templates.tenants.contains(where: { $0.slug == slug }) else {
                throw SpotterError(
                    .conflict,
                    "A tenant file still names \(slug). Remove the file first, and tell the servers (SIGHUP).")
            }
            let archive = try isDryRun ? nil : folder.map { try OrganizationArchive(of: organization, folder: $0) }
            let scope = OrganizationScope(organization.id)
            let draft = AuditDraft(
                id: AuditEntryID(application.ids.uuid(at: application.clock.now())), actor: AuditActor(.operator),
                action: "cli tenants offboard", resource: organization.id.description,
                fields: ["slug=\(slug)", "archive=\(archive == nil ? "none" : "written")"])
            let administrator = try self.administrator(of: opened)
            return try await self.withDatabase(administrator) { database in
                let desk = PostgresOffboardingDesk(administrator: database)
                if !isDryRun {
                    try await desk.shut(scope)
                    // So long a server may go on believing a token, and what was under way takes to end.
                    try await Task.sleep(for: .seconds(6))
                }
                let findings: [PrivacyFinding]
                do {
                    findings = try await desk.takeOut(
                        scope, isDryRun: isDryRun, draft: draft, write: { try archive?.add($1, of: $0) },
                        finish: { try await archive?.close($0, at: application.clock.now()) })
                } catch {
                    archive?.discard()
                    throw Self.interrupted(error)
                }
                guard !isDryRun else { return findings }
                try await Task.sleep(for: .seconds(6))
                let late = try await desk.sweep(scope, keeping: draft.id)
                if late > 0 {
                    application.log.warning(
                        "rows were written after the archive, and are deleted without being in it",
                        ["rows": "\(late)"])
                }
                return findings
            }
        }
    }

    /// Why nothing was deleted, for whoever typed the command.
    private static func interrupted(_ error: any Error) -> any Error {
        if let error = error as? SpotterError, error.code == .unavailable {
            return SpotterError(
                .conflict,
                "Somebody was still writing to it: nothing was deleted. Its tokens are revoked; run the command again.",
                cause: error)
        }
        guard let error = error as? CocoaError else { return error }
        return SpotterError(
            .unavailable, "The archive cannot be written: \(error.localizedDescription) Nothing was deleted.",
            cause: error)
    }
}
