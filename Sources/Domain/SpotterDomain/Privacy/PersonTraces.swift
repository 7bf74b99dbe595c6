import Foundation

/// Whom a request for one's data, or for being forgotten, is about: how he may be written of.
public struct PersonTraces: Sendable, Hashable {
    /// As they stand in the gym's records.
    public let names: [String]
    /// E-mail addresses.
    public let emails: [String]
    /// Telephone numbers.
    public let phones: [String]

    /// Traces of one person; empty ones count for nothing.
    public init(names: [String], emails: [String], phones: [String]) {
        func tidy(_ texts: [String]) -> [String] {
            Set(texts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }).sorted()
        }
        self.names = tidy(names)
        self.emails = tidy(emails)
        self.phones = tidy(phones)
    }

    /// What matches a name or an address, in PostgreSQL's regular expressions; without regard to case, and with any blanks
    /// between the parts of a name. Never empty: where there is nothing to look for, it matches nothing.
    public var words: String {
        let names = names.map { name in name.split(whereSeparator: \.isWhitespace).map(Self.escaped) }
        // A single short word would be found in half of all texts.
        let wanted = names.filter { $0.count > 1 || ($0.first?.count ?? 0) > 3 }.map { $0.joined(separator: "\\s+") }
        let all = emails.map(Self.escaped) + wanted
        // JSON writes some characters with a backslash before them.
        return all.isEmpty ? Self.nothing : all.map { "\\m\($0)\\M" }.joined(separator: "|")
    }

    /// What matches a number however its digits are set apart, with its country's code or without.
    public var numbers: String {
        let digits = phones.map { $0.filter(\.isASCIIDigit) }.filter { $0.count >= 7 }
        let all = Set(digits.map { $0.suffix(9) }).sorted()
        guard !all.isEmpty else { return Self.nothing }
        let apart = "[-./() ]{0,2}"
        let patterns = all.map { $0.map(String.init).joined(separator: apart) }.joined(separator: "|")
        return "(?<![0-9])(?:[0-9]\(apart)){0,5}(?:\(patterns))(?![0-9])"
    }

    /// Matches no text.
    private static let nothing = "\\Zx"

    private static func escaped(_ text: some StringProtocol) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            let isPlain = scalar.properties.isAlphabetic || scalar.isASCIIDigit || scalar.value > 0x7F
            if !isPlain { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

extension Unicode.Scalar {
    fileprivate var isASCIIDigit: Bool { (0x30...0x39).contains(value) }
}

extension PersonTraces {
    /// What is looked for byte by byte.
    public var texts: [String] { emails + names.filter { $0.contains(where: \.isWhitespace) || $0.count > 3 } }

    /// The single words of names, addresses and numbers, as a search index has them.
    public var parts: [String] {
        let words = (names + emails).flatMap { text in
            text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        }
        let digits =
            phones.map { $0.filter(\.isASCIIDigit) }
            + phones.flatMap { phone in
                phone.split { !$0.isASCIIDigit }.map(String.init)
            }
        return Set(words + emails.map { $0.lowercased() } + digits).filter { !$0.isEmpty }.sorted()
    }
}

/// A person with everything by which he is known.
public struct PrivacyPerson: Sendable, Hashable {
    /// His records as a member.
    public var clients: [ClientID]
    /// His records as somebody who may become one.
    public var leads: [LeadID]
    /// How he may be written of.
    public var traces: PersonTraces

    /// A person.
    public init(clients: [ClientID], leads: [LeadID], traces: PersonTraces) {
        self.clients = clients
        self.leads = leads
        self.traces = traces
    }
}

/// How many rows of a table are about a person, or name him.
public struct PrivacyFinding: Sendable, Hashable, Codable {
    /// The table.
    public let table: String
    /// Rows.
    public let rows: Int

    /// A finding.
    public init(table: String, rows: Int) {
        self.table = table
        self.rows = rows
    }
}
