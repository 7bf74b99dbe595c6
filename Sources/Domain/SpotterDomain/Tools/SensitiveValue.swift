public import Foundation

/// What a member of a tool's arguments decides.
public enum ArgumentRole: String, Sendable, Codable, CaseIterable {
    /// Who gets it: an e-mail address or a telephone number, or a list of them.
    case recipient
    /// The server that is spoken to: a host name.
    case host
    /// How much money: a number, a decimal string, or an object with an `amount`.
    case amount
    /// How many people are reached: a number, or a list that is counted.
    case audience
}

/// One thing that a call's arguments say of whom it reaches, or of how much.
public struct SensitiveValue: Sendable, Hashable {
    /// What it decides.
    public let role: ArgumentRole
    /// The member that says it.
    public let argument: String
    /// As the arguments have it.
    public let text: String
    /// Its number, of amounts and audiences; nil where it is none.
    public let number: Decimal?

    /// A value.
    public init(_ role: ArgumentRole, argument: String, text: String, number: Decimal? = nil) {
        self.role = role
        self.argument = argument
        self.text = text
        self.number = number
    }

    /// What a member says; one value for each element of a list of recipients. What cannot be read as its role has it is
    /// kept as its text: nobody has named it, and no limit holds for it.
    public static func values(_ role: ArgumentRole, of value: JSONValue, named name: String) -> [SensitiveValue] {
        if value.isNull { return [] }
        if let list = value.array {
            if role == .audience {
                return [SensitiveValue(role, argument: name, text: "\(list.count)", number: Decimal(list.count))]
            }
            return list.flatMap { values(role, of: $0, named: name) }
        }
        switch role {
        case .recipient, .host:
            return [SensitiveValue(role, argument: name, text: value.string ?? value.description)]
        case .amount:
            let amount = value["amount"] ?? value
            let text = amount.string ?? amount.description
            return [SensitiveValue(role, argument: name, text: text, number: number(text))]
        case .audience:
            let text = value.string ?? value.description
            return [SensitiveValue(role, argument: name, text: text, number: number(text))]
        }
    }

    /// The part of an address behind its last `@`, in lower case; nil for what is no e-mail address.
    public var domain: String? {
        guard role == .recipient, let at = text.lastIndex(of: "@") else { return nil }
        let domain = text[text.index(after: at)...].prefix { $0 != ">" }
        return domain.isEmpty ? nil : domain.lowercased().trimmingCharacters(in: .whitespaces)
    }

    /// A plain decimal number; nil for anything else. Foundation alone would read `1x` as 1.
    static func number(_ text: String) -> Decimal? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, digits.utf8.count <= 30,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        return Decimal(string: text, locale: Locale(identifier: "en_US_POSIX"))
    }
}
