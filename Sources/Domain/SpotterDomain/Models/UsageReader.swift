/// Reads what a provider sent of a call's usage, so that a bill can be worked out again from that alone.
public protocol UsageReader: Sendable {
    /// The usage in Spotter's own terms; nil where nothing is known of how that provider counts.
    func usage(in raw: JSONValue, of provider: String) -> TokenUsage?
}
