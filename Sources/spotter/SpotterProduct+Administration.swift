import Foundation
import HTTPClientKit
import PostgresKit
import ServiceKit
import SigningKit
import SpotterCommandLine
import SpotterDomain
import SpotterMonitoring
import SpotterPostgres
import SpotterTenants

extension SpotterProduct {
    // MARK: Schema

    func migrate(onlyStatus: Bool) async throws -> [MigrationReport] {
        guard settings.databaseURL != nil || settings.databaseAdminURL != nil else {
            return try await withApplication(creating: !onlyStatus) { _, opened, _ in
                try await migrationReports(opened.application, new: [])
            }
        }
        let access = DatabaseAccess(settings: settings, dataDirectory: dataDirectory, log: log)
        let administrator = try access.administrator()
        var new: [Int] = []
        if !onlyStatus {
            let setup = DatabaseSetup(
                migrationsFolder: settings.home.migrations, administrator: administrator, log: log)
            new = try await setup.prepare(appPassword: settings.environment["SPOTTER_APP_PASSWORD"]).map(\.version)
        }
        return try await migrationReports(administrator, new: new)
    }

    private func migrationReports(_ configuration: PostgresConfiguration, new: [Int]) async throws -> [MigrationReport]
    {
        let setup = DatabaseSetup(migrationsFolder: settings.home.migrations, administrator: configuration, log: log)
        let status = try await setup.status()
        return status.applied.map {
            MigrationReport(version: $0.version, name: $0.name, isApplied: true, isNew: new.contains($0.version))
        }
            + status.pending.map { MigrationReport(version: $0.version, name: $0.name, isApplied: false, isNew: false) }
    }

    // MARK: Tenants and templates

    func validateTenants(directory: String?) async throws -> (files: Int, problems: [String]) {
        Templates.problems(home: settings.home, tenants: directory)
    }

    func workflow(file: String, isOutline: Bool) throws -> WorkflowDefinition {
        let file = WorkflowFile(path: file)
        if isOutline { return try file.outline() }
        // Which agents an organisation has, and what they can do, only its database knows.
        let vocabulary = WorkflowVocabulary(tools: WorkflowVocabulary.files(agents: []).tools)
        return try file.load(knowing: vocabulary)
    }

    func applyTenants(directory: String?) async throws -> [Organization] {
        try await withApplication(creating: true) { application, _, templates in
            if let directory { try templates.reload(tenants: directory) }
            return try await apply(templates.tenants, in: application)
        }
    }

    /// Creates or updates the organisation of every definition.
    func apply(_ tenants: [TenantDefinition], in application: Application) async throws -> [Organization] {
        var organizations: [Organization] = []
        for tenant in tenants {
            let now = application.clock.now()
            let organization = try await application.stores.organizations.apply(
                tenant, id: application.ids.id(at: now), at: now)
            try await apply(tenant.budgets ?? [], to: organization, in: application)
            let refused = try await application.monitoring.alerts.apply(
                tenant.alerts ?? [], at: now, in: OrganizationScope(organization.id))
            for name in refused {
                log.warning(
                    "an alert of the file was left out: another of the organisation has its name",
                    ["tenant": tenant.slug, "alert": name])
            }
            organizations.append(organization)
        }
        return organizations
    }

    /// Sets the budgets that a file asks for, and takes those away that it has asked for before.
    private func apply(
        _ wanted: [TenantBudget], to organization: Organization, in application: Application
    ) async throws {
        let (store, scope, now) = (
            application.stores.budgets, OrganizationScope(organization.id), application.clock.now()
        )
        let known = try await store.budgets(at: now, in: scope)
        for order in wanted.compactMap(\.order) {
            let old = known.first { $0.subject == order.subject && $0.period == order.period }
            guard old.map({ BudgetOrder($0) != order }) ?? true else { continue }
            _ = try await store.put(order, id: application.ids.id(at: now), at: now, in: scope)
        }
        let periods = Set(wanted.map(\.period))
        for budget in known
        where budget.source == .file && !(budget.subject == .organization && periods.contains(budget.period)) {
            try await store.delete(budget.id, in: scope)
        }
    }

    func organizations() async throws -> [Organization] {
        try await withApplication { application, _, _ in try await organizations(in: application) }
    }

    func seed(organization: String, packs: [String]?, mode: SeedMode, isDryRun: Bool) async throws -> [SeedOutcome] {
        try await withApplication { application, _, _ in
            let scope = OrganizationScope(try await self.organization(organization, in: application).id)
            return try await application.seedAgents(scope, packs, mode, isDryRun)
        }
    }

    // MARK: Tokens

    func issueToken(
        _ order: TokenIssuer.Order, organization: String
    ) async throws -> (record: TokenRecord, text: String) {
        try await withTokens(organization) { issuer, scope in
            let record = try issuer.draft(order, by: nil, in: scope)
            return (record, try await issuer.issue(record, receipt: nil, in: scope))
        }
    }

    func inspectToken(_ text: String) async throws -> TokenInspection {
        try await withApplication { application, _, _ in
            let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard let claims = try? application.signer.claims(of: text) else {
                return TokenInspection(
                    record: nil,
                    problem: "It is malformed, expired, or signed by a key that this installation does not know.")
            }
            let scope = OrganizationScope(claims.organization)
            guard let record = try await application.stores.tokens.use(claims.token, in: scope) else {
                return TokenInspection(
                    record: nil, problem: "Its signature is ours, but its organisation does not know it.")
            }
            return TokenInspection(record: record, problem: record.revokedAt == nil ? nil : "It was revoked.")
        }
    }

    func tokens(organization: String) async throws -> [TokenRecord] {
        try await withTokens(organization) { issuer, scope in
            var tokens: [TokenRecord] = []
            var after: Cursor?
            repeat {
                let page = try await issuer.list(PageRequest(limit: 200, after: after), in: scope)
                tokens += page.items
                after = page.next
            } while after != nil
            return tokens
        }
    }

    func revokeToken(_ id: TokenID, organization: String) async throws {
        try await withTokens(organization) { issuer, scope in try await issuer.revoke(id, in: scope) }
    }

    func rotateSigningKey() async throws -> String {
        try signingKeys(data: dataDirectory).rotate().signingKeyID ?? ""
    }

    private func withTokens<T: Sendable>(
        _ organization: String, _ work: @escaping @Sendable (TokenIssuer, OrganizationScope) async throws -> T
    ) async throws -> T {
        try await withApplication { application, _, _ in
            let scope = OrganizationScope(try await self.organization(organization, in: application).id)
            let issuer = TokenIssuer(
                store: application.stores.tokens, signer: application.signer, clock: application.clock,
                ids: application.ids)
            return try await work(issuer, scope)
        }
    }
}
