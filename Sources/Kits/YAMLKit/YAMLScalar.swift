/// What a scalar means by the core schema of YAML 1.2.
public enum YAMLScalar: Equatable, Sendable {
    /// `null`, `~` or nothing at all.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number of 64 bits.
    case int(Int)
    /// A number with a fraction or an exponent; also `.inf` and `.nan`.
    case float(Double)
    /// Everything else, and everything in quotes.
    case string(String)
}
