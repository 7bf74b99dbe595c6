/// JSON pointers (RFC 6901), as the domain's issues use them.
enum JSONPointer {
    /// The names and positions that a pointer leads through, none for the whole value.
    static func names(in pointer: String) -> [String] {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(unescape)
    }

    private static func unescape(_ token: Substring) -> String {
        guard token.contains("~") else { return String(token) }
        // `~1` first, so that `~01` becomes `~1` and not `/`.
        return token.split(separator: "~1", omittingEmptySubsequences: false)
            .map { $0.split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~") }
            .joined(separator: "/")
    }
}
