import Foundation
import PostgresKit
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
                let findings = try await desk.takeOut(
                    scope, isDryRun: isDryRun, draft: draft, write: { try archive?.add($1, of: $0) },
                    finish: { try await archive?.close($0, at: application.clock.now()) })
                guard !isDryRun else { return findings }
                // So long a server may go on believing a token: what it notes meanwhile goes, too.
                try await Task.sleep(for: .seconds(6))
                _ = try await desk.sweep(scope, keeping: draft.id)
                return findings
            }
        }
    }
}
