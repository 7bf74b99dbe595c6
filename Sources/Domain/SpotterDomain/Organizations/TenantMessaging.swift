/// What a tenant's file says of messages: ways out, and the rules for them.
public struct TenantMessaging: Sendable, Codable, Hashable, FieldsDescribed {
    /// The mail server; nil holds e-mail in the outbox.
    public var email: Email?
    /// The provider of SMS; nil holds them in the outbox.
    public var sms: SMS?
    /// When nobody is disturbed; nil means from 21:00 to 08:00, and twice the same time never.
    public var quietHours: Hours?
    /// How much marketing somebody may get; nil means three messages in seven days.
    public var frequencyCap: Cap?
    /// A bulk message to more people than this waits for approval; nil means 25.
    public var bulkApprovalAbove: Int?
    /// Words beside the usual ones that mean stop.
    public var stopWords: [String]?

    /// How e-mail goes out: never the password.
    public struct Email: Sendable, Codable, Hashable, FieldsDescribed {
        /// `smtp://host:port` or `smtps://host:port`.
        public var smtp: String
        /// `Name <local@domain>`, or the address alone.
        public var from: String
        /// Where answers go; nil means to the sender.
        public var replyTo: String?
        /// Nil does not log in.
        public var username: String?
        /// `env:NAME` or `file:PATH`.
        public var password: String?
        /// `starttls`, `tls` or `none`; nil means what the address says.
        public var tls: TLS?
        /// Where people unsubscribe: `mailto:…` or `https://…`; stands in the head of marketing mail.
        public var unsubscribe: String?

        /// How the connection is secured.
        public enum TLS: String, Sendable, Codable, CaseIterable, SchemaDescribed {
            case starttls, tls, none
        }

        /// Meaning and bounds of the members.
        public static let fields: [String: Field] = [
            "smtp": Field(
                "The mail server: smtp://host:port (STARTTLS, port 587) or smtps://host:port (TLS, port 465).",
                length: 8...300, example: "smtp://mail.example.com:587"),
            "from": Field("The sender: Name <local@domain>.", length: 3...320, example: "Gym <hello@gym.example>"),
            "reply_to": Field("Where answers go, if not to the sender.", length: 3...320),
            "username": Field("The user to log in as.", length: 1...200),
            "password": Field(
                "`env:NAME` or `file:PATH` of the password; never the password itself.",
                pattern: SecretReference.pattern, example: "env:SMTP_PASSWORD"),
            "tls": Field("How the connection is secured; what the address says without it."),
            "unsubscribe": Field(
                "Where people unsubscribe, for the head of marketing mail: mailto:… or https://….", length: 8...500),
        ]
    }

    /// How SMS go out: never the token.
    public struct SMS: Sendable, Codable, Hashable, FieldsDescribed {
        /// The account at the provider.
        public var accountSid: String
        /// `env:NAME` or `file:PATH`.
        public var authToken: String
        /// The number they come from, in E.164, or a messaging service's id.
        public var from: String
        /// A compatible provider; nil means Twilio's own address.
        public var baseUrl: String?
        /// Where the provider reports what becomes of them; nil for no reports.
        public var statusCallback: String?
        /// What numbers without a country begin with, such as `+44`; nil refuses such numbers.
        public var countryCode: String?

        /// Meaning and bounds of the members.
        public static let fields: [String: Field] = [
            "account_sid": Field("The account's SID.", length: 1...100, example: "AC0123456789abcdef0123456789abcdef"),
            "auth_token": Field(
                "`env:NAME` or `file:PATH` of the token; never the token itself.", pattern: SecretReference.pattern,
                example: "env:TWILIO_AUTH_TOKEN"),
            "from": Field(
                "The number they come from, in E.164, or the SID of a messaging service.", length: 3...40,
                example: "+15550100100"),
            "base_url": Field("A compatible provider's address, in place of Twilio's.", length: 8...300),
            "status_callback": Field("Where the provider reports what becomes of them.", length: 8...500),
            "country_code": Field(
                "What numbers without a country begin with; such numbers are refused without it.", length: 2...4,
                example: "+44"),
        ]
    }

    /// Two times of day.
    public struct Hours: Sendable, Codable, Hashable, FieldsDescribed {
        /// `HH:MM`.
        public var from: String
        /// `HH:MM`; before `from`, it is the next morning.
        public var to: String

        /// Meaning and bounds of the members.
        public static let fields: [String: Field] = [
            "from": Field(
                "From when on nobody is disturbed, by the person's own clock.", length: 5...5, example: "21:00"),
            "to": Field("Until when.", length: 5...5, example: "08:00"),
        ]
    }

    /// How much somebody may get.
    public struct Cap: Sendable, Codable, Hashable, FieldsDescribed {
        /// Marketing messages in seven days, by all channels together.
        public var marketingPerWeek: Int

        /// Meaning and bounds of the members.
        public static let fields: [String: Field] = [
            "marketing_per_week": Field("Marketing messages in seven days, by all channels together.", range: 0...100)
        ]
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "email": Field("The mail server; without it e-mail rests in the outbox."),
        "sms": Field("The provider of SMS; without it SMS rest in the outbox."),
        "quiet_hours": Field("When nobody is disturbed; 21:00 to 08:00 without it, never with twice the same time."),
        "frequency_cap": Field("How much marketing somebody may get; three messages in seven days without it."),
        "bulk_approval_above": Field(
            "A bulk message to more people than this waits for approval; 25 without it.", range: 0...100_000),
        "stop_words": Field("Words beside STOP and the usual ones that mean stop.", count: 0...20, example: ["ALTO"]),
    ]
}

extension TenantMessaging {
    /// What the schema cannot say. No message repeats what may be a secret.
    func issues(at pointer: String, knowing vocabulary: TenantVocabulary) -> [FieldIssue] {
        var issues = email?.issues(at: "\(pointer)/email", knowing: vocabulary) ?? []
        issues += sms?.issues(at: "\(pointer)/sms") ?? []
        if let hours = quietHours {
            for (name, text) in [("from", hours.from), ("to", hours.to)] where QuietHours.minutes(text) == nil {
                let message = "must be a time of day such as 21:00, in quotes"
                issues.append(.init(pointer: "\(pointer)/quiet_hours/\(name)", message: message))
            }
        }
        for (index, word) in (stopWords ?? []).enumerated()
        where word.isEmpty || word.count > 30 || !word.allSatisfy(\.isLetter) {
            issues.append(.init(pointer: "\(pointer)/stop_words/\(index)", message: "must be one word of letters"))
        }
        return issues
    }

    /// The rules, with the ways out that are really there.
    public func settings(channels: Set<MessageChannel>) -> MessagingSettings {
        var settings = MessagingSettings(channels: channels)
        if let hours = quietHours { settings.quietHours = QuietHours(from: hours.from, to: hours.to) }
        if let cap = frequencyCap { settings.marketingPerWeek = cap.marketingPerWeek }
        if let limit = bulkApprovalAbove { settings.bulkApprovalAbove = limit }
        settings.stopWords = stopWords ?? []
        settings.countryCode = sms?.countryCode
        return settings
    }
}

extension TenantMessaging.Email {
    fileprivate func issues(at pointer: String, knowing vocabulary: TenantVocabulary) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        if !vocabulary.isMailServer(smtp) {
            let message = "must be smtp://host:port or smtps://host:port, without user, password and path"
            issues.append(.init(pointer: "\(pointer)/smtp", message: message))
        }
        for (name, text) in [("from", from), ("reply_to", replyTo)] {
            guard let text, !vocabulary.isMailbox(text) else { continue }
            let message = "must be an address such as Gym <hello@gym.example>"
            issues.append(.init(pointer: "\(pointer)/\(name)", message: message))
        }
        if let password, SecretReference(password) == nil {
            let message = "must be env:NAME or file:PATH; the password itself never belongs in this file"
            issues.append(.init(pointer: "\(pointer)/password", message: message))
        }
        if (username == nil) != (password == nil) {
            let message = "must have both username and password, or neither"
            issues.append(.init(pointer: pointer, message: message))
        }
        if let unsubscribe,
            !["mailto:", "https://"].contains(where: { unsubscribe.hasPrefix($0) })
                || unsubscribe.utf8.contains(where: { !(0x21...0x7E).contains($0) || "<>,".utf8.contains($0) })
        {
            issues.append(.init(pointer: "\(pointer)/unsubscribe", message: "must be a mailto: or https:// address"))
        }
        return issues
    }
}

extension TenantMessaging.SMS {
    fileprivate func issues(at pointer: String) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        let isPlain = { (byte: UInt8) in (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) }
        if !accountSid.utf8.allSatisfy(isPlain) {
            issues.append(.init(pointer: "\(pointer)/account_sid", message: "must be letters and digits"))
        }
        if SecretReference(authToken) == nil {
            let message = "must be env:NAME or file:PATH; the token itself never belongs in this file"
            issues.append(.init(pointer: "\(pointer)/auth_token", message: message))
        }
        if PhoneNumber(from)?.description != from, !(from.hasPrefix("MG") && from.utf8.allSatisfy(isPlain)) {
            let message = "must be a number such as +15550100100, or the SID of a messaging service"
            issues.append(.init(pointer: "\(pointer)/from", message: message))
        }
        for (name, text) in [("base_url", baseUrl), ("status_callback", statusCallback)] {
            guard let text, !TenantDefinition.isServerAddress(text) else { continue }
            let message = "must be an http or https address without user, password, query or fragment"
            issues.append(.init(pointer: "\(pointer)/\(name)", message: message))
        }
        let digits = countryCode?.dropFirst() ?? "1"
        if countryCode?.hasPrefix("+") == false || digits.isEmpty || digits.hasPrefix("0")
            || !digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
            issues.append(.init(pointer: "\(pointer)/country_code", message: "must be such as +44, in quotes"))
        }
        return issues
    }
}
