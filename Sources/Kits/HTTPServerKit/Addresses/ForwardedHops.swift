/// Reads what proxies write of where a request came from. Nothing of it is to be believed but what a known proxy wrote.
public enum ForwardedHops {
    /// The most hops that are looked at, the last ones: nobody has more proxies.
    public static let most = 64

    /// The addresses in fields of `X-Forwarded-For`, in their order; nil for what is no address.
    public static func xForwardedFor(_ fields: [String]) -> [NetworkAddress?] {
        fields.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.suffix(most)
            .map { address(of: trimmed($0)) }
    }

    /// The addresses that fields of `Forwarded` give for `for` (RFC 7239), in their order; nil for what is no address, or
    /// does not say.
    public static func forwarded(_ fields: [String]) -> [NetworkAddress?] {
        fields.flatMap { pieces(of: $0, at: UInt8(ascii: ",")) }.suffix(most).map { element in
            var found: NetworkAddress?
            for pair in pieces(of: element, at: UInt8(ascii: ";")) {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, trimmed(parts[0]).lowercased() == "for" else { continue }
                // Said twice, it says nothing.
                guard found == nil else { return nil }
                guard let value = unquoted(trimmed(parts[1])), let address = address(of: Substring(value)) else {
                    return nil
                }
                found = address
            }
            return found
        }
    }

    /// An address with or without a port: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`,
    /// `[2001:db8::1]:4711`.
    static func address(of node: Substring) -> NetworkAddress? {
        if node.hasPrefix("[") {
            guard let end = node.firstIndex(of: "]") else { return nil }
            let inner = node[node.index(after: node.startIndex)..<end]
            let rest = node[node.index(after: end)...]
            // In brackets stands an IPv6 address and nothing else.
            guard inner.contains(":"), rest.isEmpty || rest.hasPrefix(":") && isPort(rest.dropFirst()) else {
                return nil
            }
            return NetworkAddress(inner)
        }
        let parts = node.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return NetworkAddress(node) }
        return isPort(parts[1]) ? NetworkAddress(parts[0]) : nil
    }

    /// Also what stands for a port that shall not be known, such as `_hidden` (RFC 7239, 6).
    private static func isPort(_ text: Substring) -> Bool {
        if text.hasPrefix("_") { return text.utf8.count > 1 }
        return (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// What is between the separators that stand outside of quotes.
    private static func pieces(of text: some StringProtocol, at separator: UInt8) -> [Substring] {
        var (pieces, piece): ([Substring], [UInt8]) = ([], [])
        var (isQuoted, isEscaped) = (false, false)
        for byte in text.utf8 {
            if byte == separator, !isQuoted {
                pieces.append(Substring(decoding: piece, as: UTF8.self))
                piece = []
                continue
            }
            piece.append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), isQuoted {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            }
        }
        return pieces + [Substring(decoding: piece, as: UTF8.self)]
    }

    /// The content of a quoted string, or the text as it is; nil for quotes that do not fit.
    private static func unquoted(_ text: Substring) -> String? {
        guard text.hasPrefix("\"") else { return text.contains("\"") ? nil : String(text) }
        guard text.utf8.count >= 2, text.hasSuffix("\"") else { return nil }
        var content = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if !isEscaped, character == "\\" {
                isEscaped = true
                continue
            }
            if !isEscaped, character == "\"" { return nil }
            content.append(character)
            isEscaped = false
        }
        return isEscaped ? nil : content
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
