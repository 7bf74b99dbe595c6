/// An e-mail address as it stands in an SMTP envelope: RFC 5321's dot-string and domain, in ASCII.
///
/// Narrower than the RFC on purpose: no quoted local part, no address literal, no comment, no source route; a domain
/// has at least two labels, unless it is `localhost`. What is left is every address that people have, and nothing that
/// two programs could read in two ways.
public struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no address; never repeats the text.
    public enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// Longer than SMTP allows (RFC 5321 §4.5.3.1).
        case tooLong
        /// A character that is not ASCII: a server would need SMTPUTF8, which many do not have.
        case notASCII
        /// No `@`, or more than one.
        case at
        /// What stands before the `@`.
        case localPart
        /// What stands behind the `@`.
        case domain

        /// What is wrong, in words that read on from "the address".
        public var description: String {
            switch self {
            case .tooLong: "is longer than 254 bytes, or 64 before the @"
            case .notASCII: "holds a character that is not ASCII"
            case .at: "must have one @"
            case .localPart: "must have letters, digits or single dots before the @"
            case .domain: "must have a domain such as example.com behind the @"
            }
        }
    }

    /// What stands before the `@`, as it was written.
    public let localPart: String
    /// What stands behind the `@`, in lower case.
    public let domain: String

    /// `local@domain`.
    public var description: String { "\(localPart)@\(domain)" }

    /// Reads an address; spaces around it are not part of it and are refused.
    public init(_ text: String) throws(Problem) {
        guard text.utf8.count <= 254 else { throw .tooLong }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { throw .notASCII }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .at }
        guard parts[0].utf8.count <= 64 else { throw .tooLong }
        guard Self.isDotString(parts[0]) else { throw .localPart }
        let domain = parts[1].lowercased()
        guard Self.isDomain(domain) else { throw .domain }
        localPart = String(parts[0])
        self.domain = domain
    }

    private static func isDotString(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.utf8.allSatisfy(isAtomByte)
        }
    }

    /// `atext` of RFC 5322 §3.2.3.
    static func isAtomByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }

    private static func isDomain(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2 || text == "localhost", labels.allSatisfy(isLabel) else { return false }
        // A name whose last label is a number is an IPv4 address to many programs.
        return !(labels.last ?? "").utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}

/// An address with the name that mail programs show.
public struct Mailbox: Sendable, Hashable {
    /// Nil shows the address alone.
    public var name: String?
    /// Where mail goes.
    public var address: EmailAddress

    /// An address, with a name or without.
    public init(_ address: EmailAddress, name: String? = nil) {
        self.name = name
        self.address = address
    }

    /// Reads `Name <local@domain>` or `local@domain`.
    ///
    /// - Throws: what is wrong with the address. A name is taken as it is; a message refuses one that it cannot hold.
    public init(_ text: String) throws(EmailAddress.Problem) {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            self.init(try EmailAddress(text))
            return
        }
        let inner = text[text.index(after: open)...].dropLast()
        var name = text[..<open]
        while name.last == " " { name.removeLast() }
        while name.first == " " { name.removeFirst() }
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = name.dropFirst().dropLast() }
        self.init(try EmailAddress(String(inner)), name: name.isEmpty ? nil : String(name))
    }
}
