public import Foundation

/// An organisation's rules for messages, and which ways out it has.
public struct MessagingSettings: Sendable, Hashable {
    /// The ways out that are configured.
    public var channels: Set<MessageChannel>
    /// When nobody is disturbed; nil means never.
    public var quietHours: QuietHours?
    /// How many marketing messages somebody may get in seven days, by all channels together; nil means any number.
    public var marketingPerWeek: Int?
    /// A bulk message to more people than this waits for somebody's approval.
    public var bulkApprovalAbove: Int
    /// Words beside the usual ones that mean stop.
    public var stopWords: [String]
    /// What numbers without a country begin with, such as `+44`; nil refuses them.
    public var countryCode: String?

    /// What holds where nothing was said.
    public static let standard = MessagingSettings()

    /// Rules; by default no way out, quiet from 21:00 to 08:00, three marketing messages a week, approval above 25.
    public init(
        channels: Set<MessageChannel> = [], quietHours: QuietHours? = QuietHours(from: "21:00", to: "08:00"),
        marketingPerWeek: Int? = 3, bulkApprovalAbove: Int = 25, stopWords: [String] = [], countryCode: String? = nil
    ) {
        self.channels = channels
        self.quietHours = quietHours
        self.marketingPerWeek = marketingPerWeek
        self.bulkApprovalAbove = bulkApprovalAbove
        self.stopWords = stopWords
        self.countryCode = countryCode
    }
}

/// What is known of somebody that the rules ask for.
public struct ContactFacts: Sendable, Hashable {
    /// What the newest word on marketing by this channel was; nil where none was said.
    public var marketing: Bool?
    /// The same for what is transactional.
    public var transactional: Bool?
    /// Marketing messages of the last seven days that were sent or are to be, by all channels.
    public var marketingInWeek: Int

    /// What is known; by default nothing.
    public init(marketing: Bool? = nil, transactional: Bool? = nil, marketingInWeek: Int = 0) {
        self.marketing = marketing
        self.transactional = transactional
        self.marketingInWeek = marketingInWeek
    }
}

/// Whether and when a message may go: pure, and asked twice, when it is written and before it goes.
///
/// 1. Marketing needs a consent for this channel, and none that was withdrawn since. What is transactional goes unless
///    the person said no to this channel (STOP says no to everything). The staff is not asked.
/// 2. Nobody gets more marketing in seven days than the organisation allows.
/// 3. In the quiet hours of the person's own time zone nothing goes but transactional e-mail, which wakes nobody; it
///    waits until they end.
/// 4. Without a way out it rests.
public struct MessagingPolicy: Sendable {
    /// What is to happen with a message.
    public enum Verdict: Sendable, Hashable {
        /// It may go at once, or at the time it was written for.
        case go
        /// It may go at this time.
        case wait(until: Date, reason: String)
        /// It rests until there is a way out.
        case hold(reason: String)
        /// It may not go.
        case suppress(reason: String)
    }

    /// The organisation's rules.
    public let settings: MessagingSettings

    /// The rules of one organisation.
    public init(_ settings: MessagingSettings) { self.settings = settings }

    /// - Parameters:
    ///   - facts: of the person; nil for the staff.
    ///   - zone: the person's time zone.
    ///   - time: when the message would go: now, or later if it was written for later.
    public func verdict(
        _ channel: MessageChannel, _ purpose: MessagePurpose, facts: ContactFacts?, zone: TimeZone, at time: Date
    ) -> Verdict {
        if let facts, let reason = refusal(channel, purpose, facts) { return .suppress(reason: reason) }
        guard settings.channels.contains(channel) else {
            return .hold(reason: "No way out is configured for \(channel.noun) (messaging.\(channel.rawValue)).")
        }
        let disturbs = channel == .sms || purpose == .marketing
        if disturbs, let end = settings.quietHours?.end(at: time, in: zone) {
            return .wait(until: end, reason: "Quiet hours in \(zone.identifier).")
        }
        return .go
    }

    private func refusal(_ channel: MessageChannel, _ purpose: MessagePurpose, _ facts: ContactFacts) -> String? {
        switch purpose {
        case .transactional:
            return facts.transactional == false ? "The person has asked for no more \(channel.noun) at all." : nil
        case .marketing:
            guard facts.transactional != false, facts.marketing != false else {
                return "The person has asked for no marketing by \(channel.noun)."
            }
            guard facts.marketing == true else {
                return "The person has not agreed to marketing by \(channel.noun)."
            }
            if let most = settings.marketingPerWeek, facts.marketingInWeek >= most {
                return
                    "The person has had \(facts.marketingInWeek) marketing messages in seven days; \(most) are allowed."
            }
            return nil
        }
    }
}
