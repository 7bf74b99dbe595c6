import Foundation
import SpotterDomain
import Testing

/// RFC 3339.
private func time(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

@Suite struct MessagingPolicyTests {
    private let london = TimeZone(identifier: "Europe/London") ?? .gmt
    private let noon = Date(timeIntervalSince1970: 1_795_003_200)

    private func verdict(
        _ channel: MessageChannel, _ purpose: MessagePurpose, _ facts: ContactFacts?,
        _ settings: MessagingSettings = MessagingSettings(channels: [.email, .sms]), at time: Date? = nil
    ) -> MessagingPolicy.Verdict {
        MessagingPolicy(settings).verdict(channel, purpose, facts: facts, zone: london, at: time ?? noon)
    }

    private func isSuppressed(_ verdict: MessagingPolicy.Verdict) -> Bool {
        if case .suppress = verdict { true } else { false }
    }

    @Test func `marketing goes only to those who agreed and have not changed their mind`() {
        #expect(isSuppressed(verdict(.email, .marketing, ContactFacts())))
        #expect(isSuppressed(verdict(.email, .marketing, ContactFacts(marketing: false))))
        #expect(isSuppressed(verdict(.email, .marketing, ContactFacts(marketing: true, transactional: false))))
        #expect(verdict(.email, .marketing, ContactFacts(marketing: true)) == .go)
    }

    @Test func `what somebody has to know goes unless they said no to the channel, and the staff is not asked`() {
        #expect(verdict(.sms, .transactional, ContactFacts()) == .go)
        #expect(verdict(.sms, .transactional, ContactFacts(marketing: false)) == .go)
        #expect(isSuppressed(verdict(.sms, .transactional, ContactFacts(transactional: false))))
        #expect(verdict(.email, .transactional, nil) == .go)
    }

    @Test func `nobody gets more marketing in a week than the organisation allows`() {
        let agreed = { ContactFacts(marketing: true, marketingInWeek: $0) }
        #expect(verdict(.email, .marketing, agreed(2)) == .go)
        #expect(isSuppressed(verdict(.email, .marketing, agreed(3))))
        #expect(verdict(.email, .transactional, agreed(30)) == .go)
        var settings = MessagingSettings(channels: [.email])
        settings.marketingPerWeek = 0
        #expect(isSuppressed(verdict(.email, .marketing, agreed(0), settings)))
        settings.marketingPerWeek = nil
        #expect(verdict(.email, .marketing, agreed(99), settings) == .go)
    }

    @Test func `without a way out a message rests, but what may not go is not even held`() {
        guard case .hold = verdict(.email, .transactional, ContactFacts(), .standard) else {
            Issue.record("not held")
            return
        }
        #expect(isSuppressed(verdict(.email, .marketing, ContactFacts(), .standard)))
    }

    @Test func `quiet hours hold SMS and marketing until they end, and let what is asked for by e-mail go`() throws {
        let night = try time("2026-11-21T23:30:00Z")
        guard case .wait(let until, _) = verdict(.sms, .transactional, ContactFacts(), at: night) else {
            Issue.record("not delayed")
            return
        }
        #expect(until == (try time("2026-11-22T08:00:00Z")))
        #expect(verdict(.email, .transactional, ContactFacts(), at: night) == .go)
        guard case .wait = verdict(.email, .marketing, ContactFacts(marketing: true), at: night) else {
            Issue.record("marketing is not delayed")
            return
        }
    }

    @Test(arguments: [
        // Over midnight, before and after it; the first minute is quiet and the last is not.
        ("21:00", "08:00", "Europe/London", "2026-11-21T21:00:00Z", "2026-11-22T08:00:00Z"),
        ("21:00", "08:00", "Europe/London", "2026-11-22T07:59:00Z", "2026-11-22T08:00:00Z"),
        ("21:00", "08:00", "Europe/London", "2026-11-22T08:00:00Z", nil),
        ("21:00", "08:00", "Europe/London", "2026-11-22T20:59:00Z", nil),
        // The same moment is night in one place and day in another.
        ("21:00", "08:00", "America/Los_Angeles", "2026-11-22T12:00:00Z", "2026-11-22T16:00:00Z"),
        ("21:00", "08:00", "Asia/Tokyo", "2026-11-22T03:00:00Z", nil),
        // Within a day.
        ("12:00", "14:30", "Asia/Kolkata", "2026-11-22T07:00:00Z", "2026-11-22T09:00:00Z"),
        // In the night that clocks go forward 02:30 does not exist: the first moment after it.
        ("21:00", "02:30", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
        // In the night that they go back the quiet hours are longer.
        ("21:00", "08:00", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T13:00:00Z"),
    ])
    func `quiet hours end by the person's own clock`(
        from: String, to: String, zone: String, at: String, end: String?
    ) throws {
        let hours = try #require(QuietHours(from: from, to: to))
        let found = hours.end(at: try time(at), in: try #require(TimeZone(identifier: zone)))
        #expect(try found == end.map { try time($0) })
    }

    @Test func `times of day are two digits each`() {
        #expect(QuietHours.minutes("00:00") == 0)
        #expect(QuietHours.minutes("23:59") == 1_439)
        for text in ["24:00", "9:00", "09:60", "0900", "", "09:00:00", "-1:00", "٠٩:٠٠"] {
            #expect(QuietHours.minutes(text) == nil, "\(text)")
        }
        #expect(QuietHours(from: "08:00", to: "08:00") == nil)
    }

    @Test(arguments: [
        ("STOP", ReplyKeyword.stop), (" stop. ", .stop), ("Stop!", .stop), ("unsubscribe", .stop), ("opt-out", .stop),
        ("Stop all", .stop), ("ALTO", .stop), ("start", .start), ("yes", .start), ("UNSTOP", .start), ("Help?", .help),
        ("info", .help),
    ])
    func `a single word is heard, whatever its case and its marks`(text: String, keyword: ReplyKeyword) {
        #expect(ReplyKeyword(text, stopWords: ["alto"]) == keyword)
    }

    @Test(arguments: [
        "", "please stop by tomorrow", "Can I stop my membership?", "stopp", "yes please", "I quit smoking",
    ])
    func `a sentence is no keyword`(text: String) { #expect(ReplyKeyword(text) == nil) }

    @Test(
        arguments: [
            ("+44 20 7946 0018", nil, "+442079460018"), ("0044-20-7946-0018", nil, "+442079460018"),
            ("020 7946 0018", "+44", "+442079460018"), ("(555) 010-0100", "+1", "+15550100100"),
            ("555 0100", nil, nil), ("+44 20 call", nil, nil), ("+1", nil, nil), ("12+34567890", "+1", nil),
            ("+1234567890123456", nil, nil), ("+0123456789", nil, nil), ("", "+44", nil),
        ] as [(String, String?, String?)])
    func `numbers are brought to one form, or refused`(text: String, code: String?, number: String?) {
        #expect(PhoneNumber(text, countryCode: code)?.description == number)
    }

    @Test func `a try that failed is repeated later and later, and then no more; the unknown is never`() {
        let busy = DeliveryOutcome.postponed(reason: "Busy.", after: nil)
        #expect(OutboxRetry.outcome(of: busy, attempt: 1, draw: 1) == .again(after: .seconds(30), reason: "Busy."))
        #expect(OutboxRetry.outcome(of: busy, attempt: 3, draw: 1) == .again(after: .seconds(120), reason: "Busy."))
        #expect(OutboxRetry.outcome(of: busy, attempt: 1, draw: 0) == .again(after: .seconds(1), reason: "Busy."))
        #expect(
            OutboxRetry.outcome(of: busy, attempt: 8, draw: 0.5) == .ended(.failed, reason: "Tried 8 times. Busy."))
        let asked = DeliveryOutcome.postponed(reason: "Busy.", after: .seconds(300))
        #expect(OutboxRetry.outcome(of: asked, attempt: 1, draw: 0) == .again(after: .seconds(300), reason: "Busy."))
        #expect(
            OutboxRetry.outcome(of: .unknown(reason: "Cut."), attempt: 1, draw: 0)
                == .ended(.needsReview, reason: "Cut."))
    }

    @Test func `placeholders are filled with what is escaped, and mistakes are named`() throws {
        let text = try PlaceholderText("Hi {{ first_name }}, {{class}} {{first_name}}")
        #expect(text.names == ["first_name", "class"])
        #expect(
            text.filled(["first_name": "A*", "class": "{{x}}"], escaping: { "<\($0)>" }) == "Hi <A*>, <{{x}}> <A*>")
        #expect(throws: PlaceholderText.Problem.unclosed) { try PlaceholderText("a {{b") }
        for bad in ["{{}}", "{{A}}", "{{1a}}", "{{a-b}}", "{{a.b}}"] {
            #expect(throws: PlaceholderText.Problem.self, "\(bad)") { try PlaceholderText(bad) }
        }
    }
}
