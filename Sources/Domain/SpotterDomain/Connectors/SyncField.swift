/// Something that a member or a lead and a CRM's contact both have. Every value is text.
public struct SyncField: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Such as `email`, or `custom.membership`.
    public let name: String

    private init(_ name: String) { self.name = name }

    /// First and last name.
    public static let name = SyncField("name")
    /// The e-mail address.
    public static let email = SyncField("email")
    /// The phone number.
    public static let phone = SyncField("phone")
    /// Labels, one a line.
    public static let tags = SyncField("tags")
    /// How far a lead has come: its status.
    public static let status = SyncField("status")
    /// `true` where no messages by this channel are wanted.
    public static func blocked(_ channel: MessageChannel) -> SyncField { SyncField("blocked.\(channel.rawValue)") }
    /// An entry of the record's metadata.
    public static func custom(_ key: String) -> SyncField { SyncField("custom.\(key)") }

    /// The channel, of a refusal of messages.
    public var channel: MessageChannel? { MessageChannel.allCases.first { self == .blocked($0) } }
    /// The entry, of metadata.
    public var customKey: String? { name.hasPrefix("custom.") ? String(name.dropFirst(7)) : nil }

    /// By name.
    public static func < (left: SyncField, right: SyncField) -> Bool { left.name < right.name }
    /// The name.
    public var description: String { name }
}

/// What one side has. A field that is missing is empty.
public typealias SyncValues = [SyncField: String]

/// How values are compared: what means the same is the same, however each side writes it.
public struct SyncCanon: Sendable, Hashable {
    /// What numbers without a country begin with.
    public let countryCode: String?

    /// - Parameter countryCode: such as `+44`.
    public init(countryCode: String? = nil) { self.countryCode = countryCode }

    /// The form that is compared.
    public func canonical(_ value: String?, _ field: SyncField) -> String {
        let value = value ?? ""
        switch field {
        case .email: return value.trimmedWords.lowercased()
        case .phone:
            if let number = PhoneNumber(value, countryCode: countryCode) { return number.description }
            return FoldedText.digits(value)
        case .tags: return Self.tags(value).map { $0.lowercased() }.sorted().joined(separator: "\n")
        default: return value.trimmedWords
        }
    }

    /// A mark of a value: the same for values that mean the same, and all that is kept of them.
    public func mark(_ value: String?, _ field: SyncField) -> String {
        // FNV-1a, 64 bits: it tells changes, and keeps no secret.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in canonical(value, field).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }

    /// Labels, each once.
    public static func tags(_ value: String) -> [String] {
        var seen: Set<String> = []
        return value.split(separator: "\n").map { String($0).trimmedWords }.filter {
            !$0.isEmpty && seen.insert($0.lowercased()).inserted
        }
    }
}

extension String {
    /// Without white space around it, and with single spaces between its words.
    fileprivate var trimmedWords: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
