/// How far an execution is.
public enum ExecutionState: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case queued, running, waiting, paused, completed, failed, cancelled

    /// Nothing changes a terminal execution any more.
    public var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
}

/// What somebody may ask of an execution that has not ended.
public enum ControlRequest: String, Sendable, Codable, CaseIterable {
    /// Stop after the step in progress, and wait until told to go on.
    case pause
    /// End, and everything it began.
    case cancel
}
