/// A hint from one process to all: something may have changed, so look.
///
/// Signals may come twice, late or not at all. Whoever heeds them looks by itself as well, now and then.
public enum Signal: Sendable, Hashable {
    /// An organisation's log has grown.
    case events(OrganizationID)
    /// There may be work to claim.
    case work
    /// Somebody wants something of an execution, such as its end.
    case control(ExecutionID)
    /// A schedule may fire earlier than was known.
    case schedules

    /// What a signal is about; subscribers choose by it.
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// `Signal.events`.
        case events
        /// `Signal.work`.
        case work
        /// `Signal.control`.
        case control
        /// `Signal.schedules`.
        case schedules
    }

    /// What it is about.
    public var kind: Kind {
        switch self {
        case .events: .events
        case .work: .work
        case .control: .control
        case .schedules: .schedules
        }
    }
}
