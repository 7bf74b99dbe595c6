/// What a secret of an organisation is for: a kind and a name, such as `provider:openai`.
public struct SecretName: Sendable, Hashable {
    /// Lowercase letters, `:`, and up to 64 of `a–z`, `0–9`, `.`, `_` and `-`.
    public let rawValue: String

    /// Nil for text of any other form.
    public init?(_ text: String) {
        guard text.utf8.count <= 96, text.wholeMatch(of: /[a-z]{1,31}:[a-z0-9][a-z0-9._\-]{0,63}/) != nil else {
            return nil
        }
        rawValue = text
    }

    /// The key for a provider of models. Nil for a name that no provider can have.
    public static func provider(_ name: String) -> SecretName? { SecretName("provider:\(name)") }
}

extension SecretName: Comparable, CustomStringConvertible {
    /// As `rawValue`.
    public var description: String { rawValue }
    /// By the bytes.
    public static func < (left: SecretName, right: SecretName) -> Bool { left.rawValue < right.rawValue }
}
