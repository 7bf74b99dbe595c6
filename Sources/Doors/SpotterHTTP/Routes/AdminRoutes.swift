import HTTPServerKit
import SpotterDomain

/// `/v1/admin`: the operator's.
enum AdminRoutes {
    static func routes(_ services: Services) -> [Route] { [organizations(services), seed(services)] }

    /// What to seed.
    struct SeedRequest: Codable, Sendable, FieldsDescribed {
        let organization: String
        let packs: [String]?
        let skipExisting: Bool?
        let dryRun: Bool?

        static let fields: [String: Field] = [
            "organization": Field("The organisation's slug.", length: 1...63, example: "iron-temple"),
            "packs": Field("Packs of templates; the organisation's own unless given.", count: 1...20),
            "skip_existing": Field(
                "Leave agents alone that are there already (the default); false brings them up to date unless people edited them."
            ),
            "dry_run": Field("Say what would be done, and do nothing."),
        ]
    }

    /// What seeding did.
    struct SeedResource: Codable, Sendable {
        let data: [SeedOutcome]
    }

    private static func organizations(_ services: Services) -> Route {
        Route(
            .get, "/v1/admin/organizations", "listOrganizations", "List all organisations", tag: "Admin",
            permission: .admin, answers: [.json(200, "Every organisation.", ListResource<Organization>.self)]
        ) { _ in
            var found: [Organization] = []
            for id in try await services.organizations.ids() {
                found.append(try await services.organizations.organization(in: OrganizationScope(id)))
            }
            return try .json(ListResource(Page(items: found, next: nil)))
        }
    }

    private static func seed(_ services: Services) -> Route {
        Route(
            .post, "/v1/admin/seed-agents", "seedAgents", "Seed an organisation's agents from templates",
            tag: "Admin", permission: .admin, body: .json(SeedRequest.self, example: ["organization": "iron-temple"]),
            answers: [.json(200, "What was done with each template.", SeedResource.self)], idempotency: .around
        ) { context in
            let wanted = try context.body(SeedRequest.self)
            guard let id = try await services.organizations.id(ofSlug: wanted.organization) else {
                throw SpotterError.invalid("/organization", "is not the slug of an organisation")
            }
            let mode: SeedMode = wanted.skipExisting ?? true ? .skipExisting : .update
            let outcomes = try await services.seed(OrganizationScope(id), wanted.packs, mode, wanted.dryRun ?? false)
            return try .json(SeedResource(data: outcomes))
        }
    }
}
