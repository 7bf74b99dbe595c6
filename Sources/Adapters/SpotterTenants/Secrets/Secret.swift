/// A secret in memory. It shows itself to nobody who prints or dumps it.
public struct Secret: Sendable {
    /// The secret itself, for the one header or call that needs it.
    public let value: String
    /// What an operator should mend, such as a file that others may read; nil when all is well. Never holds the secret.
    public let warning: String?

    init(value: String, warning: String? = nil) {
        self.value = value
        self.warning = warning
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Not the secret.
    public var description: String { "[secret]" }
    /// Not the secret either.
    public var debugDescription: String { description }
    /// No members: `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
