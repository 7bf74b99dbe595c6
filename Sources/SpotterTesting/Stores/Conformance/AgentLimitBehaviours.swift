import Foundation
import SpotterDomain

extension StoreConformance {
    static let agentLimits: [StoreBehaviour] = [
        StoreBehaviour("an organisation gets no more agents than its limit, and room again when one is deleted") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            try await limit(gym, to: 2)
            let first = try await gym.agent(named: "One")
            _ = try await gym.agent(named: "Two")
            let third = gym.draftAgent(named: "Three")
            let refusal = try await requireError(.limitReached) {
                try await stores.agents.create(third, receipt: gym.receipt("third"), in: gym.scope)
            }
            try require(refusal.message.contains("2 agents"))
            try requireEqual(try await stores.agents.count(in: gym.scope), 2)
            // What did not happen left no receipt.
            try requireEqual(try await stores.receipts.receipt(forKey: "third", in: gym.scope), nil)
            try await stores.agents.delete(first.id, version: nil, in: gym.scope)
            try await stores.agents.create(third, receipt: gym.receipt("third"), in: gym.scope)
            // A request that is repeated is answered from its receipt, full house or not.
            try await requireThrows(ReceiptExists.self) {
                try await stores.agents.create(third, receipt: gym.receipt("third"), in: gym.scope)
            }
            try await limit(gym, to: nil)
            _ = try await gym.agent(named: "Four")
        },
        StoreBehaviour("of twenty created at once only as many come in as there is room for") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            try await limit(gym, to: 5)
            _ = try await gym.agent(named: "First")
            let created = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        do {
                            _ = try await gym.agent(named: "Agent \(number)")
                            return true
                        } catch let error as SpotterError where error.code == .limitReached { return false }
                    }
                    group.addTask {
                        _ = try await other.agent(named: "Agent \(number)")
                        return false
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try requireEqual(created, 4)
            try requireEqual(try await stores.agents.count(in: gym.scope), 5)
            try requireEqual(try await stores.agents.count(in: other.scope), 20)
        },
    ]

    private static func limit(_ gym: TestOrganization, to limit: Int?) async throws {
        let definition = TenantDefinition(
            slug: gym.organization.slug, name: "Iron Temple", timezone: "UTC", currency: "GBP",
            limits: .init(maxAgents: limit))
        _ = try await gym.stores.organizations.apply(
            definition, id: gym.organization.id, at: TestOrganization.start)
    }
}
