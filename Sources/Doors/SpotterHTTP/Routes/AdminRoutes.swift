import HTTPServerKit
import SpotterDomain

/// `/v1/admin`: the operator's.
enum AdminRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), create(services), seed(services), correct(services)]
    }

    /// What an operator says of a new organisation: a tenant's file without what belongs to the machine. Keys of
    /// providers are references to its environment and files, which are not for a token to name.
    struct OrganizationRequest: Codable, Sendable, FieldsDescribed {
        let slug: String
        let name: String
        let timezone: String
        let currency: String
        let plan: Organization.Plan?
        let limits: TenantDefinition.Limits?
        let modelFallback: String?

        /// The rest is said by a file only.
        private static let own: Set<String> = [
            "slug", "name", "timezone", "currency", "plan", "limits", "model_fallback",
        ]

        static let fields = TenantDefinition.fields.filter { own.contains($0.key) }

        var definition: TenantDefinition {
            TenantDefinition(
                slug: slug, name: name, timezone: timezone, currency: currency, plan: plan, limits: limits,
                modelFallback: modelFallback)
        }
    }

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

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/admin/organizations", "listOrganizations", "List all organisations, newest first", tag: "Admin",
            permission: .admin, query: .page,
            answers: [.json(200, "One page of organisations.", ListResource<Organization>.self)]
        ) { context in
            let page = try context.page()
            let ids = try await services.organizations.ids().sorted(by: >)
            let wanted = ids.filter { id in page.after.map { id < OrganizationID($0.uuid) } ?? true }
            var found: [Organization] = []
            for id in wanted.prefix(page.limit + 1) {
                found.append(try await services.organizations.organization(in: OrganizationScope(id)))
            }
            return try .json(ListResource(Page(fetched: found, limit: page.limit) { Cursor($0.id.uuid) }))
        }
    }

    private static func create(_ services: Services) -> Route {
        Route(
            .post, "/v1/admin/organizations", "createOrganization", "Create an organisation", tag: "Admin",
            permission: .admin, body: .json(OrganizationRequest.self, example: example),
            answers: [.json(201, "The organisation, without agents and tokens.", Organization.self)],
            idempotency: .around(isRepeatable: true)
        ) { context in
            let definition = try context.body(OrganizationRequest.self).definition
            let issues = definition.issues(knowing: services.vocabulary)
            guard issues.isEmpty else { throw SpotterError.invalid(issues) }
            let organization = try await services.organizations.create(
                definition, id: services.ids.id(at: context.now), at: context.now)
            return try .json(organization, status: 201)
        }
    }

    private static let example: JSONValue = [
        "slug": "northside-gym", "name": "Northside Gym", "timezone": "Europe/London", "currency": "GBP",
        "plan": "pro", "limits": ["max_agents": 50],
    ]

    private static func seed(_ services: Services) -> Route {
        Route(
            .post, "/v1/admin/seed-agents", "seedAgents", "Seed an organisation's agents from templates",
            tag: "Admin", permission: .admin, body: .json(SeedRequest.self, example: ["organization": "iron-temple"]),
            answers: [.json(200, "What was done with each template.", SeedResource.self)],
            idempotency: .around(isRepeatable: true)
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

    private static func correct(_ services: Services) -> Route {
        Route(
            .post, "/v1/admin/billing/corrections", "correctLine", "Put a line of a bill right", tag: "Admin",
            permission: .admin, body: .json(CorrectionRequest.self, example: CorrectionRequest.example),
            answers: [
                .json(
                    201,
                    "The line that corrects. It counts for now: a month that is closed stays as it is.",
                    LineResource.self)
            ],
            idempotency: .around(isRepeatable: false)
        ) { context in
            let wanted = try context.body(CorrectionRequest.self)
            let correction = try wanted.correction()
            guard let id = try await services.organizations.id(ofSlug: wanted.organization) else {
                throw SpotterError.invalid("/organization", "is not the slug of an organisation")
            }
            let line = try await services.ledger.apply(
                correction, id: services.ids.id(at: context.now), at: context.now, in: OrganizationScope(id))
            return try .json(LineResource(line), status: 201)
        }
    }
}
