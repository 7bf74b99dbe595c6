/// A secret in clear: a key or a token of another service. It shows itself to nobody who prints or dumps it.
public struct SecretValue: Sendable, Equatable {
    /// How many characters one may have. Shorter ones are not told apart from ordinary words in a log.
    public static let length = 8...4_096

    /// The secret itself, for the one header or call that needs it.
    public let text: String

    /// Takes a key as it was typed, piped or read from a file: a line feed at its end is dropped.
    ///
    /// - Throws: `SpotterError` with code `.invalid` for what cannot be a key; it never repeats any of it.
    public init(_ text: String) throws {
        var key = text
        if key.hasSuffix("\r\n") || key.hasSuffix("\n") { key.removeLast() }
        guard !key.isEmpty else { throw Self.refusal("is empty") }
        // Visible ASCII alone: a blank or a line break inside would let a key write headers of its own.
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Self.refusal("must be one word of ASCII, without blanks, line breaks and control characters")
        }
        guard Self.length.contains(key.utf8.count) else {
            let (least, most) = (Self.length.lowerBound, Self.length.upperBound)
            throw Self.refusal("must have \(least) to \(most) characters, not \(key.utf8.count)")
        }
        self.text = key
    }

    /// The last four characters, by which a person knows it again; nil where they would be too much of it.
    public var hint: String? { text.utf8.count >= 20 ? String(text.suffix(4)) : nil }

    private static func refusal(_ why: String) -> SpotterError { .invalid("value", why) }
}

extension SecretValue: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Not the secret.
    public var description: String { "[secret]" }
    /// Not the secret either.
    public var debugDescription: String { description }
    /// No members: `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
