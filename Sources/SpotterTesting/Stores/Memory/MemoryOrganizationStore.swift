import Foundation
import SpotterDomain

/// Organisations in memory.
struct MemoryOrganizationStore: OrganizationStore {
    let database: MemoryDatabase

    func apply(_ definition: TenantDefinition, id: OrganizationID, at now: Date) async throws -> Organization {
        try database.directory { try Self.apply(definition, id: id, at: now, to: &$0) }
    }

    func create(_ definition: TenantDefinition, id: OrganizationID, at now: Date) async throws -> Organization {
        try database.directory { organizations in
            guard !organizations.values.contains(where: { $0.organization?.slug == definition.slug }) else {
                throw SpotterError(
                    .conflict, "Another organisation has this slug.",
                    issues: [FieldIssue(pointer: "/slug", message: "is taken")])
            }
            return try Self.apply(definition, id: id, at: now, to: &organizations)
        }
    }

    private static func apply(
        _ definition: TenantDefinition, id: OrganizationID, at now: Date,
        to organizations: inout [OrganizationID: OrganizationRecords]
    ) throws -> Organization {
        let existing = organizations.values.compactMap(\.organization).first { $0.slug == definition.slug }
        if existing == nil, organizations[id] != nil {
            throw SpotterError(.conflict, "The id belongs to an organisation with another slug.")
        }
        var organization =
            existing
            ?? Organization(
                id: id, slug: definition.slug, name: definition.name, timezone: definition.timezone,
                currency: definition.currency, plan: definition.plan ?? .starter, createdAt: now, updatedAt: now)
        organization.name = definition.name
        organization.timezone = definition.timezone
        organization.currency = definition.currency
        organization.plan = definition.plan ?? .starter
        organization.requestsPerMinute = definition.limits?.requestsPerMinute
        organization.maxAgents = definition.limits?.maxAgents
        organization.modelFallback = definition.modelFallback
        if organization != existing { organization.updatedAt = now }
        organizations[organization.id, default: OrganizationRecords()].organization = organization
        organizations[organization.id]?.limits = definition.limits ?? TenantDefinition.Limits()
        return organization
    }

    func organization(in scope: OrganizationScope) async throws -> Organization {
        guard let organization = database.read(scope, \.currentOrganization) else {
            throw SpotterError.notFound("organization")
        }
        return organization
    }

    func id(ofSlug slug: String) async throws -> OrganizationID? {
        database.directory { organizations in
            organizations.first { $0.value.organization?.slug == slug }?.key
        }
    }

    func ids() async throws -> [OrganizationID] {
        database.directory { $0.keys.sorted() }
    }
}
