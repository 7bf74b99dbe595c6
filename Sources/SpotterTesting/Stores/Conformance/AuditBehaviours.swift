import Foundation
import SpotterDomain

extension StoreConformance {
    static let audits: [StoreBehaviour] = [
        StoreBehaviour("an entry is kept as it was noted, once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let draft = AuditDraft(
                id: gym.id(), actor: AuditActor(.token, id: "tok_1", role: .owner), action: "createAgent",
                resource: "agent_1", requestId: "req_1", executionId: gym.id(), agentId: gym.id(), outcome: .failed,
                fields: ["name", "model"])
            try await stores.audit.note(draft, in: gym.scope)
            var other = draft
            other.action = "deleteAgent"
            try await stores.audit.note(other, in: gym.scope)
            let entries = try await stores.audit.list(AuditFilter(), PageRequest(), in: gym.scope).items
            try requireEqual(entries.map { AuditEntry(draft, at: $0.at) }, entries)
            try requireEqual(entries.count, 1)
        },
        StoreBehaviour("entries are found by who, what, on what, when and by words, newest first") { stores in
            let gym = try await TestOrganization.make(in: stores)
            for (actor, action, resource) in [
                ("tok_a", "createAgent", "agent_1"), ("tok_b", "deleteAgent", "agent_1"),
                ("tok_a", "createTask", "task_1"),
            ] {
                let draft = AuditDraft(
                    id: gym.id(), actor: AuditActor(.token, id: actor), action: action, resource: resource,
                    fields: ["field_of_\(resource)"])
                try await stores.audit.note(draft, in: gym.scope)
            }
            func found(_ filter: AuditFilter) async throws -> [String] {
                try await allPages(limit: 1) { try await stores.audit.list(filter, $0, in: gym.scope) }.map(\.action)
            }
            try requireEqual(try await found(AuditFilter()), ["createTask", "deleteAgent", "createAgent"])
            try requireEqual(try await found(AuditFilter(actor: "tok_a")), ["createTask", "createAgent"])
            try requireEqual(try await found(AuditFilter(actor: "token")).count, 3)
            try requireEqual(try await found(AuditFilter(action: "deleteAgent")), ["deleteAgent"])
            try requireEqual(try await found(AuditFilter(resource: "task_1")), ["createTask"])
            try requireEqual(try await found(AuditFilter(search: "FIELD_OF_agent")), ["deleteAgent", "createAgent"])
            try requireEqual(try await found(AuditFilter(until: Date(timeIntervalSince1970: 0))), [])
            try requireEqual(try await found(AuditFilter(from: Date(timeIntervalSince1970: 0))).count, 3)
        },
        StoreBehaviour("entries of another organisation are not seen") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            let draft = AuditDraft(id: gym.id(), actor: AuditActor(.system), action: "x")
            try await stores.audit.note(draft, in: gym.scope)
            try requireEqual(try await stores.audit.list(AuditFilter(), PageRequest(), in: other.scope).items, [])
        },
    ]
}
