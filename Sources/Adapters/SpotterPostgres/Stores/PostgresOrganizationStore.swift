import Foundation
import PostgresKit
import SpotterDomain

/// Organisations in PostgreSQL.
struct PostgresOrganizationStore: OrganizationStore {
    let door: StoreDoor

    func apply(_ definition: TenantDefinition, id: OrganizationID, at now: Date) async throws -> Organization {
        let existing = try await self.id(ofSlug: definition.slug)
        do {
            return try await upsert(definition, id: existing ?? id, at: now)
        } catch let error as SpotterError where error.code == .conflict && existing == nil {
            // Another process may have created the slug between the two statements.
            guard let winner = try await self.id(ofSlug: definition.slug) else { throw error }
            return try await upsert(definition, id: winner, at: now)
        }
    }

    // The id is new, so there is nothing to bring up to date, and a slug that is taken stops the statement.
    func create(_ definition: TenantDefinition, id: OrganizationID, at now: Date) async throws -> Organization {
        try await upsert(definition, id: id, at: now)
    }

    private func upsert(_ definition: TenantDefinition, id: OrganizationID, at now: Date) async throws -> Organization {
        let limits = definition.limits ?? TenantDefinition.Limits()
        let upsert = Statement(
            """
            INSERT INTO spotter.organizations AS stored (
                organization_id, slug, name, timezone, currency, plan, requests_per_minute, max_agents, model_fallback,
                created_at, updated_at, token_requests_per_minute, hooks_per_minute, cost_per_minute, cost_per_hour,
                retention)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14)
            ON CONFLICT (organization_id) DO UPDATE SET
                name = excluded.name, timezone = excluded.timezone, currency = excluded.currency,
                plan = excluded.plan, requests_per_minute = excluded.requests_per_minute,
                max_agents = excluded.max_agents, model_fallback = excluded.model_fallback,
                token_requests_per_minute = excluded.token_requests_per_minute,
                hooks_per_minute = excluded.hooks_per_minute, cost_per_minute = excluded.cost_per_minute,
                cost_per_hour = excluded.cost_per_hour, retention = excluded.retention,
                updated_at = CASE
                    WHEN (stored.name, stored.timezone, stored.currency, stored.plan, stored.requests_per_minute,
                        stored.max_agents, stored.model_fallback)
                        IS DISTINCT FROM (excluded.name, excluded.timezone, excluded.currency, excluded.plan,
                        excluded.requests_per_minute, excluded.max_agents, excluded.model_fallback)
                    THEN excluded.updated_at ELSE stored.updated_at END
            WHERE stored.slug = excluded.slug
            RETURNING organization_id, slug, name, timezone, currency, plan, requests_per_minute, max_agents,
                model_fallback, created_at, updated_at, EXISTS (SELECT FROM spotter.budgets WHERE source <> 'run')
            """, definition.slug, definition.name, definition.timezone, definition.currency,
            (definition.plan ?? .starter).rawValue, definition.limits?.requestsPerMinute, definition.limits?.maxAgents,
            definition.modelFallback, now, limits.tokenRequestsPerMinute, limits.hooksPerMinute,
            limits.cost.perMinute, limits.cost.perHour,
            try PostgresValue.document(definition.retention))
        let log = Statement(
            """
            INSERT INTO spotter.event_logs (organization_id) VALUES ((SELECT app.organization()))
            ON CONFLICT (organization_id) DO NOTHING
            """)
        let queue = Statement(
            """
            INSERT INTO spotter.queues AS stored (organization_id, max_running, starts_per_minute)
            VALUES ((SELECT app.organization()), $1, $2)
            ON CONFLICT (organization_id) DO UPDATE SET
                max_running = excluded.max_running, starts_per_minute = excluded.starts_per_minute
            WHERE (stored.max_running, stored.starts_per_minute)
                IS DISTINCT FROM (excluded.max_running, excluded.starts_per_minute)
            """, limits.maxRunning ?? 100, limits.startsPerMinute)
        let rows = try await door.write(OrganizationScope(id), [upsert, log, queue])
        guard let organization = try rows[0].firstDecoded(Organization.init) else {
            throw SpotterError(.conflict, "The id belongs to an organisation with another slug.")
        }
        return organization
    }

    func organization(in scope: OrganizationScope) async throws -> Organization {
        let rows = try await door.read(scope, Self.select)
        guard let organization = try rows.firstDecoded(Organization.init) else {
            throw SpotterError.notFound("organization")
        }
        return organization
    }

    /// The scope's organisation.
    static let select = Statement(
        """
        SELECT organization_id, slug, name, timezone, currency, plan, requests_per_minute, max_agents,
            model_fallback, created_at, updated_at, EXISTS (SELECT FROM spotter.budgets WHERE source <> 'run')
        FROM spotter.organizations
        """)

    func id(ofSlug slug: String) async throws -> OrganizationID? {
        let rows = try await door.ask(Statement("SELECT app.organization_id_by_slug($1)", slug))
        return try rows.firstDecoded { try $0.optionalID(0) } ?? nil
    }

    func ids() async throws -> [OrganizationID] {
        try await door.ask(Statement("SELECT app.organization_ids()")).decoded { try $0.id(0) }
    }
}

extension Organization {
    /// Reads the columns in the order of `PostgresOrganizationStore.select`.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), slug: try row.get(1), name: try row.get(2), timezone: try row.get(3),
            currency: try row.get(4), plan: try row.named(5), requestsPerMinute: try row.get(6),
            maxAgents: try row.get(7), modelFallback: try row.get(8), createdAt: try row.get(9),
            updatedAt: try row.get(10))
        hasBudgets = try row.get(11)
    }
}
