import Foundation
import SpotterDomain
import SpotterTenants
import Testing

@Suite struct TenantMessagingTests {
    private func load(_ messaging: String) throws -> TenantDefinition {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            slug: gym
            name: Gym
            timezone: Europe/London
            currency: GBP
            messaging:
            \(messaging)
            """, to: "gym.yaml")
        let directory = TenantDirectory(path: folder.path, vocabulary: .system(packs: nil))
        return try withExtendedLifetime(folder) { try #require(try directory.load().first) }
    }

    @Test func `ways out and rules are read, and the rest has its defaults`() throws {
        let messaging = try #require(
            try load(
                """
                  email:
                    smtp: smtp://mail.example.com:587
                    from: Gym <hello@gym.example>
                    username: gym
                    password: env:SMTP_PASSWORD
                    tls: starttls
                  sms: {account_sid: AC1, auth_token: "env:T", from: "+15550100100", country_code: "+1"}
                  quiet_hours: {from: "20:00", to: "09:30"}
                  frequency_cap: {marketing_per_week: 1}
                  stop_words: [ALTO]
                """
            ).messaging)
        let settings = messaging.settings(channels: [.sms])
        #expect(settings.quietHours == QuietHours(from: "20:00", to: "09:30"))
        #expect(settings.marketingPerWeek == 1 && settings.bulkApprovalAbove == 25)
        #expect(settings.stopWords == ["ALTO"] && settings.countryCode == "+1" && settings.channels == [.sms])
        let never = try #require(try load("  quiet_hours: {from: \"00:00\", to: \"00:00\"}").messaging)
        #expect(never.settings(channels: []).quietHours == nil)
    }

    @Test(arguments: [
        ("email: {smtp: \"mail.example.com\", from: a@b.example}", "messaging.email.smtp must be smtp://"),
        ("email: {smtp: \"smtp://u:p@x\", from: a@b.example}", "messaging.email.smtp must be smtp://"),
        ("email: {smtp: \"smtp://x\", from: \"Gym\"}", "messaging.email.from must be an address"),
        (
            "email: {smtp: \"smtp://x\", from: a@b.example, username: u, password: sesame-open}",
            "messaging.email.password must be env:NAME or file:PATH"
        ),
        ("email: {smtp: \"smtp://x\", from: a@b.example, username: u}", "both username and password"),
        ("email: {smtp: \"smtp://x\", from: a@b.example, smpt: 1}", "did you mean \"smtp\""),
        ("sms: {account_sid: A, auth_token: sesame-open, from: \"+15550100100\"}", "never belongs in this file"),
        ("sms: {account_sid: A, auth_token: \"env:T\", from: \"5550100\"}", "messaging.sms.from must be a number"),
        ("sms: {account_sid: A/.., auth_token: \"env:T\", from: MG1}", "letters and digits"),
        ("quiet_hours: {from: \"21\", to: \"25:00\"}", "quiet_hours"),
        ("stop_words: [\"two words\"]", "messaging.stop_words[0] must be one word"),
        ("frequency_cap: {marketing_per_week: -1}", "marketing_per_week"),
    ])
    func `a mistake is shown at its place, and no secret is repeated`(line: String, words: String) throws {
        let error = #expect(throws: SpotterError.self) { try load("  " + line) }
        let message = try #require(error).message
        #expect(message.contains(words), "\(message)")
        #expect(message.contains("gym.yaml:") && !message.contains("sesame"))
    }
}
