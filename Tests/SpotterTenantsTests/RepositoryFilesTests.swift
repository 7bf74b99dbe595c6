import Foundation
import SpotterDomain
import Testing

@testable import SpotterTenants

/// The files that come with Spotter are sound.
struct RepositoryFilesTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private func templates() throws -> [AgentTemplate] {
        try TemplateDirectory(path: "\(Self.root)/templates/agents", knownTools: nil).load()
    }

    @Test func `the six agents of the gym load`() throws {
        let gym = try templates().filter { $0.pack == "gym" }
        #expect(
            gym.map(\.slug) == [
                "financial-analyst", "lead-nurture-agent", "operations-manager", "retention-specialist",
                "social-media-manager", "support-assistant",
            ])
        #expect(gym.allSatisfy { $0.settings.systemPrompt.count > 500 && $0.settings.tools?.isEmpty == false })
    }

    @Test func `both demo gyms load against the packs there are`() throws {
        let vocabulary = TenantVocabulary.system(packs: try templates().packs)
        let tenants = try TenantDirectory(path: "\(Self.root)/tenants", vocabulary: vocabulary).load()
        #expect(tenants.map(\.slug) == ["harbour-fitness", "iron-temple"])
        #expect(tenants.map(\.currency) == ["GBP", "USD"])
        #expect(tenants.allSatisfy { $0.demo != nil && $0.modelFallback == "offline" })
    }

    @Test func `every model of the templates has a price`() throws {
        let prices = try PricingFile(path: "\(Self.root)/templates/pricing.yaml").load().prices
        let models = Set(prices.map(\.model))
        #expect(models.isSuperset(of: ["gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet", "claude-3-5-haiku"]))
        #expect(models.isSuperset(of: try templates().map(\.settings.model).filter { $0 != "offline" }))
    }

    @Test func `cache prices stand to the input's as the providers say`() throws {
        let prices = try PricingFile(path: "\(Self.root)/templates/pricing.yaml").load().prices
        for price in prices where price.provider == "anthropic" {
            let part = price.cacheReadPerMillion.map { price.inputPerMillion / $0 }
            #expect(part == 10 || (part == 20 && price.model.hasSuffix("-5-5")), "\(price.model)")
            #expect(price.cacheWritePerMillion.map { $0 * 4 } == price.inputPerMillion * 5, "\(price.model)")
        }
        for price in prices where price.provider == "openai" {
            guard let read = price.cacheReadPerMillion else { continue }
            #expect([2, 4, 10].contains(price.inputPerMillion / read), "\(price.model)")
        }
    }
}
