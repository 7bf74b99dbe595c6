/// The promises of the stores' protocols, checked on any implementation.
public enum StoreConformance {
    /// Every behaviour, in no order that matters.
    public static let behaviours: [StoreBehaviour] =
        organizations + tokens + receipts + agents + agentLimits + conversations + executions + events + gym + isolation
}
