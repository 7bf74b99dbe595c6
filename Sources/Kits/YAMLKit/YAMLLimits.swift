/// How much a YAML text may ask for. Whatever goes beyond is refused, with the place where it does.
public struct YAMLLimits: Sendable {
    /// The longest text, in bytes.
    public let maximumBytes: Int
    /// The deepest nesting; a lone scalar is one level.
    public let maximumDepth: Int
    /// The most values and keys, each alias counted as what it stands for.
    public let maximumNodes: Int
    /// The most bytes of scalar text, each alias counted as what it stands for.
    public let maximumText: Int

    /// 1 MiB, 64 levels, 100,000 values and 4 MiB of text unless said otherwise.
    ///
    /// Values below 1 count as 1; more than 256 levels are never allowed, since the tree is built and freed by
    /// recursion.
    public init(
        maximumBytes: Int = 1 << 20, maximumDepth: Int = 64, maximumNodes: Int = 100_000, maximumText: Int = 4 << 20
    ) {
        self.maximumBytes = max(1, maximumBytes)
        self.maximumDepth = min(max(1, maximumDepth), 256)
        self.maximumNodes = max(1, maximumNodes)
        self.maximumText = max(1, maximumText)
    }
}
