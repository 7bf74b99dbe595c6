/// Where a secret is to be found: never the secret itself, so that it can be shown, reviewed and committed.
public enum SecretReference: Sendable, Hashable {
    /// `env:NAME`: an environment variable.
    case environment(String)
    /// `file:PATH`: a file that holds nothing else.
    case file(String)

    /// JSON Schema's form of the two spellings.
    public static let pattern = "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"

    /// Reads `env:NAME` or `file:PATH`; nil for anything else, which may be a secret and is not to be repeated.
    public init?(_ text: String) {
        if text.hasPrefix("env:") {
            let name = String(text.dropFirst(4))
            guard Self.isVariable(name) else { return nil }
            self = .environment(name)
        } else if text.hasPrefix("file:") {
            let path = String(text.dropFirst(5))
            let hasControls = path.utf8.contains { $0 < 0x20 }
            guard !path.isEmpty, path.utf8.count <= 4_096, !hasControls else { return nil }
            self = .file(path)
        } else {
            return nil
        }
    }

    /// POSIX: letters, digits and underscores, no digit first.
    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 255 else { return false }
        let isDigit = { (byte: UInt8) in ("0"..."9").contains(Unicode.Scalar(byte)) }
        return !isDigit(first)
            && name.utf8.allSatisfy { byte in
                isDigit(byte) || byte == UInt8(ascii: "_") || ("a"..."z").contains(Unicode.Scalar(byte | 0x20))
            }
    }
}

extension SecretReference: CustomStringConvertible {
    /// As it stands in a file: `env:NAME` or `file:PATH`.
    public var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }
}
