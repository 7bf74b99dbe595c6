import SpotterDomain
import Testing

struct OrganizationTests {
    @Test(arguments: ["ab", "iron-temple", "a1", "1a", "gym-2", "a--b", String(repeating: "x", count: 63)])
    func `a good slug has no problem`(_ slug: String) { #expect(Organization.problem(withSlug: slug) == nil) }

    @Test(arguments: [
        "", "a", "-ab", "ab-", "Iron", "iron temple", "iron_temple", "gym/1", "é1", "gym.", "gym\n", "gym\u{0}",
        String(repeating: "x", count: 64), "ａｂ", "../etc",
    ])
    func `a bad slug is told what slugs are`(_ slug: String) {
        #expect(Organization.problem(withSlug: slug)?.contains("2 to 63 lowercase letters") == true)
    }

    private let vocabulary = TenantVocabulary(
        isTimeZone: { $0 == "Europe/London" }, timeZones: ["Europe/London"], currencies: ["GBP", "USD"],
        providers: ["openai", "anthropic"], packs: ["gym"])

    private func definition(_ change: (inout TenantDefinition) -> Void = { _ in }) -> TenantDefinition {
        var definition = TenantDefinition(
            slug: "iron-temple", name: "Iron Temple", timezone: "Europe/London", currency: "GBP", templates: ["gym"],
            providers: ["openai": .init(apiKey: "env:OPENAI_API_KEY", baseUrl: "https://example.com/v1")])
        change(&definition)
        return definition
    }

    @Test func `a right definition has no issues`() { #expect(definition().issues(knowing: vocabulary).isEmpty) }

    @Test func `each rule of a definition is checked`() {
        let wrong = definition {
            $0.slug = "Iron Temple"
            $0.timezone = "Europe/Londn"
            $0.currency = "GPB"
            $0.templates = ["gym", "gim"]
            $0.providers = [
                "opnai": .init(), "openai": .init(apiKey: "sk-not-a-reference", baseUrl: "ftp://example.com"),
            ]
        }
        let issues = wrong.issues(knowing: vocabulary)
        #expect(
            issues.map(\.pointer) == [
                "/slug", "/timezone", "/currency", "/templates/1", "/providers/openai/api_key",
                "/providers/openai/base_url",
                "/providers/opnai",
            ])
        let text = issues.map(\.message).joined(separator: "\n")
        #expect(text.contains("did you mean \"Europe/London\"?") && text.contains("did you mean \"gym\"?"))
        #expect(text.contains("did you mean \"openai\"?"))
        #expect(!text.contains("sk-not-a-reference"))
    }
}
