import Foundation
import SpotterDomain

extension StoreConformance {
    static let organizations: [StoreBehaviour] = [
        StoreBehaviour("an organisation is created with its definition and found by slug and scope") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let found = try await stores.organizations.organization(in: gym.scope)
            try requireEqual(found, gym.organization)
            try requireEqual(found.plan, .pro)
            try requireEqual(try await stores.organizations.id(ofSlug: found.slug), found.id)
            try require(try await stores.organizations.ids().contains(found.id))
        },
        StoreBehaviour("applying a definition again changes what it says, keeps the id, and moves the time of change") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let later = TestOrganization.start + 60
            var definition = TenantDefinition(
                slug: gym.organization.slug, name: "Iron Temple East", timezone: "Europe/Paris", currency: "EUR",
                limits: .init(requestsPerMinute: 90, maxAgents: 12), modelFallback: "offline")
            // Another id is proposed, as a process that did not know of the organisation would.
            let changed = try await stores.organizations.apply(definition, id: gym.id(), at: later)
            try requireEqual(changed.id, gym.organization.id)
            try requireEqual(changed.name, "Iron Temple East")
            try requireEqual(changed.plan, .starter)
            try requireEqual(changed.requestsPerMinute, 90)
            try requireEqual(changed.maxAgents, 12)
            try requireEqual(changed.modelFallback, "offline")
            try requireEqual(changed.createdAt, TestOrganization.start)
            try requireEqual(changed.updatedAt, later)
            let same = try await stores.organizations.apply(definition, id: gym.id(), at: later + 60)
            try requireEqual(same.updatedAt, later)
            definition.limits = nil
            let without = try await stores.organizations.apply(definition, id: gym.id(), at: later + 120)
            try requireEqual(without.requestsPerMinute, nil)
            try requireEqual(without.maxAgents, nil)
        },
        StoreBehaviour("processes that apply one new slug at once agree on one organisation") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let definition = TenantDefinition(
                slug: "twin-" + gym.word(), name: "Twin", timezone: "UTC", currency: "USD")
            let ids = try await withThrowingTaskGroup(of: OrganizationID.self) { group in
                for _ in 0..<8 {
                    let id: OrganizationID = gym.id()
                    group.addTask {
                        try await stores.organizations.apply(definition, id: id, at: TestOrganization.start).id
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            try requireEqual(ids.count, 1)
        },
        StoreBehaviour("a slug is created once, also by many at once, and what has it stays as it is") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var definition = TenantDefinition(
                slug: gym.organization.slug, name: "Usurper", timezone: "UTC", currency: "USD")
            let refusal = try await requireError(.conflict) {
                try await stores.organizations.create(definition, id: gym.id(), at: TestOrganization.start)
            }
            try requireEqual(refusal.issues.first?.pointer, "/slug")
            try requireEqual(try await stores.organizations.organization(in: gym.scope), gym.organization)
            definition.slug = "new-" + gym.word()
            let wanted = definition
            let created = try await withThrowingTaskGroup(of: OrganizationID?.self) { group in
                for _ in 0..<8 {
                    let id: OrganizationID = gym.id()
                    group.addTask {
                        do {
                            return try await stores.organizations.create(wanted, id: id, at: TestOrganization.start).id
                        } catch let error as SpotterError where error.code == .conflict { return nil }
                    }
                }
                return try await group.reduce(into: [OrganizationID]()) { if let id = $1 { $0.append(id) } }
            }
            try requireEqual(created.count, 1)
            try requireEqual(try await stores.organizations.id(ofSlug: wanted.slug), created.first)
        },
        StoreBehaviour("an id cannot be given to a second slug") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let definition = TenantDefinition(
                slug: "other-" + gym.word(), name: "Other", timezone: "UTC", currency: "USD")
            try await requireError(.conflict) {
                try await stores.organizations.apply(definition, id: gym.organization.id, at: TestOrganization.start)
            }
            try requireEqual(try await stores.organizations.organization(in: gym.scope), gym.organization)
        },
        StoreBehaviour("an unknown organisation is not found, and nothing can be written for it") { stores in
            let ids = RandomIDGenerator()
            let scope = OrganizationScope(ids.id(at: TestOrganization.start))
            try await requireError(.notFound) { try await stores.organizations.organization(in: scope) }
            try requireEqual(try await stores.organizations.id(ofSlug: "nobody-has-this-slug"), nil)
            let gym = try await TestOrganization.make(in: stores)
            try await requireError(.notFound) {
                try await stores.agents.create(gym.draftAgent(named: "Ghost"), receipt: nil, in: scope)
            }
            try requireEqual(try await stores.agents.list(AgentFilter(), PageRequest(), in: scope).items, [])
        },
    ]
}
