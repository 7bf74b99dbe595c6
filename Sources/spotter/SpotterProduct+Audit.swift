import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterTokens

extension SpotterProduct {
    func verifyAudit(organization: String?, checkpoint: String?) async throws -> [AuditFinding] {
        try await withApplication { application, _, _ in
            let verifier = AuditVerifier(
                chain: application.stores.audit, digest: SHA256Digest(), signer: application.signer)
            let all: [Organization]
            if let organization {
                all = [try await self.organization(organization, in: application)]
            } else {
                all = try await organizations(in: application)
            }
            var findings: [AuditFinding] = []
            for one in all {
                let report = try await verifier.verify(OrganizationScope(one.id), checkpoint: checkpoint)
                findings.append(
                    AuditFinding(organization: one.slug, verified: report.verified, problem: report.problem))
            }
            return findings
        }
    }

    func auditCheckpoint(organization: String) async throws -> String? {
        try await withScope(organization) { application, scope in
            try await application.sealer.seal(scope)
            return try await application.sealer.checkpoint(scope)
        }
    }

    func exportAudit(
        _ format: AuditExport.Format, organization: String, to write: @escaping @Sendable (String) throws -> Void
    ) async throws -> Int {
        try await withScope(organization) { application, scope in
            try await AuditExport(audit: application.stores.audit, format: format).run(in: scope) { try write($0) }
        }
    }
}
