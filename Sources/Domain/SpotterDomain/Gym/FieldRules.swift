import Foundation

/// Rules of members that many kinds of records share: each gives what is wrong, for a field's error, or nil.
enum FieldRules {
    /// The most characters of an e-mail address (RFC 5321).
    static let longestEmail = 254

    static func name(_ name: String, at pointer: String = "/name") -> FieldIssue? {
        DisplayName.problem(with: name).map { FieldIssue(pointer: pointer, message: $0) }
    }

    /// An address that mail can be sent to: something, an at sign, and a host name of at least two labels.
    static func email(_ email: String?, at pointer: String = "/email") -> FieldIssue? {
        guard let email, !isEmail(email) else { return nil }
        return FieldIssue(pointer: pointer, message: "must be an e-mail address such as anna@example.com")
    }

    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= longestEmail else { return false }
        let (mailbox, host) = (parts[0], parts[1])
        guard (1...64).contains(mailbox.utf8.count), !mailbox.hasPrefix("."), !mailbox.hasSuffix("."),
            !mailbox.contains(".."), mailbox.unicodeScalars.allSatisfy(isOfMailbox)
        else { return false }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy(isLabel)
    }

    private static func isOfMailbox(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 {
            return scalar.value > 0x20 && scalar.value < 0x7F && !"\"(),:;<>[\\]".contains(Character(scalar))
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.unicodeScalars.allSatisfy {
                $0 == "-" || ("0"..."9").contains($0) || $0.properties.isAlphabetic
            }
    }

    /// A number as people write it: digits with what stands between them, perhaps an extension.
    static func phone(_ phone: String?, at pointer: String = "/phone") -> FieldIssue? {
        guard let phone else { return nil }
        let isKnown = phone.unicodeScalars.allSatisfy { "0123456789+-()./ x#".unicodeScalars.contains($0) }
        let digits = FoldedText.digits(phone).count
        guard isKnown, (3...20).contains(digits), phone.first != " ", phone.last != " " else {
            let message = "must be a phone number of 3 to 20 digits such as +44 20 7946 0018"
            return FieldIssue(pointer: pointer, message: message)
        }
        return nil
    }

    static func zone(_ zone: String?, at pointer: String = "/timezone") -> FieldIssue? {
        guard let zone, ZoneName.zone(zone) == nil else { return nil }
        return FieldIssue(pointer: pointer, message: ZoneName.problem(with: zone))
    }

    /// An amount that a table holds: not negative, at most twelve digits before the point and four behind.
    static func amount(_ money: Money, at pointer: String, mayBeNothing: Bool = true) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        if money.amount < 0 || (money.amount == 0 && !mayBeNothing) {
            let message = mayBeNothing ? "must not be negative" : "must be more than 0"
            issues.append(FieldIssue(pointer: pointer + "/amount", message: message))
        }
        if money.amount >= 1_000_000_000_000 || money.amount.rounded(to: 4) != money.amount {
            let message = "must have at most 12 digits before the point and 4 behind"
            issues.append(FieldIssue(pointer: pointer + "/amount", message: message))
        }
        if !isCurrency(money.currency) {
            let message = "must be an ISO 4217 code such as EUR"
            issues.append(FieldIssue(pointer: pointer + "/currency", message: message))
        }
        return issues
    }

    /// A new amount can be paid: it has no more digits behind the point than its currency.
    static func minorUnits(_ money: Money, _ old: Money?, at pointer: String = "/amount") throws {
        guard money != old else { return }
        let digits = MinorUnit.digits(of: money.currency)
        guard money.amount.rounded(to: digits) != money.amount else { return }
        let most = digits == 0 ? "no digits" : "at most \(digits) digits"
        throw SpotterError.invalid(pointer + "/amount", "must have \(most) behind the point in \(money.currency)")
    }

    /// Takes away what is said in one status alone, and is left over from it.
    ///
    /// - Throws: `invalid` where it was said just now: it would be lost.
    static func clear<Value: Equatable>(
        _ value: inout Value?, _ old: Value?, unless status: String, at pointer: String
    ) throws {
        guard value == nil || value == old else {
            throw SpotterError.invalid(pointer, "can be given only together with the status `\(status)`")
        }
        value = nil
    }

    /// The same of times, to the millisecond: that is what JSON says of them.
    static func clear(_ value: inout Date?, _ old: Date?, unless status: String, at pointer: String) throws {
        var text = value.map(Timestamp.string)
        try clear(&text, old.map(Timestamp.string), unless: status, at: pointer)
        value = nil
    }

    static func isCurrency(_ text: String) -> Bool {
        text.utf8.count == 3 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    static func address(_ url: String?, at pointer: String) -> FieldIssue? {
        guard let url else { return nil }
        let parts = URLComponents(string: url)
        guard let host = parts?.host, !host.isEmpty, ["http", "https"].contains(parts?.scheme?.lowercased()) else {
            return FieldIssue(pointer: pointer, message: "must be an http or https address")
        }
        return nil
    }

    /// Labels: each of 1 to 64 characters, none twice.
    static func tags(_ tags: [String], at pointer: String = "/tags") -> [FieldIssue] {
        var seen: Set<String> = []
        return tags.enumerated().compactMap { index, tag in
            let problem =
                tag.unicodeScalars.count > 64
                ? "must have at most 64 characters"
                : DisplayName.problem(with: tag) ?? (seen.insert(tag).inserted ? nil : "stands there twice")
            return problem.map { FieldIssue(pointer: "\(pointer)/\(index)", message: $0) }
        }
    }

    static func order(_ start: Date, _ end: Date, at pointer: String = "/ends_at") -> FieldIssue? {
        end > start ? nil : FieldIssue(pointer: pointer, message: "must be later than starts_at")
    }

    /// Where exactly one of two people has to be named.
    static func person(_ client: ClientID?, _ lead: LeadID?) -> FieldIssue? {
        switch (client, lead) {
        case (nil, nil): FieldIssue(pointer: "/client_id", message: "is required unless lead_id is given")
        case (.some, .some): FieldIssue(pointer: "/lead_id", message: "cannot be given together with client_id")
        default: nil
        }
    }

    /// What must stay as it was, to the millisecond: that is what JSON says of times.
    static func constant(_ value: Date, _ old: Date?, at pointer: String) throws {
        try constant(Timestamp.string(from: value), old.map(Timestamp.string), at: pointer)
    }

    /// What must stay as it was.
    static func constant<Value: Equatable>(_ value: Value, _ old: Value?, at pointer: String) throws {
        guard let old, old != value else { return }
        throw SpotterError.invalid(pointer, "cannot be changed")
    }
}

extension Decimal {
    /// The nearest number with so many digits behind the point; halves go away from zero.
    func rounded(to places: Int) -> Decimal {
        var (value, result) = (self, Decimal())
        NSDecimalRound(&result, &value, places, .plain)
        return result
    }
}
